/// A length of time as settings and files of rotators write it.
enum SpanText {
    /// Milliseconds of a number and `s`, `m`, `h` or `d`; nil where it is none, or nothing.
    static func milliseconds(_ text: some StringProtocol) -> Int64? {
        let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        let digits = text.dropLast()
        guard let unit = text.last.flatMap({ units[$0] }), (1...7).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int64(digits), count > 0
        else { return nil }
        return count * unit
    }
}
