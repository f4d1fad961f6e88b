internal import SecretMemory
internal import VaultAPI
internal import Yams

/// Settings in a YAML file: one mapping, whose names are those of ``ServerSetting``.
enum ConfigurationFile {
    /// The most bytes of a file.
    static let limit = 64 << 10

    /// - Parameters:
    ///   - path: the file.
    ///   - option: what named it, for messages.
    /// - Throws: a usage failure that names file, line and setting.
    static func read(_ path: String, namedBy option: String) throws(Failure) -> [ServerSetting: SettingValue] {
        let contents = try SecretFile.read(path, named: option, limit: limit)
        guard let text = contents.disclosedText() else { throw .usage("\(option): the file is not UTF-8") }
        return try parse(text, name: path, folder: AbsolutePath.folder(of: AbsolutePath.from(path)))
    }

    /// - Parameters:
    ///   - name: for messages.
    ///   - folder: where relative paths in it start.
    static func parse(_ text: String, name: String, folder: String) throws(Failure) -> [ServerSetting: SettingValue] {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw .usage("\(name)\(line(of: error)): this is not YAML, or names one setting twice")
        } catch {
            throw .usage("\(name): this is not YAML")
        }
        guard let node, node.null == nil else { return [:] }
        guard let mapping = node.mapping else {
            throw .usage("\(name): a configuration is a mapping, `setting: value`")
        }
        var values: [ServerSetting: SettingValue] = [:]
        for (key, value) in mapping {
            let place = "\(name):\(key.mark?.line ?? 1)"
            guard let setting = key.scalar.flatMap({ ServerSetting(rawValue: $0.string) }) else {
                throw unknown(key.scalar?.string ?? "", place)
            }
            let origin = "\(place): \(setting.rawValue)"
            values[setting] = SettingValue(text: try self.text(of: value, origin), origin: origin, folder: folder)
        }
        return values
    }

    /// A scalar as it is written, or a list of scalars with commas between.
    private static func text(of node: Node, _ origin: String) throws(Failure) -> String {
        let nodes = node.sequence.map(Array.init) ?? [node]
        var texts: [String] = []
        for one in nodes {
            guard let scalar = one.scalar, !scalar.string.isEmpty, one.null == nil else {
                throw .usage("\(origin): takes text, or a list of texts where there may be several")
            }
            texts.append(scalar.string)
        }
        return texts.joined(separator: ",")
    }

    private static func unknown(_ name: String, _ place: String) -> Failure {
        let near = NearName.nearest(to: name, among: ServerSetting.allCases.map(\.rawValue))
        let hint =
            near.map { "did you mean \($0)?" }
            ?? "known: " + ServerSetting.allCases.map(\.rawValue).joined(separator: ", ")
        let isPlain = name.utf8.count <= 40 && WireRefusal.repeatable(String(name.prefix(24))) != nil
        return .usage("\(place): \(isPlain ? "`\(name)`" : "this") is no setting", hint: hint)
    }

    private static func line(of error: YamlError) -> String {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): ":\(mark.line)"
        default: ""
        }
    }
}
