/// Why a text is no rate limit, or several are none together. Nothing of the text is in it.
package enum RateLimitError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Not a number of uses, `/`, and a length of time.
    case malformed
    /// Fewer uses than one, or more than ``RateLimit/mostUses``.
    case uses
    /// Shorter than a second or longer than ``RateLimit/longest``.
    case length
    /// More than ``RateLimits/mostLimits``.
    case tooMany
    /// Two limits over the same length of time.
    case repeated

    package var description: String {
        switch self {
        case .malformed: "a limit is a number of uses in a time, such as 10/s, 600/m, 100/15m or 10000/d"
        case .uses: "a limit allows 1 to \(RateLimit.mostUses) uses"
        case .length: "a limit is over a second at least and 400 days at most"
        case .tooMany: "there are at most \(RateLimits.mostLimits) limits"
        case .repeated: "each length of time has one limit"
        }
    }
}

/// At most so many uses in any stretch of so much time.
package struct RateLimit: Sendable, Hashable, CustomStringConvertible {
    /// The most uses that a limit can allow.
    package static let mostUses: Int64 = 1_000_000_000
    /// The longest stretch, in milliseconds: 400 days.
    package static let longest: Int64 = 400 * 86_400_000

    /// 1 to ``mostUses``.
    package let uses: Int64
    /// Milliseconds: whole seconds, up to ``longest``.
    package let length: Int64

    /// Reads `10/s`, `600/m`, `5/h`, `10000/d`, or with a number before the unit: `100/15m`. Spaces are refused.
    ///
    /// - Throws: ``RateLimitError``.
    package init(parsing text: String) throws(RateLimitError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, let unit = parts[1].last.flatMap(Self.unit) else { throw .malformed }
        let uses = try Self.number(parts[0])
        let count = parts[1].count == 1 ? 1 : try Self.number(parts[1].dropLast())
        guard count <= Self.longest else { throw .length }
        let (length, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow else { throw .length }
        try self.init(uses: uses, length: length)
    }

    /// - Parameter length: milliseconds.
    /// - Throws: ``RateLimitError``.
    package init(uses: Int64, length: Int64) throws(RateLimitError) {
        guard (1...Self.mostUses).contains(uses) else { throw .uses }
        guard (1000...Self.longest).contains(length), length % 1000 == 0 else { throw .length }
        self.uses = uses
        self.length = length
    }

    /// The text that reads as this limit, with the largest unit that fits: `10/s`, `100/15m`.
    package var description: String {
        let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m")]
        let (unit, letter) = units.first { length % $0.0 == 0 } ?? (1000, "s")
        return length == unit ? "\(uses)/\(letter)" : "\(uses)/\(length / unit)\(letter)"
    }

    private static func unit(_ letter: UInt8) -> Int64? {
        switch letter {
        case UInt8(ascii: "s"): 1000
        case UInt8(ascii: "m"): 60_000
        case UInt8(ascii: "h"): 3_600_000
        case UInt8(ascii: "d"): 86_400_000
        default: nil
        }
    }

    /// A decimal number without sign or leading zero; more than any limit can have where it has many digits.
    private static func number(_ digits: Substring.UTF8View) throws(RateLimitError) -> Int64 {
        guard !digits.isEmpty, digits.first != UInt8(ascii: "0") || digits.count == 1,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw .malformed }
        guard digits.count <= 15 else { return .max }
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
}

/// Several limits, all of which hold: at most eight, each length of time once, the shortest first.
package struct RateLimits: Sendable, Hashable, CustomStringConvertible {
    /// The most limits that hold together.
    package static let mostLimits = 8

    /// No limits.
    package static let none = RateLimits(checked: [])

    package let limits: [RateLimit]

    private init(checked limits: [RateLimit]) { self.limits = limits }

    /// - Throws: ``RateLimitError/tooMany``, ``RateLimitError/repeated``.
    package init(_ limits: [RateLimit]) throws(RateLimitError) {
        guard limits.count <= Self.mostLimits else { throw .tooMany }
        guard Set(limits.map(\.length)).count == limits.count else { throw .repeated }
        self.limits = limits.sorted { $0.length < $1.length }
    }

    /// Reads limits; each text may itself have several between commas: `10/s, 10000/d`.
    ///
    /// - Throws: ``RateLimitError``.
    package init(parsing texts: [String]) throws(RateLimitError) {
        var limits: [RateLimit] = []
        for text in texts {
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard limits.count < Self.mostLimits else { throw .tooMany }
                limits.append(try RateLimit(parsing: Self.trimmed(part)))
            }
        }
        try self.init(limits)
    }

    /// Each limit as text; reading them gives equal limits.
    package var texts: [String] { limits.map(\.description) }

    package var description: String { texts.joined(separator: ", ") }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
