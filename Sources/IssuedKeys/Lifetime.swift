/// Why an issued key cannot live as long as was asked.
package enum LifetimeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The lifetime is not more than nothing, or its end is not in the future.
    case ended
    /// The end lies after the year 9999, the last that RFC 3339 can write.
    case tooFar

    package var description: String {
        switch self {
        case .ended: "a lifetime ends in the future"
        case .tooFar: "a lifetime ends in the year 9999 at the latest"
        }
    }
}

/// When issued keys end. Times and lengths are milliseconds, times since 1970 UTC.
package enum Lifetime {
    /// The last millisecond of the year 9999.
    package static let latest: Int64 = 253_402_300_799_999

    /// The end of a life of `length` that begins at `now`.
    ///
    /// - Throws: ``LifetimeError``: never an end that has passed, and never none.
    package static func end(from now: Int64, lasting length: Int64) throws(LifetimeError) -> Int64 {
        guard length > 0 else { throw .ended }
        let (end, overflow) = now.addingReportingOverflow(length)
        guard !overflow else { throw .tooFar }
        try check(end: end, at: now)
        return end
    }

    /// Checks an end that was given as a time.
    ///
    /// - Throws: ``LifetimeError``.
    package static func check(end: Int64, at now: Int64) throws(LifetimeError) {
        guard end > now else { throw .ended }
        guard end <= latest else { throw .tooFar }
    }

    /// Whether a life that ends at `end` is over at `now`: at `end` itself it is.
    package static func isOver(end: Int64, at now: Int64) -> Bool { now >= end }
}
