/// Names one request to its client and in the log. It is no secret.
struct RequestID: Sendable, CustomStringConvertible {
    private let value = UInt64.random(in: .min ... .max)

    /// 16 lower-case hexadecimal digits.
    var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
