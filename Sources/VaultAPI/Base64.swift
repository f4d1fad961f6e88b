package import SecretMemory

/// Base64 (RFC 4648, section 4, with padding) between secrets, without a copy that is not wiped.
///
/// Decoding is strict: no white space, no missing padding, no bits left over, so that one value has one text.
package enum Base64 {
    private static let pad = UInt8(ascii: "=")

    /// The text of `bytes`.
    package static func encode(_ bytes: WipedBytes) -> WipedBytes {
        bytes.withBytes { source in
            WipedBytes(count: (source.byteCount + 2) / 3 * 4) { (target: inout MutableRawSpan) in
                for group in 0..<(source.byteCount + 2) / 3 {
                    let left = min(3, source.byteCount - group * 3)
                    var bits: UInt32 = 0
                    for offset in 0..<3 {
                        bits = bits << 8 | (offset < left ? UInt32(byte(source, group * 3 + offset)) : 0)
                    }
                    for offset in 0..<4 {
                        let digit = UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * offset) & 63)
                        store(offset <= left ? letter(digit) : pad, at: group * 4 + offset, in: &target)
                    }
                }
            }
        }
    }

    /// The bytes that `text` stands for, or nil where it is not base64.
    package static func decode(_ text: WipedBytes) -> WipedBytes? {
        text.withBytes { source -> WipedBytes? in
            let length = source.byteCount
            guard length % 4 == 0 else { return nil }
            var padding = 0
            while padding < min(2, length), byte(source, length - 1 - padding) == pad { padding += 1 }
            return try? WipedBytes(count: length / 4 * 3 - padding) {
                (target: inout MutableRawSpan) throws(NotBase64) in
                for group in 0..<length / 4 {
                    let ends = group == length / 4 - 1 ? padding : 0
                    var bits: UInt32 = 0
                    for offset in 0..<4 {
                        let character = byte(source, group * 4 + offset)
                        let digit = offset >= 4 - ends ? 0 : value(character)
                        guard digit < 64 else { throw NotBase64() }
                        bits = bits << 6 | UInt32(digit)
                    }
                    guard ends == 0 || bits & (ends == 1 ? 0xFF : 0xFFFF) == 0 else { throw NotBase64() }
                    for offset in 0..<3 - ends {
                        let part = UInt8(truncatingIfNeeded: bits >> UInt32(16 - 8 * offset))
                        store(part, at: group * 3 + offset, in: &target)
                    }
                }
            }
        }
    }

    private struct NotBase64: Error {}

    private static func byte(_ span: RawSpan, _ index: Int) -> UInt8 {
        unsafe span.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    }

    private static func store(_ byte: UInt8, at index: Int, in span: inout MutableRawSpan) {
        span.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    }

    private static func letter(_ digit: UInt8) -> UInt8 {
        switch digit {
        case 0..<26: UInt8(ascii: "A") + digit
        case 26..<52: UInt8(ascii: "a") + digit - 26
        case 52..<62: UInt8(ascii: "0") + digit - 52
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    /// 0 to 63, or 64 for a character that is not of the alphabet.
    private static func value(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: 64
        }
    }
}
