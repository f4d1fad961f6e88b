internal import KeyturnClient
internal import SecretMemory
internal import VaultAPI

/// Gets what a program is to have: from the vault or, where there is no vault to ask, from what was kept.
struct Provision: Sendable {
    let vault: KeyturnVault
    let plan: RunPlan
    var cache: ValueCache?
    var keyFile: AccessKeyFile?
    let ownKey = OwnKeyState()

    private var source: KeySource { KeySource(vault: vault, plan: plan) }

    /// The values to start with.
    ///
    /// - Parameter limit: how long to wait for a vault that is sealed or away, in milliseconds; unless said a minute, or
    ///   five seconds where there are kept values to start with.
    /// - Throws: what the vault answered, or ``Failure``. A refusal is thrown whatever was kept, and forgets it.
    func first(limit: Int64?) async throws -> RunValues {
        let wait = limit ?? (cache?.read(vault.accessKey, now: Surroundings.now).contents == nil ? 60_000 : 5_000)
        do {
            let source = source
            return try await finish(try await Waiting().attempt(limit: wait) { try await source.fetch(by: $0) })
        } catch {
            return try kept(instead: error)
        }
    }

    /// The values as they are now, which are kept where they are to be. Asked for once.
    func fetch() async throws -> RunValues { try await finish(try await source.fetch()) }

    private func finish(_ values: RunValues) async throws -> RunValues {
        await rollOwnKey()
        keep(values)
        return values
    }

    /// The paths beneath the prefix as they are now.
    func paths() async throws -> [String] { try await source.paths() }

    /// Keeps values that the vault gave or confirmed just now; not under an access key that does not stand in its file,
    /// which a later start would read.
    func keep(_ values: RunValues) {
        guard let cache, ownKey.successor == nil else { return }
        do {
            try cache.keep(
                values, vault.accessKey, expires: vault.accessKeyExpires?.milliseconds, now: Surroundings.now)
        } catch {
            for line in error.lines { Console.note(line) }
        }
    }

    /// What was kept, where `error` is an outage.
    ///
    /// - Throws: `error`, where it is none or there is nothing to use.
    private func kept(instead error: any Error) throws -> RunValues {
        if Self.isRefusal(error) { cache?.erase() }
        guard let cache, let failure = error as? KeyturnClientError, failure.isOutage else { throw error }
        let found = cache.read(vault.accessKey, now: Surroundings.now)
        guard let contents = found.contents else {
            if let reason = found.reason { Console.note("keyturn: the cache is not used: \(reason)") }
            throw error
        }
        let moment = Timestamp(milliseconds: contents.confirmed)
        Console.note("keyturn: \(failure); the values of \(moment) are used")
        return contents.values
    }

    /// Whether the vault was asked, and said no.
    static func isRefusal(_ error: any Error) -> Bool {
        if let failure = error as? Failure { return failure.exit == .notFound || failure.exit == .refused }
        return (error as? KeyturnClientError)?.isRefusal ?? false
    }
}

extension KeyturnClientError {
    /// Whether there is no vault to ask just now. One that asks for patience with this caller has answered.
    var isOutage: Bool {
        switch problem?.problemCode {
        case .slowDown, .rateLimited: false
        default: mayPass
        }
    }
}
