/// Walks over an encoded message (Protocol Buffers' wire format) without decoding it.
enum EncodedFields {
    /// Lends every field, by its number: integers to one closure, what has a length to the other.
    ///
    /// - Returns: false where the bytes end within a field, or one is of a type that the messages of format.md have not.
    @discardableResult
    @inline(__always)
    static func visit(
        _ message: RawSpan, integers: (UInt64, UInt64) -> Void = { _, _ in }, bytes: (UInt64, RawSpan) -> Void
    ) -> Bool {
        var offset = 0
        while offset < message.byteCount {
            guard let tag = varint(message, &offset), let value = varint(message, &offset) else { return false }
            switch tag & 7 {
            case 0: integers(tag >> 3, value)
            case 2:
                guard let length = Int(exactly: value), length <= message.byteCount - offset else { return false }
                bytes(tag >> 3, message.extracting(offset..<offset + length))
                offset += length
            default: return false
            }
        }
        return true
    }

    private static func varint(_ bytes: RawSpan, _ offset: inout Int) -> UInt64? {
        var (value, shift) = (UInt64(0), UInt64(0))
        while offset < bytes.byteCount, shift < 64 {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
