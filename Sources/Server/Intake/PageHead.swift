internal import Console
internal import NIOHTTP1
internal import Vault
internal import VaultAPI

/// What a page of the console needs of a request's head.
struct PageHead: Sendable {
    var path: String
    /// Still encoded.
    var query: String?
    var host: String
    var isTLS: Bool
    /// Of the browser: where the request comes from.
    var origin: String?
    var site: String?
    var cookies: [String]
    /// Of `If-None-Match`.
    var etags: [String]

    /// Whether a request is for the console: its addresses, and `/` from who wants a page.
    static func isAddress(_ head: HTTPRequestHead) -> Bool {
        if head.uri == "/" {
            return [.GET, .HEAD].contains(head.method)
                && head.headers["Accept"].contains { $0.lowercased().contains("text/html") }
        }
        guard head.uri.hasPrefix(root) else { return false }
        let next = head.uri.utf8.dropFirst(root.utf8.count).first
        return next == nil || next == UInt8(ascii: "/") || next == UInt8(ascii: "?")
    }

    private static let root = "/console"

    /// The target as the console knows it: people write a slash at the end.
    static func target(_ head: HTTPRequestHead) -> String {
        head.uri == "/" || head.uri == root + "/" ? root : head.uri
    }
}

extension Intake {
    /// Reads the head of a request for a page. What it presents as an API's client counts for nothing: somebody who may
    /// send a browser's requests is not to lend it a credential, nor the user of the socket that they come through.
    func admit(
        page head: HTTPRequestHead, _ pages: RouteTable, peer: Peer, doorway: Doorway, _ requester: inout Requester,
        _ route: inout Route?
    ) throws(Refusal) -> Admission {
        let host = try Self.host(head, doorway)
        let target = try RequestTarget(checking: PageHead.target(head))
        let match = try pages.match(head.method.rawValue, target.path)
        route = match.route
        requester.route = match.route.name
        var headers = head.headers
        headers.remove(name: "Authorization")
        headers.remove(name: "X-API-Key")
        let asker = try rules.asker(headers, peer: peer, door: doorway.door)
        requester.place(asker, on: peer)
        var etags: [String] = []
        if let given = head.headers.first(name: "If-None-Match"),
            case .these(let tags)? = try? EntityTags(parsing: given, header: "If-None-Match")
        {
            etags = tags
        }
        let read = Admission.Head(
            route: match.route, parameters: match.parameters, query: try Query(parsing: nil, knowing: []),
            framing: try BodyFraming(head, limit: match.route.body.limit), isForm: Self.isForm(head),
            // What came in a form may be a secret: no connection outlives one.
            keepsAlive: Self.keepsAlive(head) && match.route.body == .none,
            page: PageHead(
                path: target.path, query: target.query, host: host, isTLS: doorway.names.isTLS,
                origin: head.headers.first(name: "Origin"), site: head.headers.first(name: "Sec-Fetch-Site"),
                cookies: head.headers["Cookie"], etags: etags))
        return Admission(read, from: requester)
    }

    /// The host that the browser names: one of the listener's own, or one beneath `localhost` where they live whose
    /// sessions need a name that no other server on this host has. A local socket is reached through something that
    /// forwards to it, at a port of its own.
    private static func host(_ head: HTTPRequestHead, _ doorway: Doorway) throws(Refusal) -> String {
        guard let host = head.headers.first(name: "Host") else {
            throw Refusal(.malformed, "a request names its host in a Host header", field: "Host")
        }
        if doorway.names.contains(host) { return host }
        // With TLS nobody is given a label.
        let base = doorway.names.isTLS ? host : Console.base(ofLabel: host) ?? host
        if doorway.door == .network ? doorway.names.contains(base) : isLoopback(base) { return host }
        throw Refusal(
            .hostRefused, "the Host header names another server; names are allowed by the setting `allowed_hosts`",
            field: "Host")
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        let port = host.dropFirst(name.count)
        guard port.isEmpty || port.first == ":" && port.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return false }
        return ["localhost", "127.0.0.1", "[::1]"].contains(name.lowercased())
    }
}
