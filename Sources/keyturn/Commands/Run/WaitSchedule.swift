/// How long to wait for a vault that is sealed or away. Pure: time comes in as milliseconds that only go up.
struct WaitSchedule {
    /// What to do after a failed attempt.
    enum Step: Equatable {
        /// Try again after so many milliseconds, and say so first where there is news.
        case wait(milliseconds: Int64, announce: Bool)
        case giveUp
    }

    private let end: Int64
    private var pause: Int64 = 250
    private var nextAnnouncement: Int64

    /// - Parameter limit: the bound in milliseconds; 0 does not wait at all.
    init(start: Int64, limit: Int64) {
        end = start.addingReportingOverflow(limit).overflow ? .max : start + limit
        nextAnnouncement = start
    }

    /// The pauses double up to two seconds and stop at the end of the wait; a line is announced every ten seconds.
    mutating func step(now: Int64) -> Step {
        guard now < end else { return .giveUp }
        let announce = now >= nextAnnouncement
        if announce { nextAnnouncement = now + 10_000 }
        let length = min(pause, end - now)
        pause = min(pause * 2, 2000)
        return .wait(milliseconds: length, announce: announce)
    }
}
