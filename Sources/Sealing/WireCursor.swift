internal import SecretMemory

/// Reads Protocol Buffers' wire format in its one canonical spelling: fields in ascending order, none with its
/// default value, integers and lengths as short as they can be, nothing unknown. Field numbers are below 16, so that a
/// tag is one byte. What is spelt otherwise is malformed, so that every record has exactly one encoding.
struct WireCursor {
    private var offset: Int
    private let end: Int
    private let kind: RecordKind

    /// - Parameters:
    ///   - range: which part of the span, that every call is given, is the message; all of it by default.
    ///   - kind: named in the error.
    init(_ span: RawSpan, _ range: Range<Int>? = nil, of kind: RecordKind) {
        offset = range?.lowerBound ?? 0
        end = range?.upperBound ?? span.byteCount
        self.kind = kind
    }

    /// The integer of `field`, or 0 where it is left out.
    mutating func integer<I: FixedWidthInteger & UnsignedInteger>(_ field: UInt8, in span: RawSpan)
        throws(SealingError) -> I
    {
        guard tag(field << 3, in: span) else { return 0 }
        let value = try varint(in: span)
        guard value != 0, let result = I(exactly: value) else { throw .malformed(kind) }
        return result
    }

    /// Where the bytes of `field` are, or nil where it is left out. They are never none, but for `allowingEmpty`.
    mutating func bytes(_ field: UInt8, in span: RawSpan, allowingEmpty: Bool = false)
        throws(SealingError) -> Range<Int>?
    {
        guard tag(field << 3 | 2, in: span) else { return nil }
        let count = try varint(in: span)
        guard count <= UInt64(end - offset), count > 0 || allowingEmpty else { throw .malformed(kind) }
        defer { offset += Int(count) }
        return offset..<(offset + Int(count))
    }

    /// The bytes of `field`, as many as `Bytes` has.
    mutating func fixed<Bytes: FixedBytes>(_ field: UInt8, in span: RawSpan) throws(SealingError) -> Bytes {
        guard let range = try bytes(field, in: span), let bytes = Bytes(span.extracting(range)) else {
            throw .malformed(kind)
        }
        return bytes
    }

    /// Throws unless everything was read.
    func finish() throws(SealingError) {
        guard offset == end else { throw .malformed(kind) }
    }

    private mutating func tag(_ tag: UInt8, in span: RawSpan) -> Bool {
        guard offset < end, span.byte(at: offset) == tag else { return false }
        offset += 1
        return true
    }

    private mutating func varint(in span: RawSpan) throws(SealingError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < end {
            let byte = span.byte(at: offset)
            offset += 1
            // The tenth byte holds the last bit.
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 {
                guard byte != 0 || shift == 0 else { break }
                return value
            }
            shift += 7
        }
        throw .malformed(kind)
    }
}
