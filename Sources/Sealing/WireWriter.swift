internal import SecretMemory

/// Writes what ``WireCursor`` reads: to an array, or, for secrets, over memory of exactly the right size.
enum Wire {
    /// How many bytes an integer field takes: none for 0.
    static func size(ofInteger value: UInt64) -> Int { value == 0 ? 0 : 1 + varintSize(value) }

    /// How many bytes a field of `count` bytes takes.
    static func size(ofBytes count: Int) -> Int { 1 + varintSize(UInt64(count)) + count }

    static func varintSize(_ value: UInt64) -> Int { max(1, (64 - value.leadingZeroBitCount + 6) / 7) }

    static func append(_ field: UInt8, integer value: UInt64, to output: inout [UInt8]) {
        guard value != 0 else { return }
        output.append(field << 3)
        appendVarint(value, to: &output)
    }

    static func append(_ field: UInt8, bytes: some FixedBytes, to output: inout [UInt8]) {
        append(field, bytes: bytes.bytes, to: &output)
    }

    static func append(_ field: UInt8, bytes: [UInt8], to output: inout [UInt8]) {
        appendHeader(field, byteCount: bytes.count, to: &output)
        output += bytes
    }

    static func appendHeader(_ field: UInt8, byteCount: Int, to output: inout [UInt8]) {
        output.append(field << 3 | 2)
        appendVarint(UInt64(byteCount), to: &output)
    }

    private static func appendVarint(_ value: UInt64, to output: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        output.append(UInt8(truncatingIfNeeded: rest))
    }
}

/// Writes fields one after the other over a span that every call is given.
struct SpanWriter {
    private(set) var offset = 0

    mutating func header(_ field: UInt8, byteCount: Int, to span: inout MutableRawSpan) {
        put(field << 3 | 2, to: &span)
        varint(UInt64(byteCount), to: &span)
    }

    mutating func integer(_ field: UInt8, _ value: UInt64, to span: inout MutableRawSpan) {
        guard value != 0 else { return }
        put(field << 3, to: &span)
        varint(value, to: &span)
    }

    mutating func bytes(_ field: UInt8, _ bytes: RawSpan, to span: inout MutableRawSpan) {
        header(field, byteCount: bytes.byteCount, to: &span)
        span.copy(bytes, to: offset)
        offset += bytes.byteCount
    }

    private mutating func put(_ byte: UInt8, to span: inout MutableRawSpan) {
        span.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
        offset += 1
    }

    private mutating func varint(_ value: UInt64, to span: inout MutableRawSpan) {
        var rest = value
        while rest >= 0x80 {
            put(UInt8(truncatingIfNeeded: rest) | 0x80, to: &span)
            rest >>= 7
        }
        put(UInt8(truncatingIfNeeded: rest), to: &span)
    }
}
