/// A run of whole lines of a log file, and what is known of them without reading them.
struct IndexBlock: Equatable, Sendable {
    /// Where its first line begins in the file.
    var offset: Int64
    /// Its bytes, the last line break included.
    var length: Int
    /// The least and the greatest sequence in it.
    var sequences: ClosedRange<UInt64>
    /// The earliest and the latest time in it, in milliseconds since 1970 UTC.
    var times: ClosedRange<Int64>
    /// Where its filter is in ``FileIndex/words``. Empty: it holds lines that could not be read, and is always looked at.
    var filter: Range<Int>
}

/// What is known of one log file from its beginning on: a hint where to look, never an answer.
struct FileIndex: Equatable, Sendable {
    private(set) var blocks: [IndexBlock] = []
    private(set) var words: [UInt64] = []
    /// Bytes of the file that the blocks cover, without a gap from its beginning on.
    private(set) var covered: Int64 = 0
    /// The hash in the last line that is covered.
    private(set) var lastHash: AuditHash = .zero

    /// Bytes of memory, about.
    var footprint: Int { words.count * 8 + blocks.count * MemoryLayout<IndexBlock>.stride }

    /// The greatest sequence that is covered; 0 where there is none.
    var last: UInt64 { blocks.last?.sequences.upperBound ?? 0 }

    /// Adds what was found behind ``covered``.
    mutating func append(_ part: FileIndex) {
        let base = words.count
        words += part.words
        for block in part.blocks {
            var block = block
            block.filter = (block.filter.lowerBound + base)..<(block.filter.upperBound + base)
            blocks.append(block)
        }
        covered = part.covered
        lastHash = part.lastHash
    }

    /// Adds a block with a filter for `terms`; nil: with none, so that it is always looked at.
    mutating func append(
        offset: Int64, length: Int, sequences: ClosedRange<UInt64>, times: ClosedRange<Int64>, terms: [UInt64]?,
        hash: AuditHash
    ) {
        let start = words.count
        if let terms { _ = BlockFilter.append(terms, to: &words) }
        blocks.append(
            IndexBlock(
                offset: offset, length: length, sequences: sequences, times: times, filter: start..<words.count))
        covered = offset + Int64(length)
        lastHash = hash
    }

    /// An index as it was read back.
    init(blocks: [IndexBlock], words: [UInt64], covered: Int64, lastHash: AuditHash) {
        self.blocks = blocks
        self.words = words
        self.covered = covered
        self.lastHash = lastHash
    }

    /// An index of nothing, which goes on behind `covered`.
    init(from covered: Int64 = 0, lastHash: AuditHash = .zero) {
        self.covered = covered
        self.lastHash = lastHash
    }
}
