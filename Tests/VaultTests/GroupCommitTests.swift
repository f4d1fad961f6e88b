import Audit
import Policy
import Sealing
import Storage
import StorageConformance
import Synchronization
import Testing

@testable import Vault

@Suite("Changes that wait together")
struct GroupCommitTests {
    @Test("Two hundred writers that wait share one commit and one sync of the log")
    func shared() async throws {
        let made = try await TestVault.open()
        let hold = Hold(made.store)
        let vault = try await made.reopened(hold)
        hold.shut()
        vault.log.forget()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await vault.put("first") }
            await hold.reached()
            for number in 0..<200 { group.addTask { try await vault.put("k\(number)", "v\(number)") } }
            let committer = try vault.vault.opened().committer
            while committer.waitingCount < 200 { await Task.yield() }
            hold.open()
            try await group.waitForAll()
        }
        #expect(hold.commits == 2)
        #expect(vault.log.synced.filter { $0 }.count == 2)
        #expect(Set(vault.log.entries.compactMap(\.generation)).count == 2)
        #expect(vault.log.entries.count == 201)
        let again = try await vault.reopened(MemoryStore(try hold.contents()))
        for number in 0..<200 { #expect(try again.get("k\(number)") == "v\(number)") }
    }

    @Test("A change that is refused is left out alone, and those that wait with it are made")
    func oneRefused() async throws {
        let made = try await TestVault.open()
        let hold = Hold(made.store)
        let vault = try await made.reopened(hold)
        hold.shut()
        async let first: KeyMetadata = vault.put("a", "one")
        await hold.reached()
        let committer = try vault.vault.opened().committer
        async let second: KeyMetadata = vault.put("b", "one", if: .absent)
        while committer.waitingCount < 1 { await Task.yield() }
        // Refused by what the one before it has done in the same batch.
        async let third = code { try await vault.put("b", "two", if: .absent) }
        async let fourth = code { try await vault.put("c", fields: [:]) }
        async let fifth: KeyMetadata = vault.put("d", "one")
        while committer.waitingCount < 4 { await Task.yield() }
        hold.open()
        _ = try await (first, second, fifth)
        let refused = await (third, fourth)
        #expect(Set([refused.0, refused.1]) == [.preconditionFailed, .invalidField])
        #expect(hold.commits == 2)
        #expect(try vault.list() == ["a", "b", "d"])
        #expect(try vault.get("b") == "one")
    }

    @Test("A batch that fails is told to all who shared it, and none of it is there")
    func failedTogether() async throws {
        let made = try await TestVault.open()
        let faulty = FaultInjectingStore(MemoryStore(try made.store.contents()), keepsSnapshots: false)
        let hold = Hold(faulty)
        let vault = try await made.reopened(hold)
        hold.shut()
        faulty.fail(.notWritten, atCommit: 2)
        let codes = try await withThrowingTaskGroup(of: VaultError.Code?.self) { group in
            group.addTask { await code { try await vault.put("first") } }
            await hold.reached()
            for number in 0..<5 { group.addTask { await code { try await vault.put("k\(number)") } } }
            let committer = try vault.vault.opened().committer
            while committer.waitingCount < 5 { await Task.yield() }
            hold.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == .storeUnavailable }.count == 5)
        #expect(try vault.list() == ["first"])
        #expect(vault.log.lines.filter { $0.hasPrefix("failed") }.count == 5)
    }

    @Test("Versions of one key that are written together are all there, in order")
    func oneKey() async throws {
        let made = try await TestVault.open()
        let hold = Hold(made.store)
        let vault = try await made.reopened(hold)
        hold.shut()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await vault.put("other") }
            await hold.reached()
            for number in 0..<8 {
                group.addTask { try await vault.put("k", String(repeating: "\(number)", count: 600)) }
            }
            let committer = try vault.vault.opened().committer
            while committer.waitingCount < 8 { await Task.yield() }
            hold.open()
            try await group.waitForAll()
        }
        #expect(hold.commits == 2)
        let again = try await vault.reopened(MemoryStore(try hold.contents()))
        #expect(try again.inspect("k").versions.map(\.number) == Array(1...8))
        let values = try (1...8).map { try again.get("k", .number($0)) }
        #expect(Set(values).count == 8)
        #expect(try await again.vault.verifyStore(.operatorAlone).damaged == [])
    }

    @Test("A key that is destroyed and made anew in one batch is the new one alone")
    func anew() async throws {
        let made = try await TestVault.open()
        try await made.put("k", "old")
        let hold = Hold(made.store)
        let vault = try await made.reopened(hold)
        hold.shut()
        async let first: KeyMetadata = vault.put("other")
        await hold.reached()
        let committer = try vault.vault.opened().committer
        async let gone: Void = vault.vault.destroy(vault.administrator, try path("k"), if: .none)
        while committer.waitingCount < 1 { await Task.yield() }
        async let new: KeyMetadata = vault.put("k", "new", if: .absent)
        while committer.waitingCount < 2 { await Task.yield() }
        hold.open()
        _ = try await (first, gone, new)
        let again = try await vault.reopened(MemoryStore(try hold.contents()))
        #expect(try again.get("k") == "new")
        #expect(try again.store.count(of: .wrappedKey) == 2)
        #expect(try again.store.count(of: .version) == 2)
    }

    @Test("Everything that was acknowledged under load is there after a crash at any commit")
    func load() async throws {
        let vault = try await TestVault.open(snapshots: true)
        // What was acknowledged when this many commits had been made.
        let acknowledged = Acknowledged()
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for round in 0..<6 {
                        guard await failure({ try await vault.put("w\(writer)", "\(round)") }) == nil else { return }
                        acknowledged.note("w\(writer)", round, commits: vault.store.snapshots.count - 1)
                    }
                }
            }
        }
        for boundary in stride(from: 1, to: vault.store.snapshots.count, by: 5) {
            let store = vault.store.crashed(after: boundary)
            let again = try vault.restarted(store, log: try vault.log(asOf: store))
            try await again.unseal()
            for (key, round) in acknowledged.before(boundary) {
                #expect(try #require(Int(try again.get(key))) >= round)
            }
        }
        let last = try await vault.reopened()
        for writer in 0..<8 { #expect(try last.get("w\(writer)") == "5") }
    }

    /// When each value was acknowledged, as a number of commits.
    private final class Acknowledged: Sendable {
        private let notes = Mutex<[(key: String, round: Int, commits: Int)]>([])

        func note(_ key: String, _ round: Int, commits: Int) { notes.withLock { $0.append((key, round, commits)) } }

        /// The newest round of each key that had been acknowledged by then.
        func before(_ commits: Int) -> [String: Int] {
            notes.withLock { notes in
                var newest: [String: Int] = [:]
                for note in notes where note.commits <= commits {
                    newest[note.key] = max(newest[note.key] ?? 0, note.round)
                }
                return newest
            }
        }
    }
}
