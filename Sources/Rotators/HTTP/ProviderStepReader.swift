internal import Outbound
internal import StrictYAML

/// What templates of a file may name.
struct ProviderScope {
    let fields: [String]
    let credential: [String]
    let settings: [ProviderFile.Setting]
    let dates: [String]

    /// - Parameter step: `create`, `test`, `retire` or `list`.
    /// - Returns: what would be right, or nil where the name may stand there.
    func fault(of name: TemplateName, in step: String) -> String? {
        switch name {
        case .current(let field):
            fields.contains(field) ? nil : "the fields are \(fields.joined(separator: ", "))"
        case .candidate(let field):
            step != "test"
                ? "only test knows the candidate"
                : fields.contains(field) ? nil : "the fields are \(fields.joined(separator: ", "))"
        case .retiredHandle: step == "retire" ? nil : "only retire knows what is retired"
        case .credential(let field):
            credential.contains(field) ? nil : "write credential: and the fields that its key has"
        case .setting(let setting): settings.contains { $0.name == setting } ? nil : "declare it beneath settings:"
        case .date(let date): dates.contains(date) ? nil : "declare it beneath dates:"
        case .mark: step == "create" ? nil : "only create sets the mark"
        case .page: step == "list" ? nil : "only list has pages"
        case .cursor: step == "next" ? nil : "only next: in list has a cursor"
        }
    }
}

extension ProviderFile {
    private static let requestWords = ["request", "headers", "basic", "json", "form", "expect"]
    /// What the transport sets itself, or would be led astray by.
    private static let ownHeaders = [
        "host", "content-length", "transfer-encoding", "connection", "content-type", "user-agent", "expect", "te",
        "upgrade", "trailer",
    ]

    static func create(_ nodes: ProviderNodes, _ scope: ProviderScope) throws(ProviderFileError) -> Create {
        let step = try step(nodes, "create", ["take", "keep"])
        let keep = try step.names("keep")
        var take: [(field: String, pointer: JSONPointer)] = []
        for (key, value) in try step.pairs("take") {
            take.append((key.text, try step.pointer(try step.text(value, key.text), value.line)))
        }
        let all = take.map(\.field) + keep
        for field in all where !scope.fields.contains(field) {
            throw step.error(
                step.line(of: take.contains { $0.field == field } ? "take" : "keep"),
                "\(YAMLText.shown(field)) is no field", "the fields are \(scope.fields.joined(separator: ", "))")
        }
        for field in scope.fields where !all.contains(field) {
            throw step.error(step.line, "create leaves the field `\(field)` open", "name it in take: or in keep:")
        }
        guard Set(all).count == all.count, !take.isEmpty else {
            throw step.error(
                step.line, "take and keep share a field, or take is empty", "take what is new, keep the rest")
        }
        return Create(
            request: try request(step, "create", scope),
            expected: try step.statuses("expect", 200...299) ?? [200, 201],
            take: take, keep: keep)
    }

    static func test(_ nodes: ProviderNodes, _ scope: ProviderScope) throws(ProviderFileError) -> Test {
        let step = try step(nodes, "test", ["check", "settle"])
        var check: [(pointer: JSONPointer, text: String)] = []
        for (key, value) in try step.pairs("check") {
            check.append((try step.pointer(key.text, key.line), try step.text(value, "check")))
        }
        return Test(
            request: try request(step, "test", scope), expected: try step.statuses("expect", 200...299) ?? [200],
            check: check, settle: try step.duration("settle", most: 3_600_000) ?? 0)
    }

    static func retire(_ nodes: ProviderNodes, _ scope: ProviderScope) throws(ProviderFileError) -> Retire {
        let step = try step(nodes, "retire", ["gone"])
        let request = try request(step, "retire", scope)
        guard request.names.contains(.retiredHandle) else {
            throw step.error(step.line, "retire does not name what to retire", "put {{retired.handle}} into its path")
        }
        return Retire(
            request: request, expected: try step.statuses("expect", 200...299) ?? [200, 204],
            gone: try step.statuses("gone", 400...499) ?? [])
    }

    static func list(_ nodes: ProviderNodes, _ scope: ProviderScope) throws(ProviderFileError) -> List? {
        guard nodes.has("list") else { return nil }
        let step = try step(nodes, "list", ["items", "handle", "mark", "pages", "next"])
        guard let items = try step.pointer("items"), let handle = try step.pointer("handle") else {
            throw step.error(step.line, "list needs `items` and `handle`", "write where the reply holds them")
        }
        let request = try request(step, "list", scope)
        let paging: List.Paging
        switch (step.node("pages"), step.node("next")) {
        case (nil, nil): paging = .none
        case (let pages?, nil):
            let inner = try ProviderNodes(pages, step.file, "pages", words: ["first", "size"])
            guard let first = try inner.number("first", 0...1), let size = try inner.number("size", 1...10_000) else {
                throw step.error(pages.line, "pages needs `first` and `size`", "write {first: 1, size: 100}")
            }
            paging = .numbered(first: first, size: size)
        case (nil, let next?):
            let inner = try ProviderNodes(
                next, step.file, "next", words: requestWords.filter { $0 != "expect" } + ["cursor", "more"])
            guard let cursor = try inner.pointer("cursor") else {
                throw step.error(next.line, "next has no `cursor`", "write where the reply holds it")
            }
            paging = .cursor(cursor, more: try inner.pointer("more"), next: try Self.request(inner, "next", scope))
        case (_?, _?): throw step.error(step.line, "list has both pages and next", "keep one")
        }
        var isNumbered = false
        if case .numbered = paging { isNumbered = true }
        guard request.names.contains(.page) == isNumbered else {
            throw step.error(step.line, "{{page}} and pages: go together", "write both or neither")
        }
        return List(
            request: request, expected: try step.statuses("expect", 200...299) ?? [200], items: items, handle: handle,
            mark: try step.pointer("mark"), paging: paging)
    }

