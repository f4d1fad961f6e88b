/// What marks credentials that Keyturn makes, in a name or a tag at the provider.
package enum RotationMark {
    /// What the marks of all attempts for a key begin with.
    static func start(keyID: String) -> String { "keyturn-\(keyID.prefix(16))-" }

    /// The mark of one attempt: 57 characters.
    ///
    /// - Parameters:
    ///   - keyID: 32 hexadecimal digits.
    ///   - token: 16 bytes; none gives the beginning of all of the key's marks.
    package static func text(keyID: String, token: [UInt8]) -> String { start(keyID: keyID) + hex(token) }

    static func hex(_ token: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: token.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension RotationContext {
    /// What marks the credential of this attempt.
    package var mark: String { RotationMark.text(keyID: keyID, token: token) }

    /// Whose a credential with this mark is.
    package func origin(ofMark text: String?) -> ListedCredential.Origin {
        if text == mark { return .thisAttempt }
        return text?.hasPrefix(RotationMark.start(keyID: keyID)) == true ? .thisKey : .another
    }
}
