internal import KeyturnClient
internal import VaultAPI

/// The keys that a provider is made of, and how to get them.
struct KeySet: Sendable {
    let vault: KeyturnVault
    let prefix: String?
    /// nil: all that are beneath the prefix, whichever those are at the time.
    let paths: [String]?

    /// How many keys one request holds.
    private static let bundle = 256
    /// How often the list is looked at again, in seconds.
    private static let interval = 30

    /// All keys; those of one request are from one moment.
    func snapshot() async throws(KeyturnClientError) -> KeyturnConfigSnapshot {
        let paths: [String]
        if let given = self.paths { paths = given } else { paths = try await vault.paths(beneath: prefix) }
        var values: [String: KeyturnValue] = [:]
        for start in stride(from: 0, to: paths.count, by: Self.bundle) {
            let some = Array(paths[start..<min(start + Self.bundle, paths.count)])
            for value in try await vault.values(of: some) { values[value.path] = value }
        }
        return KeyturnConfigSnapshot(prefix: prefix, values: values)
    }

    /// Fetches everything again after each change, until it is cancelled.
    func follow(_ take: @Sendable (KeyturnConfigSnapshot) -> Void, after present: @Sendable () -> KeyturnConfigSnapshot)
        async
    {
        var backoff = Backoff(first: 1000)
        while !Task.isCancelled {
            await change(after: present())
            if Task.isCancelled { return }
            do throws(KeyturnClientError) {
                take(try await snapshot())
                backoff.reset()
            } catch {
                try? await Task.sleep(for: .milliseconds(backoff.next(retryAfter: error.retryAfter)))
            }
        }
    }

    /// Returns when something may have changed.
    private func change(after snapshot: KeyturnConfigSnapshot) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in ValueWatch.events(of: snapshot.values.values.map { $0.known }, in: vault) {
                    if case .changed = event { return }
                }
                // Where there is no key, the list alone can change.
                if !Task.isCancelled { try? await Task.sleep(for: .seconds(Int64(Self.interval) * 2)) }
            }
            if paths == nil {
                group.addTask {
                    let present = Set(snapshot.values.keys)
                    while !Task.isCancelled {
                        try? await Task.sleep(for: .seconds(Self.interval))
                        guard let paths = try? await vault.paths(beneath: prefix) else { continue }
                        if Set(paths) != present { return }
                    }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
