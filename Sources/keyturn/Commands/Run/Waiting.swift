internal import KeyturnClient
internal import VaultAPI

/// Asks until the vault is open or the time is up.
enum Waiting {
    /// - Parameter limit: milliseconds.
    static func attempt<Answer>(limit: Int64, _ ask: () async throws -> Answer) async throws -> Answer {
        let clock = ContinuousClock()
        let start = clock.now
        var schedule = WaitSchedule(start: 0, limit: limit)
        while true {
            let failure: KeyturnClientError
            do {
                return try await ask()
            } catch let error as KeyturnClientError {
                failure = error
            }
            let passed = Int64(start.duration(to: clock.now) / .milliseconds(1))
            guard failure.mayPass,
                case .wait(let pause, let announce) = schedule.step(now: passed, retryAfter: failure.retryAfter)
            else { throw failure }
            if announce { Console.note("keyturn: waiting up to \(limit / 1000) s: \(failure)") }
            try await Task.sleep(for: .milliseconds(pause))
        }
    }
}
