internal import CSodium
package import SecretMemory

/// The kept form of an issued key (see ``issuedKeyHash(of:key:)``), held inline: what a million keys are found by is in
/// the place where they are found.
package struct KeptHash: Hashable, Sendable, BitwiseCopyable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Copies 32 bytes; nil where there are not as many.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == issuedKeyHashLength else { return nil }
        unsafe withUnsafeMutableBytes(of: &words) { target in
            unsafe target.copyBytes(from: bytes)
        }
    }

    /// The kept form of a whole text.
    package init(of text: RawSpan, key: borrowing SecretBytes) {
        let bytes = issuedKeyHash(of: text, key: key)
        unsafe withUnsafeMutableBytes(of: &words) { target in
            unsafe target.copyBytes(from: bytes)
        }
    }

    /// The kept form of a key of which only the SHA-256 is known.
    ///
    /// - Throws: ``DigestLengthError``.
    package init(ofSHA256 digest: [UInt8], key: borrowing SecretBytes) throws(DigestLengthError) {
        let bytes = unsafe try issuedKeyHash(ofSHA256: digest.span.bytes, key: key)
        unsafe withUnsafeMutableBytes(of: &words) { target in
            unsafe target.copyBytes(from: bytes)
        }
    }

    package var bytes: [UInt8] {
        unsafe withUnsafeBytes(of: words) { unsafe Array($0) }
    }

    /// In the same time wherever they differ.
    package static func == (a: KeptHash, b: KeptHash) -> Bool { a.differing(from: b) == 0 }

    package func hash(into hasher: inout Hasher) {
        // The bytes are a keyed hash: any eight of them are as good as all.
        hasher.combine(words.0)
    }

    /// Whether what was presented is what is kept, in the same time whether or not something is, and wherever they
    /// differ.
    package func matches(_ kept: KeptHash?) -> Bool {
        differing(from: kept ?? KeptHash.nobodys) == 0 && kept != nil
    }

    private func differing(from other: KeptHash) -> UInt64 {
        (words.0 ^ other.words.0) | (words.1 ^ other.words.1) | (words.2 ^ other.words.2) | (words.3 ^ other.words.3)
    }

    private init() {}
    private static let nobodys = KeptHash()
}
