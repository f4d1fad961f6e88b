internal import SecretMemory

/// The sixty-two digits of an issued key: `0` to `9`, `A` to `Z`, `a` to `z`, worth 0 to 61 in that order.
enum Base62 {
    static let digits: [UInt8] = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    /// Writes digits over `range` of `target`, each of the sixty-two equally likely.
    ///
    /// A random byte below 248, which is four times sixty-two, gives a digit; a byte from 248 up is thrown away,
    /// since keeping it would make the first eight digits more likely than the rest.
    static func fill(_ target: inout MutableRawSpan, in range: Range<Int>, from random: any RandomSource) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let pool = WipedBytes(count: 64) { (span: inout MutableRawSpan) in random.fill(&span) }
            pool.withBytes { bytes in
                for position in 0..<bytes.byteCount where offset < range.upperBound {
                    let byte = bytes.byte(at: position)
                    guard byte < 248 else { continue }
                    target.storeBytes(of: digits[Int(byte % 62)], toByteOffset: offset, as: UInt8.self)
                    offset += 1
                }
            }
        }
    }
}
