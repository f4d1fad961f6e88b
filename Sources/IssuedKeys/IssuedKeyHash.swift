internal import CSodium
package import SecretMemory

/// A SHA-256 digest has 32 bytes; this one had not.
package struct DigestLengthError: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String { "a SHA-256 digest has 32 bytes" }
}

/// How many bytes the kept form of an issued key has.
package let issuedKeyHashLength = 32

/// The kept form of an issued key: BLAKE2b-256 (RFC 7693) under `key`, personalised `keyturn issuedky`, of the SHA-256
/// of the whole text.
///
/// The key makes it useless to whoever copies the store: no guess can be checked without it. SHA-256 comes first so
/// that keys of which only the SHA-256 is known can be brought in.
///
/// - Parameters:
///   - text: the whole key, prefix and checksum included. Its form is not looked at.
///   - key: 32 bytes. Another length is a mistake of the program and stops it.
/// - Returns: 32 bytes.
package func issuedKeyHash(of text: RawSpan, key: borrowing SecretBytes) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    defer { Sodium.wipe(&digest) }
    _ = unsafe text.withUnsafeBytes { bytes in
        unsafe crypto_hash_sha256(&digest, bytes.baseAddress, UInt64(bytes.count))
    }
    return unsafe keyedHash(of: digest.span.bytes, key: key)
}

/// The kept form of a key that is known only by its SHA-256; see ``issuedKeyHash(of:key:)``.
///
/// - Parameters:
///   - digest: the 32 bytes of the SHA-256 of the key's whole text.
///   - key: 32 bytes. Another length is a mistake of the program and stops it.
/// - Throws: ``DigestLengthError``.
package func issuedKeyHash(
    ofSHA256 digest: RawSpan, key: borrowing SecretBytes
) throws(DigestLengthError) -> [UInt8] {
    guard digest.byteCount == 32 else { throw DigestLengthError() }
    return keyedHash(of: digest, key: key)
}

/// Whether a presented key is the one that is kept, in the same time whether or not one is kept.
///
/// - Parameters:
///   - presented: the hash of what the caller sent.
///   - kept: the hash that was found, or nil where none was: the same comparison is made, against bytes that nobody
///     keeps, and the answer is no.
package func issuedKeyMatches(presented: [UInt8], kept: [UInt8]?) -> Bool {
    let compared = kept ?? nobodysHash
    let same = unsafe constantTimeEqual(presented.span.bytes, compared.span.bytes)
    return same && kept != nil && presented.count == issuedKeyHashLength
}

private let nobodysHash = [UInt8](repeating: 0, count: issuedKeyHashLength)
private let personalisation: [UInt8] = Array("keyturn issuedky".utf8)

private func keyedHash(of digest: RawSpan, key: borrowing SecretBytes) -> [UInt8] {
    precondition(key.count == 32, "the key of the issued-key hash has 32 bytes")
    var hash = [UInt8](repeating: 0, count: issuedKeyHashLength)
    key.withBytes { keyBytes in
        _ = unsafe keyBytes.withUnsafeBytes { key in
            unsafe digest.withUnsafeBytes { digest in
                unsafe crypto_generichash_blake2b_salt_personal(
                    &hash, hash.count, digest.baseAddress, UInt64(digest.count), key.baseAddress, key.count, nil,
                    personalisation)
            }
        }
    }
    return hash
}
