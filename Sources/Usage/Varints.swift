/// Writes numbers and texts one after the other: numbers as Protocol Buffers' varints, texts with their length before
/// them.
struct VarintWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func put(_ value: some FixedWidthInteger & UnsignedInteger) { put(UInt64(value)) }
    mutating func put(_ value: Int) { put(UInt64(clamping: value)) }
    mutating func put(_ value: Int64) { put(UInt64(clamping: value)) }

    mutating func put(_ text: String) {
        put(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }
}

/// Bytes that are no page.
struct NoPage: Error {}

/// Reads what ``VarintWriter`` wrote, and believes nothing.
struct VarintReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    var isAtEnd: Bool { bytes.isEmpty }

    mutating func number() throws(NoPage) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = bytes.popFirst() else { throw NoPage() }
            guard shift < 63 || byte <= 1 else { throw NoPage() }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw NoPage()
    }

    /// A number of at most `limit`.
    mutating func number<Number: FixedWidthInteger>(
        upTo limit: Number = .max, as type: Number.Type = Number.self
    ) throws(NoPage) -> Number {
        guard let number = Number(exactly: try number()), number <= limit else { throw NoPage() }
        return number
    }

    /// A text of at most `limit` bytes of UTF-8.
    mutating func text(_ limit: Int) throws(NoPage) -> String {
        let count: Int = try number(upTo: limit)
        guard count <= bytes.count, let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw NoPage()
        }
        bytes.removeFirst(count)
        return text
    }
}