    private static func step(
        _ nodes: ProviderNodes, _ word: String, _ more: [String]
    ) throws(ProviderFileError) -> ProviderNodes {
        try ProviderNodes(try nodes.needed(word), nodes.file, word, words: requestWords + more)
    }

    private static func request(
        _ step: ProviderNodes, _ word: String, _ scope: ProviderScope
    ) throws(ProviderFileError) -> Request {
        let line = step.line(of: "request")
        let text = try step.neededText("request", most: 1_100)
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        // Spaces inside braces belong to the path.
        guard let method = parts.first.flatMap({ OutboundRequest.Method(rawValue: String($0)) }), parts.count >= 2
        else {
            throw step.error(
                line, "request begins with no method",
                "write one of \(OutboundRequest.Method.allCases.map(\.rawValue).joined(separator: ", ")), a space and a path"
            )
        }
        let path = String(text.dropFirst(method.rawValue.count + 1))
        let target: TargetTemplate
        do throws(TargetTemplate.Problem) { target = try TargetTemplate(parsing: path) } catch {
            switch error {
            case .template(let problem): throw step.fault(problem, line)
            case .shape(let remedy): throw step.error(line, "this is no path", remedy)
            }
        }
        var basic: (user: Template, password: Template)?
        if let node = step.node("basic") {
            let inner = try ProviderNodes(node, step.file, "basic", words: ["user", "password"])
            basic = (
                try inner.template(try inner.needed("user"), "user"),
                try inner.template(try inner.needed("password"), "password")
            )
        }
        let request = Request(
            method: method, target: target, headers: try headers(step), basic: basic, body: try body(step, scope))
        if basic != nil, request.headers.contains(where: { $0.name.lowercased() == "authorization" }) {
            throw step.error(step.line(of: "basic"), "basic and a header authorization exclude each other", "keep one")
        }
        guard request.body == nil || (method != .get && method != .delete) else {
            throw step.error(line, "\(method.rawValue) takes no body", "remove json: or form:")
        }
        for name in request.names {
            guard let remedy = scope.fault(of: name, in: word) else { continue }
            throw step.error(line, "{{\(name.text)}} cannot stand in \(word)", remedy)
        }
        return request
    }

    private static func headers(
        _ step: ProviderNodes
    ) throws(ProviderFileError) -> [(name: String, value: Template)] {
        var headers: [(name: String, value: Template)] = []
        for (key, value) in try step.pairs("headers") {
            let isToken = key.text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (48...57).contains(byte) || byte == 45
            }
            guard isToken, !key.text.isEmpty, !ownHeaders.contains(key.text.lowercased()) else {
                throw step.error(
                    key.line, "\(YAMLText.shown(key.text)) is no header that a file may set",
                    "use letters, digits and -; Host, Content-Type and the like are set for you")
            }
            let template = try step.template(value, key.text)
            for case .text(let plain) in template.parts where !plain.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) {
                throw step.error(value.line, "a header holds printable ASCII", "remove what is not")
            }
            headers.append((key.text, template))
        }
        return headers
    }

    private static func body(_ step: ProviderNodes, _ scope: ProviderScope) throws(ProviderFileError) -> Request.Body? {
        switch (step.node("json"), step.node("form")) {
        case (nil, nil): return nil
        case (let node?, nil):
            let json: JSONTemplate
            do throws(JSONTemplate.Problem) {
                json = try JSONTemplate(parsing: textOf(node))
            } catch {
                switch error {
                case .template(let problem): throw step.fault(problem, node.line)
                case .notJSON:
                    throw step.error(node.line, "json is not JSON", "write JSON text, names in strings or as values")
                }
            }
            for case .setting(let name) in json.valueNames
            where scope.settings.contains(where: { $0.name == name && $0.kind == .json }) == false {
                throw step.error(
                    node.line, "{{setting.\(name)}} stands where a JSON value does", "quote it, or write kind: json")
            }
            for name in json.valueNames {
                if case .setting = name { continue }
                throw step.error(node.line, "{{\(name.text)}} stands where a JSON value does", "put it into quotes")
            }
            return .json(json)
        case (nil, _?):
            var pairs: [(name: String, value: Template)] = []
            for (key, value) in try step.pairs("form") { pairs.append((key.text, try step.template(value, key.text))) }
            return .form(pairs)
        case (_?, _?): throw step.error(step.line, "a request has one body", "keep json or form")
        }
    }

    /// A text of any length up to the file's, or nothing, which is no JSON.
    private static func textOf(_ node: YAMLNode) -> String {
        if case .text(let text) = node.content { text } else { "" }
    }
}

extension ProviderNodes {
    func fault(_ problem: Template.Problem, _ line: Int) -> ProviderFileError {
        switch problem {
        case .unclosed: error(line, "{{ is not closed", "write {{name}}")
        case .unknown(let word):
            error(
                line, "{{ }} names nothing that is known: \(YAMLText.shown(word))",
                "name current.FIELD, candidate.FIELD, retired.handle, credential.FIELD, setting.NAME, date.NAME, mark, page or cursor"
            )
        }
    }

    func template(_ node: YAMLNode, _ word: String) throws(ProviderFileError) -> Template {
        let text = try text(node, word, most: 4_096)
        do throws(Template.Problem) { return try Template(parsing: text) } catch { throw fault(error, node.line) }
    }
}
