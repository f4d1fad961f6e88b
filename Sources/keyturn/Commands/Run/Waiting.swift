internal import KeyturnClient
internal import VaultAPI

/// Asks until the vault is open or the time is up.
struct Waiting {
    /// How long one attempt may take even where less is left to wait, so that not to wait is still to ask.
    static let leastAttempt = Duration.seconds(3)

    var now: () -> ContinuousClock.Instant = { .now }
    var pause: (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// - Parameters:
    ///   - limit: milliseconds. A vault that does not answer holds the caller for that long, or for ``leastAttempt``
    ///     beyond it where an attempt has just begun.
    ///   - ask: is given the moment by which it has to have its answer.
    func attempt<Answer>(
        limit: Int64, _ ask: (ContinuousClock.Instant) async throws -> Answer
    ) async throws -> Answer {
        let start = now()
        var schedule = WaitSchedule(start: 0, limit: limit)
        while true {
            let failure: KeyturnClientError
            do {
                return try await ask(max(start + .milliseconds(limit), now() + Self.leastAttempt))
            } catch let error as KeyturnClientError {
                failure = error
            }
            let passed = Int64(start.duration(to: now()) / .milliseconds(1))
            guard failure.mayPass,
                case .wait(let length, let announce) = schedule.step(now: passed, retryAfter: failure.retryAfter)
            else { throw failure }
            if announce { Console.note("keyturn: waiting up to \(limit / 1000) s: \(failure)") }
            try await pause(.milliseconds(length))
        }
    }
}
