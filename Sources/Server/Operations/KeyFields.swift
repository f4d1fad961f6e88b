internal import SecretMemory
internal import Vault
internal import VaultAPI

/// The fields of a key, from how they are sent to what they are.
enum KeyFields {
    /// - Parameter place: the member, for messages.
    static func read(
        _ fields: [String: SecretText], _ encoding: FieldEncoding?, in place: String
    ) throws(Refusal) -> [SecretField] {
        var read: [SecretField] = []
        for (name, text) in fields.sorted(by: { $0.key < $1.key }) {
            guard encoding == .base64 else {
                read.append(SecretField(name: name, value: text.bytes))
                continue
            }
            guard let bytes = Base64.decode(text.bytes) else {
                throw Refusal(
                    .invalidField, "a value is base64 with padding (RFC 4648, section 4)",
                    field: WireRefusal.repeatable(name).map { "\(place).\($0)" } ?? place)
            }
            read.append(SecretField(name: name, value: bytes))
        }
        return read
    }
}
