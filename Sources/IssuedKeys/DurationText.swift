/// Why a text is no duration. Nothing of the text is in it.
package enum DurationTextError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Not a whole number and one unit.
    case malformed
    /// A duration of nothing.
    case zero
    /// A duration below nothing.
    case negative
    /// More milliseconds than an `Int64` holds.
    case tooLong

    package var description: String {
        switch self {
        case .malformed: "a duration is a whole number and one of s, m, h, d, w, such as 90d or 24h"
        case .zero: "a duration is at least 1s"
        case .negative: "a duration is not negative"
        case .tooLong: "the duration is too long to be counted"
        }
    }
}

/// Durations as people write them: a whole number and one unit of `s`, `m`, `h`, `d` (24 hours) or `w` (7 days).
package enum DurationText {
    /// The milliseconds in `text`, 1000 or more.
    ///
    /// One number, without sign, leading zero or fraction, then one unit at once: `90d`, `24h`, `30m`, `10s`, `2w`.
    ///
    /// - Throws: ``DurationTextError``.
    package static func milliseconds(_ text: String) throws(DurationTextError) -> Int64 {
        let written = Array(text.utf8)
        let isNegative = written.first == UInt8(ascii: "-")
        let length = try magnitude(written.dropFirst(isNegative ? 1 : 0))
        guard !isNegative else { throw .negative }
        return length
    }

    private static func magnitude(_ bytes: ArraySlice<UInt8>) throws(DurationTextError) -> Int64 {
        let digits = bytes.dropLast()
        guard let last = bytes.last, let unit = unit(last), !digits.isEmpty,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw .malformed }
        guard digits.first != UInt8(ascii: "0") else {
            if digits.count == 1 { throw .zero }
            throw .malformed
        }
        var value: Int64 = 0
        for digit in digits {
            value = try multiplied(value, by: 10)
            let (sum, overflow) = value.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            guard !overflow else { throw .tooLong }
            value = sum
        }
        return try multiplied(value, by: unit)
    }

    private static func unit(_ letter: UInt8) -> Int64? {
        switch letter {
        case UInt8(ascii: "s"): 1000
        case UInt8(ascii: "m"): 60_000
        case UInt8(ascii: "h"): 3_600_000
        case UInt8(ascii: "d"): 86_400_000
        case UInt8(ascii: "w"): 604_800_000
        default: nil
        }
    }

    private static func multiplied(_ value: Int64, by factor: Int64) throws(DurationTextError) -> Int64 {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw .tooLong }
        return product
    }
}
