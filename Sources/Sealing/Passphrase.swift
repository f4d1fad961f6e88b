package import SecretMemory

/// What an operator types, as the bytes that are derived from.
package enum Passphrase {
    /// Strips exactly one final newline and nothing else: no trimming, no Unicode normalisation.
    ///
    /// - Throws: ``SealingError/passphraseLength`` unless 1 to 1024 bytes are left, ``SealingError/memory(_:)``.
    package static func normalised(_ bytes: RawSpan) throws(SealingError) -> SecretBytes {
        var count = bytes.byteCount
        if count > 0, bytes.byte(at: count - 1) == UInt8(ascii: "\n") { count -= 1 }
        guard (1...1024).contains(count) else { throw .passphraseLength }
        return try mappingMemoryErrors { () throws(SecretMemoryError) in
            try SecretBytes(copying: bytes.extracting(0..<count))
        }
    }
}
