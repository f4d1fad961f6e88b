internal import VaultAPI

/// All calls, and the way from a method and a path to one of them.
package struct RouteTable: Sendable {
    /// What the server answers to.
    package static let routes: [Route] =
        access + enrolment + sealing + keys + rotation + issuers + usage + audit + auditChain
    package static let standard = RouteTable(routes)

    /// The routes by the second segment of their templates, which is never a parameter.
    private let bySubject: [Substring: [(template: PathTemplate, route: Route)]]
    /// The routes whose templates have no parameters, by path: these paths need no taking apart.
    private let exact: [String: [Route]]
    /// The call that is made most, whose path needs none either.
    private let value: Route?
    private static let valuePrefix = "/v1/values/"

    init(_ routes: [Route]) {
        var bySubject: [Substring: [(template: PathTemplate, route: Route)]] = [:]
        for route in routes {
            let template = PathTemplate(route.template)
            bySubject[template.subject, default: []].append((template, route))
        }
        self.bySubject = bySubject
        exact = Dictionary(grouping: routes.filter { !$0.template.utf8.contains(UInt8(ascii: "{")) }, by: \.template)
        value = routes.first { $0.operation == .retrieveValue && $0.template == Self.valuePrefix + "{path}" }
    }

    /// A route and what stood in its braces.
    package struct Match: Sendable {
        package var route: Route
        package var parameters: [String: String]
    }

    /// Finds the route of a path that ``RequestTarget`` has let through. `HEAD` takes that of `GET` (RFC 9110, section
    /// 9.3.2), but for values: whoever asks for one counts as having fetched it, which one who got none has not.
    ///
    /// - Throws: ``Refusal``: `not_found` where no call has the path, `unsupported_method` where none has the method.
    package func match(_ method: String, _ path: String) throws(Refusal) -> Match {
        if let value, method == value.method, path.utf8.starts(with: Self.valuePrefix.utf8),
            path.utf8.count > Self.valuePrefix.utf8.count, !path.utf8.contains(UInt8(ascii: ":"))
        {
            return Match(route: value, parameters: ["path": String(path.dropFirst(Self.valuePrefix.utf8.count))])
        }
        if let route = exact[path]?.first(where: { $0.method == method }) {
            return Match(route: route, parameters: [:])
        }
        let parts = PathTemplate.Parts(path)
        var methods: Set<String> = []
        var get: Match?
        for (template, route) in bySubject[parts.subject] ?? [] {
            guard let parameters = template.match(parts) else { continue }
            if route.method == method { return Match(route: route, parameters: parameters) }
            if route.method == "GET" { get = get ?? Match(route: route, parameters: parameters) }
            methods.insert(route.method)
        }
        if let get, get.route.operation != .retrieveValue {
            if method == "HEAD" { return get }
            methods.insert("HEAD")
        }
        guard !methods.isEmpty else { throw Refusal(.notFound, "there is no such call; see GET /v1/openapi.json") }
        let allow = methods.sorted()
        guard method != "HEAD" || get == nil else {
            throw Refusal(
                .unsupportedMethod,
                "HEAD would count as having fetched the value; ask with GET, and If-None-Match where you have one",
                allow: allow)
        }
        throw Refusal(
            .unsupportedMethod, "this path takes \(allow.joined(separator: ", "))", allow: allow)
    }
}
