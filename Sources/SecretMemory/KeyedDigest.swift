internal import CSodium

/// 128 bits of SipHash-2-4 under a key of this process: tells whether two texts are the same without keeping either.
///
/// Nobody who does not know the key finds two texts with one digest, and a digest tells nothing of its text.
package struct KeyedDigest: Equatable, Sendable, BitwiseCopyable {
    private var words: (UInt64, UInt64) = (0, 0)

    package init(of bytes: RawSpan, _ key: Key) {
        var key = key.words
        unsafe withUnsafeMutableBytes(of: &words) { digest in
            unsafe bytes.withUnsafeBytes { text in
                unsafe withUnsafeMutableBytes(of: &key) { key in
                    guard let target = unsafe digest.bindMemory(to: UInt8.self).baseAddress,
                        let key = unsafe key.bindMemory(to: UInt8.self).baseAddress
                    else { preconditionFailure("the address of something that is there") }
                    let status = unsafe crypto_shorthash_siphashx24(
                        target, text.bindMemory(to: UInt8.self).baseAddress, UInt64(text.count), key)
                    // Never take two texts for one because neither was looked at.
                    precondition(status == 0)
                }
            }
        }
    }

    package static func == (a: KeyedDigest, b: KeyedDigest) -> Bool { a.words == b.words }

    /// 128 random bits, kept nowhere else.
    package struct Key: Sendable {
        fileprivate let words: (UInt64, UInt64)

        package init() { words = (.random(in: .min ... .max), .random(in: .min ... .max)) }
    }
}
