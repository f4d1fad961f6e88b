/// When and how a key is rotated. All times are milliseconds.
package struct RotationPolicy: Sendable, Equatable {
    package enum Timing: Sendable, Equatable {
        /// So long after the rotation before.
        case every(Int64)
        case schedule(CronSchedule)
        /// Only when somebody says so.
        case whenAsked
    }

    /// What becomes of a rotation that was due while nobody could do it.
    package enum Missed: Sendable, Equatable {
        /// One is made up for, a little later for some keys than for others.
        case now
        /// It is left out, with a record, and the next regular one counts.
        case next
    }

    package enum Retirement: Sendable, Equatable {
        case afterOverlap
        /// Once all who fetched the previous version have the new one, but not before the overlap is over, and not
        /// later than `deadline` after the rotation.
        case whenAcknowledged(deadline: Int64)
    }

    package var timing: Timing
    /// How long the previous version stays valid at least.
    package var overlap: Int64 = 0
    package var missed: Missed = .now
    package var retirement: Retirement = .afterOverlap
    /// A rotation is due up to so much later than its time: which part of it is the key's own.
    package var jitter: Int64 = 0
    /// Minutes after midnight, UTC, between which a rotation may begin; over midnight where the first is later.
    package var window: RotationWindow?
    /// Since when nothing is begun; nil where it is not paused.
    package var paused: Int64?

    package init(timing: Timing) { self.timing = timing }

    package static let shortestInterval: Int64 = 60_000
    package static let longest: Int64 = 3_660 * 86_400_000

    /// The interval, where there is one.
    package var interval: Int64? {
        if case .every(let interval) = timing { return interval }
        return nil
    }

    /// When the previous version is retired at the latest, after the rotation.
    var deadline: Int64 {
        switch retirement {
        case .afterOverlap: overlap
        case .whenAcknowledged(let deadline): deadline
        }
    }

    /// - Throws: ``RotatorSettingsError`` that names the setting.
    package func check() throws(RotatorSettingsError) {
        if case .every(let interval) = timing {
            guard (Self.shortestInterval...Self.longest).contains(interval) else {
                throw RotatorSettingsError("every", "an interval is 1m to 3660d")
            }
            guard jitter <= interval / 2 else {
                throw RotatorSettingsError("jitter", "the jitter is at most half of the interval")
            }
            guard deadline <= interval else {
                throw RotatorSettingsError(
                    retirement == .afterOverlap ? "overlap" : "deadline",
                    "the previous version is retired before the next rotation: at most the interval")
            }
        }
        guard (0...Self.longest).contains(overlap) else {
            throw RotatorSettingsError("overlap", "an overlap is at most 3660d")
        }
        guard (0...7 * CivilTime.dayLength).contains(jitter) else {
            throw RotatorSettingsError("jitter", "the jitter is at most 7d")
        }
        if case .whenAcknowledged(let deadline) = retirement {
            guard deadline > 0, deadline >= overlap, deadline <= Self.longest else {
                throw RotatorSettingsError("deadline", "the deadline is not before the end of the overlap")
            }
        }
        if let window { try window.check() }
    }
}

/// Hours of the day in which a rotation may begin, in UTC.
package struct RotationWindow: Sendable, Equatable {
    /// Minutes after midnight, 0 to 1439.
    package var from: Int
    package var until: Int

    package init(from: Int, until: Int) {
        self.from = from
        self.until = until
    }

    func check() throws(RotatorSettingsError) {
        guard (0..<1_440).contains(from), (0..<1_440).contains(until), from != until else {
            throw RotatorSettingsError("window", "a window is two different times of day, such as 22:00-04:00")
        }
    }

    /// In milliseconds.
    var length: Int64 { Int64((until - from + 1_440) % 1_440) * CivilTime.minuteLength }

    /// Whether `moment` is inside.
    package func contains(_ moment: Int64) -> Bool {
        moment - opening(notAfter: moment) < length
    }

    /// When the window opened last.
    private func opening(notAfter moment: Int64) -> Int64 {
        let offset = Int64(from) * CivilTime.minuteLength
        return floorDivide(moment - offset, CivilTime.dayLength) * CivilTime.dayLength + offset
    }

    /// When it opens next, for a moment that is outside.
    func opening(after moment: Int64) -> Int64 { opening(notAfter: moment) + CivilTime.dayLength }
}
