internal import KeyturnClient

/// How long to wait for a vault that is sealed or away. Pure: time comes in as milliseconds that only go up.
struct WaitSchedule {
    /// What to do after a failed attempt.
    enum Step: Equatable {
        /// Try again after so many milliseconds, and say so first where there is news.
        case wait(milliseconds: Int64, announce: Bool)
        case giveUp
    }

    private let end: Int64
    private var backoff = Backoff(first: 250, longest: 2000)
    private var nextAnnouncement: Int64

    /// - Parameter limit: the bound in milliseconds; 0 does not wait at all.
    init(start: Int64, limit: Int64) {
        end = start.addingReportingOverflow(limit).overflow ? .max : start + limit
        nextAnnouncement = start
    }

    /// The pauses double up to two seconds, by chance up to half as much again, and stop at the end of the wait; a line is
    /// announced every ten seconds.
    ///
    /// - Parameters:
    ///   - retryAfter: seconds that the vault asked for; up to five are heeded, since a program waits.
    ///   - chance: from 0 to 1.
    mutating func step(now: Int64, retryAfter: Int? = nil, chance: Double = .random(in: 0...1)) -> Step {
        guard now < end else { return .giveUp }
        let announce = now >= nextAnnouncement
        if announce { nextAnnouncement = now + 10_000 }
        let pause = backoff.next(retryAfter: retryAfter.map { min($0, 5) }, chance: chance)
        return .wait(milliseconds: min(pause, end - now), announce: announce)
    }
}
