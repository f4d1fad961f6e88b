/// Times as the log writes them: RFC 3339 in UTC, always with milliseconds, so that lines compare as text.
enum Timestamp {
    /// The years 0000 to 9999; what lies outside is written as the nearest end.
    static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    static func clamped(_ milliseconds: Int64) -> Int64 { min(max(milliseconds, range.lowerBound), range.upperBound) }

    /// Appends 24 bytes, `2026-11-21T03:29:07.123Z`.
    static func append(_ milliseconds: Int64, to target: inout [UInt8]) {
        let start = target.count
        target.append(contentsOf: repeatElement(0, count: 24))
        unsafe target.withUnsafeMutableBytes { target in
            var writer = unsafe LineWriter(target, from: start)
            put(milliseconds, to: &writer)
        }
    }

    /// The same 24 bytes.
    static func put(_ milliseconds: Int64, to writer: inout LineWriter) {
        let time = clamped(milliseconds)
        let (days, inDay) = time.flooredDivision(by: 86_400_000)
        let (year, month, day) = civil(days)
        func digits(_ number: Int64, _ width: Int, _ after: UInt8) {
            writer.put(UInt64(number), width: width)
            writer.put(after)
        }
        digits(year, 4, 0x2D)
        digits(month, 2, 0x2D)
        digits(day, 2, 0x54)
        digits(inDay / 3_600_000, 2, 0x3A)
        digits(inDay / 60_000 % 60, 2, 0x3A)
        digits(inDay / 1000 % 60, 2, 0x2E)
        digits(inDay % 1000, 3, 0x5A)
    }

    /// The milliseconds since 1970 of the 24 bytes that ``append(_:to:)`` writes, or nil for any other form.
    static func parse(_ text: ArraySlice<UInt8>) -> Int64? {
        guard text.count == 24 else { return nil }
        let separators: [(Int, UInt8)] = [
            (4, 0x2D), (7, 0x2D), (10, 0x54), (13, 0x3A), (16, 0x3A), (19, 0x2E), (23, 0x5A),
        ]
        let base = text.startIndex
        guard separators.allSatisfy({ text[base + $0.0] == $0.1 }) else { return nil }
        var parts: [Int64] = []
        for (start, count) in [(0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2), (20, 3)] {
            var value: Int64 = 0
            for byte in text[(base + start)..<(base + start + count)] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            parts.append(value)
        }
        guard (1...12).contains(parts[1]), parts[3] < 24, parts[4] < 60, parts[5] < 60 else { return nil }
        let days = dayNumber(year: parts[0], month: parts[1], day: parts[2])
        guard civil(days) == (parts[0], parts[1], parts[2]) else { return nil }
        return ((days * 24 + parts[3]) * 60 + parts[4]) * 60_000 + parts[5] * 1000 + parts[6]
    }

    /// Days since 1970-01-01 to a date of the proleptic Gregorian calendar; years are counted from 1 March.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).flooredDivision(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int64 {
    /// The quotient rounded down, and the rest, which is never negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}
