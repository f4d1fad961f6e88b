/// Names one request to its client and in the log. It is no secret.
struct RequestID: Sendable, CustomStringConvertible {
    private let value = UInt64.random(in: .min ... .max)

    /// 16 lower-case hexadecimal digits.
    var description: String {
        unsafe String(unsafeUninitializedCapacity: 16) { text in
            for offset in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * offset)) & 15
                unsafe text[offset] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }
}
