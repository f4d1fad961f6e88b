internal import Policy
internal import Rotation
internal import Vault

/// When keys are rotated next, and after that, as far as a calendar looks ahead. Jitter, windows and what fails can put a
/// later one off: these are the times by the settings.
enum DueDates {
    /// How far a page looks ahead, in days.
    static let days: Int64 = 90

    /// - Parameters:
    ///   - first: when the next one is due.
    ///   - until: times before that are given.
    ///   - most: so many at most, for a key that is rotated every minute.
    static func times(_ timing: RotationSettingsInput.Timing, first: Int64?, until: Int64, most: Int = 400) -> [Int64] {
        guard let first, first < until else { return [] }
        var times = [first]
        let schedule: CronSchedule? =
            if case .schedule(let text) = timing { try? CronSchedule(parsing: text) } else { nil }
        while times.count < most, let last = times.last {
            let next: Int64? =
                switch timing {
                case .every(let interval): last + interval
                case .schedule: schedule?.next(after: last)
                case .whenAsked: nil
                }
            guard let next, next > last, next < until else { break }
            times.append(next)
        }
        return times
    }
}
