internal import ArgumentParser
internal import KeyturnClient
internal import VaultAPI

/// `keyturn rotate`.
struct RotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Replace a key now.",
        discussion: """
            Begins the rotation that is set up for the key, before its time, and ends without waiting for the provider; \
            with --wait it ends when the new value is current. While the version before the current one is still \
            honoured, a rotation would end it before its time: that is refused unless --end-overlap is given.

              keyturn rotate payments/stripe --wait 2m
              keyturn rotation plan payments/stripe

            Ends with 0 when the rotation has begun, or with --wait when it is done; with 1 when it could not begin, or \
            with --wait when it failed, is held, or is not done in that time. It goes on by itself in any case.
            """)

    @OptionGroup var vault: VaultOptions
    @OptionGroup var json: JSONOption

    @Argument(help: "Where the key is.")
    var path: String

    @Flag(help: "End the version before the current one at once, where it is still honoured.")
    var endOverlap = false

    @Option(help: "Wait so long for the new value to be current, such as 2m.")
    var wait: String?

    func run() async throws {
        let path = try KeyText.path(path)
        let limit = try wait.map { (text) throws(Failure) in try Self.milliseconds(text) }
        let key = try await vault.withVault(.application) { vault in
            // A rotator without a provider is done before its answer is here.
            let before = limit == nil ? nil : try await vault.metadata(of: path).current
            let begun = try await vault.rotate(path, RotateRequest(endOverlap: endOverlap ? true : nil))
            guard let limit, let before else { return begun }
            return try await Self.wait(for: begun, past: before, limit: limit, vault)
        }
        if json.isOn { return try Console.json(key) }
        try Console.out(RotationDetails.line(key))
    }

    private static func milliseconds(_ text: String) throws(Failure) -> Int64 {
        guard case .after(let length, _)? = try? Expiry(text, option: "--wait") else {
            throw .usage("--wait takes how long, such as 2m")
        }
        return length
    }

    /// A rotation that does not go on without somebody or something else.
    static func stopped(_ key: KeyMetadata) -> Failure {
        Failure(.failed, RotationDetails.line(key), hints: ["see it with: keyturn show \(key.path)"])
    }

    /// Looks until another version than `before` is current.
    private static func wait(
        for begun: KeyMetadata, past before: Int, limit: Int64, _ vault: KeyturnVault
    ) async throws -> KeyMetadata {
        let clock = ContinuousClock()
        let start = clock.now
        var schedule = WaitSchedule(start: 0, limit: limit)
        var key = begun
        while key.current == before {
            switch key.rotation?.state {
            case .held, .failing: throw stopped(key)
            default: break
            }
            let passed = start.duration(to: clock.now) / .milliseconds(1)
            guard case .wait(let pause, let announce) = schedule.step(now: Int64(passed)) else {
                throw Failure(
                    .failed, "the rotation is not done yet: \(RotationDetails.line(key))",
                    hints: ["it goes on by itself"])
            }
            if announce { Console.progress("keyturn: waiting up to \(limit / 1000) s for the new value") }
            try await Task.sleep(for: .milliseconds(pause))
            key = try await vault.metadata(of: key.path)
        }
        return key
    }
}
