import Policy
import Sealing
import Storage
import StorageConformance
import Testing

@testable import Vault

/// What is read while a commit is in the store already and not yet in memory.
@Suite("Reading between store and memory")
struct ReadDuringCommitTests {
    /// Runs `change`, and `read` while the change is half-way; gives what was read.
    private func read<R: Sendable>(
        _ read: @escaping @Sendable (TestVault) async throws -> R,
        during change: @escaping @Sendable (TestVault) async throws -> Void
    ) async throws -> Result<R, any Error> {
        let made = try await TestVault.open()
        for version in 1...2 { try await made.put("k", String(repeating: "\(version)", count: 600)) }
        try await made.put("other", "o")
        let hold = Hold(made.store)
        // Reopened, so that no child is in memory.
        let vault = try await made.reopened(hold)
        hold.shut(afterwards: true)
        async let changed: Void = change(vault)
        await hold.reached()
        let before = vault.store.reads
        // On a thread of its own: it waits there until the commit has ended.
        let answer = Task.detached(executorPreference: OwnThread()) { () -> Result<R, any Error> in
            do { return .success(try await read(vault)) } catch { return .failure(error) }
        }
        // Once it has read, it has seen the record that memory does not know.
        while vault.store.reads == before { await Task.yield() }
        hold.open()
        try await changed
        return await answer.value
    }

    @Test("A value whose wrapped key is being replaced is served")
    func rewrap() async throws {
        let value = try await read({ try $0.get("k") }) { _ = try await $0.vault.rewrap($0.administrator) }
        #expect(try value.get() == String(repeating: "2", count: 600))
    }

    @Test("A value whose version is being sealed again is served")
    func rekey() async throws {
        let value = try await read({ try $0.get("k") }) {
            let leave = try await $0.leave()
            _ = try await $0.vault.rekey($0.administrator, authorizations: [leave])
        }
        #expect(try value.get() == String(repeating: "2", count: 600))
    }

    @Test("A bundle whose versions are being sealed again is served")
    func bundle() async throws {
        let query = ValueQuery(path: try path("k"), version: .number(1))
        let values = try await read({ try $0.vault.retrieve($0.administrator, all: [query]).map(\.version) }) {
            let leave = try await $0.leave()
            _ = try await $0.vault.rekey($0.administrator, authorizations: [leave])
        }
        #expect(try values.get() == [1])
    }

    @Test("A value whose key is being destroyed is not there, and no damage is reported")
    func destroy() async throws {
        let value = try await read({ try $0.get("k") }) {
            try await $0.vault.destroy($0.administrator, try path("k"), if: .none)
        }
        #expect(await code { try value.get() } == .notFound)
    }

    @Test("A check of the store finds no damage where records are being replaced")
    func verify() async throws {
        let report = try await read({ try await $0.vault.verifyStore(.operatorAlone) }) {
            _ = try await $0.vault.rewrap($0.administrator)
        }
        #expect(try report.get().damaged == [])
        #expect(try report.get().heads == 2)
    }
}
