internal import CSodium
internal import SecretMemory

/// Sums that only this process can make: of host labels, and of the tokens in forms of those who have not signed in.
struct KeyedSum: Sendable {
    private let key: WipedBytes

    init(random: any RandomSource) {
        key = WipedBytes(count: 32) { random.fill(&$0) }
    }

    /// The first `count` bytes of BLAKE2b-256 of `text`, keyed.
    ///
    /// - Parameter count: at most 32.
    func bytes(_ text: String, count: Int) -> [UInt8] {
        var sum = [UInt8](repeating: 0, count: 32)
        key.withBytes { key in
            unsafe key.withUnsafeBytes { key in
                let input = Array(text.utf8)
                unsafe sum.withUnsafeMutableBufferPointer { target in
                    unsafe input.withUnsafeBufferPointer { source in
                        guard let start = target.baseAddress else { return }
                        _ = unsafe crypto_generichash(
                            start, target.count, source.baseAddress, UInt64(source.count),
                            key.bindMemory(to: UInt8.self).baseAddress, key.count)
                    }
                }
            }
        }
        return Array(sum.prefix(count))
    }
}

/// Whether two texts are the same, in a time that depends on their lengths alone.
func isSame(_ a: String, _ b: String) -> Bool {
    unsafe constantTimeEqual(a.utf8Span.span.bytes, b.utf8Span.span.bytes)
}

/// Bytes as lower-case hexadecimal digits.
func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
