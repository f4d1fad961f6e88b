internal import CSodium
package import SecretMemory

/// What opens a cache: whoever has it may read what was kept.
package struct CacheKey: Sendable {
    /// How many bytes a key has that is not made from an access key.
    package static let size = 32

    /// 32 bytes.
    let bytes: WipedBytes

    /// The key of an access key's holder: BLAKE2b of its text under a personalisation that nothing else has. The text
    /// holds 256 random bits, so that nothing slower is needed.
    package init(accessKey: WipedBytes) throws(SecretMemoryError) {
        bytes = try Self.hash(accessKey, for: "keyturn lkg key")
    }

    /// The key of somebody who has a file with 32 random bytes.
    ///
    /// - Returns: nil where they are not 32.
    package init?(random: WipedBytes) throws(SecretMemoryError) {
        guard random.count == Self.size else { return nil }
        bytes = try Self.hash(random, for: "keyturn lkg file")
    }

    private static func hash(_ secret: WipedBytes, for purpose: StaticString) throws(SecretMemoryError) -> WipedBytes {
        try Sodium.start()
        return WipedBytes(count: size) { span in Hash.write(secret, for: purpose, to: &span) }
    }
}

/// BLAKE2b-256 (RFC 7693) with a personalisation of up to 16 characters.
enum Hash {
    static func write(_ message: WipedBytes, for purpose: StaticString, to output: inout MutableRawSpan) {
        var person = [UInt8](repeating: 0, count: 16)
        purpose.withUTF8Buffer { text in
            for index in 0..<min(text.count, 16) { person[index] = unsafe text[index] }
        }
        unsafe output.withUnsafeMutableBytes { out in
            message.withBytes { span in
                unsafe span.withUnsafeBytes { message in
                    unsafe person.withUnsafeBytes { person in
                        guard let out = out.baseAddress else { return }
                        _ = unsafe crypto_generichash_blake2b_salt_personal(
                            out, 32, message.baseAddress, UInt64(message.count), nil, 0, nil,
                            person.baseAddress)
                    }
                }
            }
        }
    }

    /// The hash of bytes that are no secret.
    static func of(_ message: [UInt8], for purpose: StaticString) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: 32)
        var span = hash.mutableSpan
        var raw = unsafe span.mutableBytes
        unsafe write(WipedBytes(copying: message.span.bytes), for: purpose, to: &raw)
        return hash
    }
}
