package import SecretMemory

/// A secret as it stands in JSON: a string outside, bytes that are wiped inside. It prints as `[secret]`.
package struct SecretText: Codable, Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The UTF-8 of the text.
    package let bytes: WipedBytes

    package init(_ bytes: WipedBytes) { self.bytes = bytes }

    /// Copies the UTF-8 of `text`.
    package init(_ text: String) { self.init(WipedBytes(utf8: text)) }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// - Throws: `EncodingError` where the bytes are not UTF-8; such a secret travels as base64.
    package func encode(to encoder: any Encoder) throws {
        guard let text = bytes.disclosedText() else {
            let context = EncodingError.Context(codingPath: encoder.codingPath, debugDescription: "not UTF-8")
            throw EncodingError.invalidValue(self, context)
        }
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// Compares in a time that depends on the lengths alone.
    package static func == (a: SecretText, b: SecretText) -> Bool {
        a.bytes.withBytes { left in b.bytes.withBytes { right in constantTimeEqual(left, right) } }
    }

    package var description: String { "[secret]" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
