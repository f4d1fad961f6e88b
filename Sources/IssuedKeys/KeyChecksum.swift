internal import CSodium
internal import SecretMemory

/// The six digits at the end of an issued key, which tell a mistyped or cut-off key before any store is asked.
///
/// They are BLAKE2b-128 (RFC 7693) of everything before them, prefix and separator included, without a key and
/// with the personalisation `keyturn checksum`: its first eight bytes, little-endian, modulo 62⁶, written in
/// base 62 with the most significant digit first.
///
/// BLAKE2b rather than CRC-32, because it uses all 62⁶ values where a CRC-32 reaches fewer than one in thirteen of
/// them, because a mistake of any shape passes with the same chance of 1 in 5.7 × 10¹⁰, and because it is in the
/// library that is linked anyway. It is no protection against somebody who makes keys up: anyone can compute it.
enum KeyChecksum {
    static let length = 6
    private static let modulus: UInt64 = 56_800_235_584
    private static let personalisation: [UInt8] = Array("keyturn checksum".utf8)

    /// The number that the digits of `text` spell.
    private static func value(of text: RawSpan) -> UInt64 {
        var sum: (UInt64, UInt64) = (0, 0)
        unsafe withUnsafeMutableBytes(of: &sum) { sum in
            unsafe text.withUnsafeBytes { bytes in
                guard let sum = unsafe sum.bindMemory(to: UInt8.self).baseAddress else { return }
                _ = unsafe crypto_generichash_blake2b_salt_personal(
                    sum, 16, bytes.bindMemory(to: UInt8.self).baseAddress, UInt64(bytes.count), nil, 0, nil,
                    personalisation)
            }
        }
        return UInt64(littleEndian: sum.0) % modulus
    }

    /// Whether the last six bytes of `text` are the digits that belong after the others.
    static func isRight(_ text: RawSpan) -> Bool {
        let covered = text.byteCount - length
        guard covered >= 0 else { return false }
        var value = value(of: text.extracting(0..<covered))
        var difference: UInt8 = 0
        for offset in stride(from: text.byteCount - 1, through: covered, by: -1) {
            difference |= text.byte(at: offset) ^ Base62.digits[Int(value % 62)]
            value /= 62
        }
        return difference == 0
    }

    /// The six ASCII digits that belong after `text`.
    static func digits(of text: RawSpan) -> [UInt8] {
        var value = value(of: text)
        var digits = [UInt8](repeating: 0, count: length)
        for position in digits.indices.reversed() {
            digits[position] = Base62.digits[Int(value % 62)]
            value /= 62
        }
        return digits
    }
}
