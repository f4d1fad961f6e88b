internal import Configuration
internal import KeyturnClient

/// Keys of one moment as configuration.
struct KeyturnConfigSnapshot: ConfigSnapshot, Equatable {
    static let name = "KeyturnConfigProvider"

    let prefix: String?
    /// By path.
    let values: [String: KeyturnValue]

    var providerName: String { Self.name }

    /// - Throws: ``KeyturnConfigError`` where the value is not of the type that is asked for.
    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        let parts = (prefix.map { [$0] } ?? []) + key.components
        let path = parts.joined(separator: "/")
        guard let bytes = bytes(parts, path) else { return LookupResult(encodedKey: path, value: nil) }
        guard let content = ConfigContent(bytes, as: type) else {
            throw KeyturnConfigError(key: path, type: type)
        }
        return LookupResult(encodedKey: path, value: ConfigValue(content, isSecret: true))
    }

    /// The main field of the key at the path, or the field that the last part names of the key before it.
    private func bytes(_ parts: [String], _ path: String) -> [UInt8]? {
        if let bytes = values[path]?.bytes() { return bytes }
        guard let field = parts.last else { return nil }
        return values[parts.dropLast().joined(separator: "/")]?.bytes(of: field)
    }
}

/// A value that is there and is not of the type that was asked for. The value is not repeated.
public struct KeyturnConfigError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path that was looked for.
    public let key: String
    private let type: String

    init(key: String, type: ConfigType) {
        self.key = key
        self.type = type.rawValue
    }

    /// A sentence for people.
    public var description: String { "the value at \(key) cannot be read as \(type)" }
}
