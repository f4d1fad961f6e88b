internal import SecretMemory
internal import VaultAPI

/// The secret of one version of a key, as the vault served it.
///
/// It prints as its path and version. The bytes are held in memory that is wiped when the last copy goes; a text that
/// was taken out is an ordinary string.
public struct KeyturnValue: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// Where the key is.
    public let path: String
    /// The key's id; another key at the same path later has another.
    public let id: String
    /// Which generation it is, from 1.
    public let version: Int
    /// When the key stops being served, in milliseconds since 1970.
    public let expires: Int64?
    private let fields: [String: WipedBytes]

    /// - Throws: ``KeyturnClientError`` with the code `unexpected_reply` where base64 was announced and there is none.
    init(_ value: KeyValue) throws(KeyturnClientError) {
        path = value.path
        id = value.id
        version = value.version
        expires = value.expires?.milliseconds
        var fields: [String: WipedBytes] = [:]
        for (name, text) in value.fields {
            if value.encoding == .base64 {
                guard let bytes = Base64.decode(text.bytes) else {
                    throw KeyturnClientError(.unexpectedReply, "a field is announced as base64, and is not")
                }
                fields[name] = bytes
            } else {
                fields[name] = text.bytes
            }
        }
        self.fields = fields
    }

    /// The names of the fields that there are, in order.
    public var fieldNames: [String] { fields.keys.sorted() }

    /// A field as text; nil where there is no such field, or it is not UTF-8.
    ///
    /// - Parameter field: `value` is the main one.
    public func text(of field: String = "value") -> String? { fields[field]?.disclosedText() }

    /// A field's bytes; nil where there is no such field.
    public func bytes(of field: String = "value") -> [UInt8]? {
        fields[field]?.withBytes { span in
            unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
        }
    }

    /// Whether both are the same version of the same key with the same fields.
    public static func == (a: Self, b: Self) -> Bool {
        guard a.id == b.id, a.version == b.version, a.path == b.path, a.fieldNames == b.fieldNames else { return false }
        return a.fields.allSatisfy { name, bytes in
            guard let other = b.fields[name] else { return false }
            return bytes.withBytes { left in other.withBytes { right in constantTimeEqual(left, right) } }
        }
    }

    /// The path and the version.
    public var description: String { "\(path) version \(version)" }
    /// Shows no field.
    public var customMirror: Mirror { Mirror(self, children: ["path": path, "version": version]) }
}
