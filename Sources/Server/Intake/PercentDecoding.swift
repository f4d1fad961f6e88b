internal import VaultAPI

/// Decoding of `application/x-www-form-urlencoded` bytes, strictly: `%` is followed by two hexadecimal digits, and `+` is
/// a space.
enum PercentDecoding {
    /// The decoded bytes, or nil where `%` is not followed by two hexadecimal digits.
    static func decode(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(HexDigit.value), let low = rest.next().flatMap(HexDigit.value)
                else { return nil }
                decoded.append(high << 4 | low)
            default: decoded.append(byte)
            }
        }
        return decoded
    }

    /// Decodes the first `count` bytes of `buffer` in place.
    ///
    /// - Returns: how many bytes are left, or nil where `%` is not followed by two hexadecimal digits. What lies behind
    ///   them is what lay there before: the caller wipes it.
    static func decode(inPlace buffer: inout MutableRawSpan, from start: Int) -> Int? {
        var read = start
        var written = 0
        let count = buffer.byteCount
        while read < count {
            var byte = unsafe buffer.unsafeLoad(fromByteOffset: read, as: UInt8.self)
            if byte == UInt8(ascii: "+") {
                byte = UInt8(ascii: " ")
            } else if byte == UInt8(ascii: "%") {
                guard read + 2 < count,
                    let high = HexDigit.value(of: unsafe buffer.unsafeLoad(fromByteOffset: read + 1, as: UInt8.self)),
                    let low = HexDigit.value(of: unsafe buffer.unsafeLoad(fromByteOffset: read + 2, as: UInt8.self))
                else { return nil }
                byte = high << 4 | low
                read += 2
            }
            buffer.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
            read += 1
            written += 1
        }
        return written
    }
}
