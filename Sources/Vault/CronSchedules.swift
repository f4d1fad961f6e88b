internal import Rotation
internal import Synchronization

/// Schedules by their text: a hundred thousand keys share a few.
final class CronSchedules: Sendable {
    static let shared = CronSchedules()
    private static let most = 1_024
    private let known = Mutex<[String: CronSchedule]>([:])

    /// - Throws: ``CronError`` for a text that is no schedule.
    func schedule(_ text: String) throws(CronError) -> CronSchedule {
        if let schedule = known.withLock({ $0[text] }) { return schedule }
        let schedule = try CronSchedule(parsing: text)
        known.withLock { known in
            if known.count >= Self.most { known.removeAll() }
            known[text] = schedule
        }
        return schedule
    }
}
