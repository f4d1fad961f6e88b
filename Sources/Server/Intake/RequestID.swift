internal import Synchronization

/// Names one request to its client and in the log. It is no secret, and each is another.
struct RequestID: Sendable, CustomStringConvertible {
    private let value: UInt64

    /// Where this process began to count.
    private static let last = Atomic(UInt64.random(in: .min ... .max))

    init() {
        // SplitMix64 (Steele, Lea and Flood, 2014): another word for each number, and nothing is asked of the system.
        var word = Self.last.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        value = word ^ word >> 31
    }

    /// 16 lower-case hexadecimal digits.
    var description: String {
        unsafe String(unsafeUninitializedCapacity: 16) { text in
            var offset = 0
            eachDigit { digit in
                unsafe text[offset] = digit
                offset += 1
            }
            return 16
        }
    }

    /// Hands on the 16 digits in ASCII.
    func eachDigit(_ put: (UInt8) -> Void) {
        for offset in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * offset)) & 15
            put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
