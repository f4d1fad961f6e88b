/// A line's outer form: what the chain needs, read without looking at the other fields.
struct LogLine {
    enum Position: Equatable {
        /// An entry with its sequence.
        case entry(UInt64)
        /// A file's header: the last entry before it, and that entry's hash.
        case header(after: UInt64, hash: AuditHash)
    }

    let position: Position
    /// The entry's sequence; nil of a header.
    var sequence: UInt64? {
        guard case .entry(let sequence) = position else { return nil }
        return sequence
    }

    /// The hash written in the line.
    let hash: AuditHash
    /// The bytes that the hash covers.
    let covered: Range<Int>

    /// Reads the line at `range` of `bytes`, its line break excluded; nil where it does not have a line's form.
    init?(_ bytes: [UInt8], _ range: Range<Int>) {
        guard range.count > Self.tail + 8, range.count < AuditEntry.lineLimit else { return nil }
        let end = range.upperBound - Self.tail
        guard bytes[end..<(end + Self.hashStart.count)].elementsEqual(Self.hashStart) else { return nil }
        guard bytes[range.upperBound - 2] == 0x22, bytes[range.upperBound - 1] == 0x7D else { return nil }
        guard let hash = AuditHash(hex: bytes[(end + Self.hashStart.count)..<(range.upperBound - 2)]) else {
            return nil
        }
        let covered = range.lowerBound..<end
        guard let position = Self.entry(bytes, covered) ?? Self.header(bytes, covered) else { return nil }
        self.position = position
        self.hash = hash
        self.covered = covered
    }

    /// The hash that the line should have after a line with hash `link`. `scratch` is overwritten.
    func expectedHash(after link: AuditHash, in bytes: [UInt8], scratch: inout [UInt8]) -> AuditHash {
        scratch.removeAll(keepingCapacity: true)
        link.append(to: &scratch)
        scratch.append(contentsOf: bytes[covered])
        return .blake2b(scratch)
    }

    private static func entry(_ bytes: [UInt8], _ range: Range<Int>) -> Position? {
        var reader = ByteReader(bytes, range)
        guard reader.skip(entryStart), let sequence = reader.number(), reader.skip(comma) else { return nil }
        return (1...lastSequence).contains(sequence) ? .entry(sequence) : nil
    }

    private static func header(_ bytes: [UInt8], _ range: Range<Int>) -> Position? {
        var reader = ByteReader(bytes, range)
        guard reader.skip(headerStart), let after = reader.number(), reader.skip(previousStart),
            let hex = reader.take(64), let hash = AuditHash(hex: hex), reader.skip(timeStart),
            let time = reader.take(24), Timestamp.parse(time) != nil, reader.skip(quote), reader.isAtEnd,
            after <= lastSequence
        else { return nil }
        return .header(after: after, hash: hash)
    }

    /// The bytes of a line's end: `,"hash":"`, 64 digits, `"}`.
    static let tail = 75
    /// More do not fit the names of files.
    static let lastSequence: UInt64 = 9_999_999_999_999_999

    private static let entryStart = Array(#"{"seq":"#.utf8)
    private static let headerStart = Array(#"{"keyturn_audit":1,"after":"#.utf8)
    private static let previousStart = Array(#","prev":""#.utf8)
    private static let timeStart = Array(#"","time":""#.utf8)
    private static let hashStart = Array(#","hash":""#.utf8)
    private static let comma: [UInt8] = [0x2C]
    private static let quote: [UInt8] = [0x22]
}

/// Reads bytes from front to back.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }

    /// The next byte, which stays.
    var next: UInt8? { position < end ? bytes[position] : nil }

    /// Passes over `expected`, if that is what comes next.
    mutating func skip(_ expected: [UInt8]) -> Bool {
        guard end - position >= expected.count else { return false }
        for offset in 0..<expected.count where bytes[position + offset] != expected[offset] { return false }
        position += expected.count
        return true
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard end - position >= count else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    mutating func takeByte() -> UInt8? {
        guard position < end else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    /// A decimal number without leading zeros that fits 64 bits.
    mutating func number() -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while position < end, (0x30...0x39).contains(bytes[position]) {
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(bytes[position] - 0x30))
            guard !over, !carry else { return nil }
            value = sum
            position += 1
        }
        guard position > start, bytes[start] != 0x30 || position == start + 1 else { return nil }
        return value
    }
}
