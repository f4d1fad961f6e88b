package import SecretMemory

/// The text of an issued key: `<prefix>_<id><secret><checksum>`.
///
/// It is read from the right: the 61 characters after the last `_` are 12 of id, 43 of secret (256.04 bits) and 6 of
/// checksum, all base 62 (`0-9 A-Z a-z`). What stands before that `_` is the prefix of the issuer. The whole text is
/// secret and is never turned into a `String` here; prefix and id are not secret and are.
package enum IssuedKeyText {
    /// How many characters the secret has.
    package static let secretLength = 43
    /// The longest prefix, in characters.
    package static let maximumPrefixLength = 32
    /// The longest key, in characters.
    package static let maximumLength = maximumPrefixLength + 1 + bodyLength
    /// What a prefix is, as a sentence for people.
    package static let prefixRule =
        "a prefix is 1 to 32 characters: lower-case letters, digits and single underscores between them, "
        + "starting with a letter and ending with a letter or a digit"

    private static let bodyLength = IssuedKeyID.length + secretLength + KeyChecksum.length
    private static let separator = UInt8(ascii: "_")

    /// Whether `text` follows ``prefixRule``: `[a-z][a-z0-9]*(_[a-z0-9]+)*`, 1 to 32 characters.
    package static func isPrefix(_ text: String) -> Bool {
        isPrefix(Array(text.utf8))
    }

    /// Takes a key apart, once its form and its checksum are right.
    ///
    /// No store is needed, so that a mistyped key never reaches one. A key that passes may still be unknown.
    ///
    /// - Returns: the issuer's prefix and the key's id.
    /// - Throws: ``IssuedKeyTextError``.
    package static func parse(_ text: RawSpan) throws(IssuedKeyTextError) -> (prefix: String, id: IssuedKeyID) {
        guard text.byteCount <= maximumLength else { throw .tooLong }
        let prefixLength = text.byteCount - bodyLength - 1
        guard prefixLength >= 1 else { throw .tooShort }
        guard text.byte(at: prefixLength) == separator else { throw .separatorMissing }
        for offset in prefixLength + 1..<text.byteCount {
            guard Base62.isDigit(text.byte(at: offset)) else { throw .notBase62 }
        }
        let prefix = (0..<prefixLength).map { text.byte(at: $0) }
        guard isPrefix(prefix) else { throw .malformedPrefix }
        guard KeyChecksum.isRight(text) else { throw .wrongChecksum }
        let id = (0..<IssuedKeyID.length).map { text.byte(at: prefixLength + 1 + $0) }
        return (String(decoding: prefix, as: UTF8.self), IssuedKeyID(checkedDigits: id))
    }

    /// ``parse(_:)-(RawSpan)`` for text that is held already.
    package static func parse(_ text: WipedBytes) throws(IssuedKeyTextError) -> (prefix: String, id: IssuedKeyID) {
        try text.withBytes { (bytes: RawSpan) throws(IssuedKeyTextError) in try parse(bytes) }
    }

    /// Makes a new key: id and secret from `random`, each of the sixty-two digits equally likely.
    ///
    /// Nobody has checked that the id is new: the store that is to keep the key does.
    ///
    /// - Parameter prefix: the issuer's, following ``prefixRule``.
    /// - Throws: ``IssuedKeyTextError/malformedPrefix``.
    package static func mint(
        prefix: String, random: any RandomSource
    ) throws(IssuedKeyTextError) -> (id: IssuedKeyID, text: WipedBytes) {
        let prefix = Array(prefix.utf8)
        guard isPrefix(prefix) else { throw .malformedPrefix }
        let length = prefix.count + 1 + bodyLength
        let covered = length - KeyChecksum.length
        var id: [UInt8] = []
        let text = WipedBytes(count: length) { (span: inout MutableRawSpan) in
            for (offset, byte) in (prefix + [separator]).enumerated() {
                span.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            }
            Base62.fill(&span, in: prefix.count + 1..<covered, from: random)
            id = (0..<IssuedKeyID.length).map { span.bytes.byte(at: prefix.count + 1 + $0) }
            let checksum = KeyChecksum.digits(of: span.bytes.extracting(0..<covered))
            for (offset, byte) in checksum.enumerated() {
                span.storeBytes(of: byte, toByteOffset: covered + offset, as: UInt8.self)
            }
        }
        return (IssuedKeyID(checkedDigits: id), text)
    }

    private static func isPrefix(_ bytes: [UInt8]) -> Bool {
        guard (1...maximumPrefixLength).contains(bytes.count) else { return false }
        var previous = separator
        for (offset, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9"): guard offset > 0 else { return false }
            case separator: guard previous != separator else { return false }
            default: return false
            }
            previous = byte
        }
        return previous != separator
    }
}
