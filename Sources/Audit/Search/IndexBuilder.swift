/// Makes blocks of the lines of one file, in their order.
struct IndexBuilder {
    /// The whole blocks that were made.
    private(set) var part: FileIndex
    private var terms = LineTerms()
    private var offset: Int64
    private var length = 0
    private var entries = 0
    private var sequences: ClosedRange<UInt64>?
    private var times: ClosedRange<Int64>?
    private var isReadable = true
    private let blockEntries: Int

    /// Goes on behind what `index` covers, with so many lines to a block.
    init(after index: FileIndex, blockEntries: Int) {
        self.blockEntries = blockEntries
        part = FileIndex(from: index.covered, lastHash: index.lastHash)
        offset = index.covered
    }

    /// Takes in the line at `range` of `bytes`, its break excluded.
    mutating func take(_ bytes: [UInt8], _ range: Range<Int>) {
        length += range.count + 1
        if let sequence = Self.sequence(bytes, range), terms.take(bytes, range) {
            let (time, known) = (terms.time, sequences)
            sequences = known.map { min($0.lowerBound, sequence)...max($0.upperBound, sequence) } ?? sequence...sequence
            times = times.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
        } else if LogLine(bytes, range).map({ $0.position.isHeader }) != true {
            isReadable = false
        }
        entries += 1
        if entries >= blockEntries { close(lastLine: bytes, range) }
    }

    /// Makes a block of what is left, at the end of a file that will not grow.
    mutating func finish(lastLine bytes: [UInt8], _ range: Range<Int>) {
        if entries > 0 { close(lastLine: bytes, range) }
    }

    private mutating func close(lastLine bytes: [UInt8], _ range: Range<Int>) {
        // Only what ends in a line of the log can be recognised again.
        guard let line = LogLine(bytes, range), let sequences, let times else {
            isReadable = false
            return
        }
        part.append(
            offset: offset, length: length, sequences: sequences, times: times,
            terms: isReadable ? terms.terms.terms : nil, hash: line.hash)
        offset += Int64(length)
        length = 0
        entries = 0
        self.sequences = nil
        self.times = nil
        isReadable = true
        terms.clear()
    }

    /// The sequence at the beginning of an entry's line.
    static func sequence(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64? {
        var position = range.lowerBound
        for byte in entryStart {
            guard position < range.upperBound, bytes[position] == byte else { return nil }
            position += 1
        }
        var value: UInt64 = 0
        let first = position
        while position < range.upperBound, (0x30...0x39).contains(bytes[position]), position - first < 19 {
            value = value * 10 + UInt64(bytes[position] - 0x30)
            position += 1
        }
        guard value > 0, position < range.upperBound, bytes[position] == 0x2C else { return nil }
        return value
    }

    private static let entryStart = Array(#"{"seq":"#.utf8)
}

extension LogLine.Position {
    var isHeader: Bool {
        if case .header = self { true } else { false }
    }
}
