internal import Outbound
internal import StrictYAML

extension ProviderFile {
    private static let words = [
        "provider", "description", "documentation", "host", "allow-private", "authorities", "time", "reply",
        "settings", "dates", "credential", "fields", "handle", "create", "test", "retire", "list",
    ]

    /// The settings of every provider; a file may not define them.
    static let reserved = ["provider", "credential"]

    /// Reads a provider file.
    ///
    /// - Parameters:
    ///   - file: its name, for messages.
    /// - Throws: ``ProviderFileError`` with the first thing that is wrong.
    package init(file: String, text: String) throws(ProviderFileError) {
        let root: YAMLNode?
        do throws(YAMLProblem) { root = try StrictYAML.read(text) } catch {
            throw ProviderFileError(file: file, line: error.line, problem: error.problem, remedy: error.remedy)
        }
        guard let root else {
            throw ProviderFileError(
                file: file, line: 1, problem: "the file says nothing", remedy: "begin with provider: NAME")
        }
        let nodes = try ProviderNodes(root, file, "a provider file", words: Self.words)
        self.file = file
        name = try Self.name(nodes)
        description = try nodes.text("description")
        documentation = try nodes.text("documentation")
        origin = try Self.origin(nodes)
        limits = OutboundLimits(
            time: try nodes.duration("time", most: 120_000) ?? 20_000,
            reply: try nodes.number("reply", 1...(1 << 20)) ?? 64 << 10,
            allowsPrivate: try nodes.flag("allow-private"), authorities: try Self.authorities(nodes))
        guard !origin.isLoopback || limits.allowsPrivate else {
            throw nodes.error(
                nodes.line(of: "host"), "the host is this machine", "write allow-private: true if that is meant")
        }
        settings = try Self.settings(nodes)
        dates = try Self.dates(nodes)
        credentialFields = try nodes.names("credential")
        fields = try nodes.names("fields")
        guard !fields.isEmpty else {
            throw nodes.error(nodes.line, "the file has no `fields`", "write fields: [id, value]")
        }
        handleField = try nodes.neededText("handle")
        guard fields.contains(handleField) else {
            throw nodes.error(
                nodes.line(of: "handle"), "handle is none of the fields",
                "name the field by which the provider knows a key")
        }
        let scope = ProviderScope(
            fields: fields, credential: credentialFields, settings: settings, dates: Array(dates.keys))
        create = try Self.create(nodes, scope)
        test = try Self.test(nodes, scope)
        retire = try Self.retire(nodes, scope)
        list = try Self.list(nodes, scope)
        if list?.mark != nil, !create.request.names.contains(.mark) {
            throw nodes.error(
                nodes.line(of: "list"), "list looks for a mark that create does not set",
                "put {{mark}} into a name in create, or remove mark:")
        }
    }

    private static func name(_ nodes: ProviderNodes) throws(ProviderFileError) -> String {
        let name = try nodes.neededText("provider", most: 64)
        let isFit = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (48...57).contains(byte) || byte == 45
        }
        guard isFit, name.first != "-" else {
            throw nodes.error(
                nodes.line(of: "provider"), "this cannot be a provider's name", "use lower-case letters, digits and -")
        }
        return name
    }

    private static func origin(_ nodes: ProviderNodes) throws(ProviderFileError) -> Origin {
        let text = try nodes.neededText("host")
        guard !text.contains("{{") else {
            throw nodes.error(nodes.line(of: "host"), "a host is fixed and takes no {{", "write it out")
        }
        do throws(OriginError) { return try Origin(parsing: text) } catch {
            throw nodes.error(
                nodes.line(of: "host"), "this is no host: \(error)", "write one such as https://api.example.com")
        }
    }

    private static func authorities(_ nodes: ProviderNodes) throws(ProviderFileError) -> String? {
        guard let path = try nodes.text("authorities") else { return nil }
        guard path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw nodes.error(nodes.line(of: "authorities"), "authorities is no absolute path", "begin it with /")
        }
        return path
    }

    private static func settings(_ nodes: ProviderNodes) throws(ProviderFileError) -> [Setting] {
        var settings: [Setting] = []
        for (key, value) in try nodes.pairs("settings") {
            guard TemplateName.isName(key.text), !reserved.contains(key.text) else {
                throw nodes.error(
                    key.line, "\(YAMLText.shown(key.text)) cannot be a setting's name",
                    "use lower-case letters, digits and _; provider and credential are taken")
            }
            let inner = try ProviderNodes(value, nodes.file, "a setting", words: ["kind", "description", "default"])
            guard let kind = Setting.Kind(rawValue: try inner.text("kind") ?? "text") else {
                throw nodes.error(inner.line(of: "kind"), "this is no kind of setting", "write text or json")
            }
            _ = try inner.text("description")
            let preset = try inner.text("default", most: 4_096)
            if kind == .json, let preset, ReplyJSON.read(Array(preset.utf8)) == nil {
                throw nodes.error(inner.line(of: "default"), "the default is not JSON", "write JSON in single quotes")
            }
            settings.append(Setting(name: key.text, kind: kind, preset: preset))
        }
        return settings
    }

    private static func dates(_ nodes: ProviderNodes) throws(ProviderFileError) -> [String: Int] {
        var dates: [String: Int] = [:]
        for (key, _) in try nodes.pairs("dates") {
            guard TemplateName.isName(key.text), let node = nodes.node("dates") else {
                throw nodes.error(
                    key.line, "\(YAMLText.shown(key.text)) cannot be a date's name",
                    "use lower-case letters, digits and _")
            }
            let inner = try ProviderNodes(node, nodes.file, "dates", words: try nodes.pairs("dates").map(\.key.text))
            guard let span = try inner.duration(key.text, most: 3_650 * 86_400_000), span % 86_400_000 == 0 else {
                throw nodes.error(key.line, "a date is some whole days ahead", "write one such as 365d")
            }
            dates[key.text] = Int(span / 86_400_000)
        }
        return dates
    }
}
