/// Finds the searchable texts in the encoded head of a key without decoding it.
enum HeadTexts {
    /// Path, name, description, provider and tags (fields 2 to 5 and 7 of `KeyHead`), and the prefixes of all versions
    /// (field 4 of the `VersionHead`s in field 14).
    static func visit(_ head: RawSpan, _ body: (RawSpan) -> Void) {
        fields(of: head) { (number, bytes) in
            switch number {
            case 2...5, 7: body(bytes)
            case 14: fields(of: bytes) { (number, bytes) in if number == 4 { body(bytes) } }
            default: break
            }
        }
    }

    /// Lends the fields that have a length, by their numbers.
    private static func fields(of message: RawSpan, _ body: (UInt64, RawSpan) -> Void) {
        var offset = 0
        while offset < message.byteCount, let tag = varint(message, &offset) {
            guard let value = varint(message, &offset) else { return }
            switch tag & 7 {
            case 0: break
            case 2:
                guard let length = Int(exactly: value), length <= message.byteCount - offset else { return }
                body(tag >> 3, message.extracting(offset..<offset + length))
                offset += length
            // The messages of format.md have no others.
            default: return
            }
        }
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
