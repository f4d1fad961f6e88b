/// A moment in UTC, to the millisecond; on the wire a string of RFC 3339 such as `2026-11-21T03:29:07Z`.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// The last moment of the year 9999, which is where RFC 3339 ends.
    package static let last = Timestamp(milliseconds: 253_402_300_799_999)

    package static let expectation = "a time of RFC 3339 from the year 1970 on, such as `2026-11-21T03:29:07Z`"

    /// The text in UTC; milliseconds are shown where there are any. Moments outside the years 0 to 9999 are shown as
    /// the nearest one inside.
    package var description: String {
        let first: Int64 = -62_167_219_200_000
        let moment = min(max(milliseconds, first), Self.last.milliseconds)
        let (day, ofDay) = moment.flooredDivision(by: 86_400_000)
        let date = CivilDate(daysSince1970: day)
        let (second, fraction) = ofDay.quotientAndRemainder(dividingBy: 1000)
        var text = "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))T"
        text += "\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
        if fraction != 0 { text += "." + digits(fraction, 3) }
        return text + "Z"
    }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let moment = Timestamp(parsing: text) else {
            throw WireRefusal(at: decoder.codingPath, expected: Self.expectation)
        }
        self = moment
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

private func digits(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

extension Int64 {
    /// Quotient rounded down, and the remainder that goes with it, which is never negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
