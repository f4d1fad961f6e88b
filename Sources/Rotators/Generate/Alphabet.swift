/// The characters that a generated value is made of: each once, ASCII, printable.
struct Alphabet: Sendable, Equatable {
    let characters: [UInt8]

    /// Those that have a name.
    static let named: [String: String] = [
        "base62": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "base64url": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "base32": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        "hex": "0123456789abcdef",
        "digits": "0123456789",
        "lower": "abcdefghijklmnopqrstuvwxyz",
        "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "letters": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "printable": String(decoding: (0x21...0x7e).map { UInt8($0) }, as: UTF8.self),
    ]

    /// - Parameter text: a name from ``named``, or `chars:` and the characters themselves.
    /// - Returns: nil for anything else, and for a character that is no printable ASCII or comes twice.
    init?(_ text: String) {
        let characters: [UInt8]
        if let known = Self.named[text] {
            characters = Array(known.utf8)
        } else {
            guard text.hasPrefix("chars:") else { return nil }
            characters = Array(text.utf8.dropFirst(6))
        }
        guard (2...94).contains(characters.count), Set(characters).count == characters.count,
            characters.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        self.characters = characters
    }
}
