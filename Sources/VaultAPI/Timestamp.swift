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
        // Replies that are made often have some of these: it is written in one go.
        return unsafe String(unsafeUninitializedCapacity: 24) { text in
            var length = 0
            func put(_ byte: UInt8) {
                unsafe text[length] = byte
                length += 1
            }
            func put(_ number: Int64, _ width: Int) {
                var divisor: Int64 = width == 4 ? 1000 : width == 3 ? 100 : 10
                while divisor > 0 {
                    put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
                    divisor /= 10
                }
            }
            put(Int64(date.year), 4)
            put(UInt8(ascii: "-"))
            put(Int64(date.month), 2)
            put(UInt8(ascii: "-"))
            put(Int64(date.day), 2)
            put(UInt8(ascii: "T"))
            put(second / 3600, 2)
            put(UInt8(ascii: ":"))
            put(second / 60 % 60, 2)
            put(UInt8(ascii: ":"))
            put(second % 60, 2)
            if fraction != 0 {
                put(UInt8(ascii: "."))
                put(fraction, 3)
            }
            put(UInt8(ascii: "Z"))
            return length
        }
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

extension Int64 {
    /// Quotient rounded down, and the remainder that goes with it, which is never negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
