internal import SecretMemory

/// Whether bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Check {
    /// The line and column of the first byte that does not belong, or nil where all do.
    static func firstMistake(in source: WipedBytes) -> (line: Int, column: Int)? {
        source.withBytes { bytes in
            var offset = 0
            var line = 1
            var column = 1
            while offset < bytes.byteCount {
                guard let length = sequenceLength(bytes, at: offset) else { return (line, column) }
                if length == 1, byte(bytes, offset) == Ascii.lineFeed {
                    line += 1
                    column = 1
                } else {
                    column += 1
                }
                offset += length
            }
            return nil
        }
    }

    private static func sequenceLength(_ bytes: RawSpan, at offset: Int) -> Int? {
        let first = byte(bytes, offset)
        let length: Int
        let second: ClosedRange<UInt8>
        switch first {
        case 0x00...0x7f: return 1
        case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: return nil
        }
        guard offset + length <= bytes.byteCount, second.contains(byte(bytes, offset + 1)) else { return nil }
        for next in offset + 2..<offset + length where byte(bytes, next) & 0xc0 != 0x80 { return nil }
        return length
    }

    private static func byte(_ bytes: RawSpan, _ offset: Int) -> UInt8 {
        unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
