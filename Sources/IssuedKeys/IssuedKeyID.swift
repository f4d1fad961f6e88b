/// The part of an issued key that names it: twelve base-62 characters, no secret, fit for logs and addresses.
package struct IssuedKeyID: Hashable, Sendable, CustomStringConvertible {
    /// How many characters an id has.
    package static let length = 12

    /// The twelve characters.
    package let text: String

    /// The id that `text` spells, or nil where it is not twelve characters of `0-9 A-Z a-z`.
    package init?(_ text: String) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy(Base62.isDigit) else { return nil }
        self.text = text
    }

    /// For bytes that have been checked to be twelve digits.
    init(checkedDigits digits: [UInt8]) {
        text = String(decoding: digits, as: UTF8.self)
    }

    package var description: String { text }
}
