internal import KeyturnClient
internal import VaultAPI

/// Asks until the vault is open or the time is up.
enum Waiting {
    static func values(
        _ references: [ValueReference], from vault: KeyturnVault, limit: Int64
    ) async throws -> [KeyValue] {
        let clock = ContinuousClock()
        let start = clock.now
        var schedule = WaitSchedule(start: 0, limit: limit)
        while true {
            let failure: KeyturnClientError
            do {
                return try await vault.values(references).values
            } catch {
                failure = error
            }
            let passed = start.duration(to: clock.now) / .milliseconds(1)
            guard canPass(failure), case .wait(let pause, let announce) = schedule.step(now: Int64(passed)) else {
                throw failure
            }
            if announce { Console.note("keyturn: waiting up to \(limit / 1000) s: \(failure)") }
            try await Task.sleep(for: .milliseconds(pause))
        }
    }

    /// Whether waiting may help: asking for values a second time changes nothing.
    private static func canPass(_ error: KeyturnClientError) -> Bool {
        error.code == .sealed || error.code == .unreachable || error.code == .interrupted
    }
}
