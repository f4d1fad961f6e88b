/// A Bloom filter over the terms of a block of lines: it may say yes in vain, and never no in vain.
enum BlockFilter {
    /// Bits per term, rounded up to a power of two: with six probes about one answer in a hundred or fewer is in vain.
    private static let bitsPerTerm = 10
    private static let probes: UInt32 = 6
    private static let leastWords = 8
    /// 8 KiB. A block of more terms than that is for has a filter that says yes more often.
    static let mostWords = 1024

    /// Appends the words of a filter for `terms`.
    ///
    /// - Returns: how many words, a power of two.
    static func append(_ terms: [UInt64], to words: inout [UInt64]) -> Int {
        var count = leastWords
        while count < mostWords, count * 64 < terms.count * bitsPerTerm { count *= 2 }
        let start = words.count
        words.append(contentsOf: repeatElement(0, count: count))
        for term in terms {
            for bit in Bits(term, words: count) { words[start + bit / 64] |= 1 << UInt64(bit % 64) }
        }
        return count
    }

    /// Whether `term` may be in the filter at `range` of `words`.
    static func mayHold(_ term: UInt64, _ words: [UInt64], _ range: Range<Int>) -> Bool {
        for bit in Bits(term, words: range.count) {
            if words[range.lowerBound + bit / 64] & (1 << UInt64(bit % 64)) == 0 { return false }
        }
        return true
    }

    /// The places of a term, by double hashing.
    private struct Bits: Sequence, IteratorProtocol {
        private var position: UInt32
        private let step: UInt32
        private let mask: UInt32
        private var left = probes

        init(_ term: UInt64, words: Int) {
            position = UInt32(truncatingIfNeeded: term)
            step = UInt32(truncatingIfNeeded: term >> 32) | 1
            mask = UInt32(words * 64 - 1)
        }

        mutating func next() -> Int? {
            guard left > 0 else { return nil }
            left -= 1
            defer { position &+= step }
            return Int(position & mask)
        }
    }
}
