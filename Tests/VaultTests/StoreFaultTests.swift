import Audit
import Policy
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("A store that fails at the nth commit or read, for every n")
struct StoreFaultTests {
    /// What is done, and what of it was acknowledged.
    private func workload(_ vault: TestVault) async -> [String: String] {
        var acknowledged: [String: String] = [:]
        for round in 1...3 {
            for key in ["a", "b"] {
                let value = "\(key) of round \(round)"
                if await attempt({ try await vault.put(key, value) }) { acknowledged[key] = value }
            }
            if await attempt({ try await vault.mint(["reader"], name: "key \(round)") }) {
                acknowledged["minted"] = "\(round)"
            }
        }
        let gone = await attempt { try await vault.vault.destroy(vault.administrator, try path("a"), if: .none) }
        if gone { acknowledged["a"] = nil }
        return acknowledged
    }

    private func attempt<R>(_ body: () async throws -> R) async -> Bool { await failure(body) == nil }

    @Test(
        "Nothing that was acknowledged is lost, and a commit in doubt seals the vault until it is opened again",
        arguments: FaultInjectingStore.CommitFault.allCases)
    func everyCommit(_ fault: FaultInjectingStore.CommitFault) async throws {
        for nth in 1...10 {
            let vault = try await TestVault.open()
            vault.store.fail(fault, atCommit: nth)
            let acknowledged = await workload(vault)
            switch fault {
            case .outcomeUnknownApplied, .outcomeUnknownLost, .replaced:
                #expect(vault.vault.status().state == .sealed)
                // No failed commit is tried a second time, and nothing is written after it.
                #expect(vault.store.commits == 1 + nth)
            case .notWritten, .tracesRemain: #expect(vault.vault.status().state == .unsealed)
            }
            let again = try await vault.reopened()
            for key in ["a", "b"] {
                guard let value = acknowledged[key] else { continue }
                let found = await failure { try again.get(key) } == nil ? try again.get(key) : nil
                // What was in doubt may have happened: then it is a later round, or the destruction.
                if fault == .outcomeUnknownApplied || fault == .tracesRemain {
                    #expect(found == nil || (found ?? "") >= value)
                } else {
                    #expect(found == value)
                }
            }
            #expect(try await again.vault.verifyStore(.operatorAlone).damaged == [])
            try await again.put("later", "works")
        }
    }

    @Test("A vault whose last change could not be written is not well, until one can be")
    func health() async throws {
        let vault = try await TestVault.open()
        #expect(vault.vault.health().ok)
        vault.store.fail(.notWritten)
        #expect(await !attempt { try await vault.put("a", "value") })
        #expect(vault.vault.health().checks.filter { !$0.ok }.map(\.name) == ["store"])
        try await vault.put("a", "value")
        #expect(vault.vault.health().ok)
    }

    @Test("A change that was not acknowledged for want of space is not there, and can be made once there is some")
    func fullDisk() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a", "one")
        let before = try vault.store.contents()
        for _ in 0..<3 {
            vault.store.fail(.notWritten)
            #expect(await code { try await vault.put("a", "two") } == .storeUnavailable)
            #expect(try vault.get("a") == "one")
            #expect(try vault.store.contents() == before)
        }
        try await vault.put("a", "two")
        #expect(try vault.inspect("a").versions.map(\.number) == [1, 2])
        #expect(try await vault.reopened().get("a") == "two")
    }

    @Test("A change in doubt is there or not, as the store has it, and never half")
    func doubt() async throws {
        for (fault, value) in [
            (FaultInjectingStore.CommitFault.outcomeUnknownApplied, "two"), (.outcomeUnknownLost, "one"),
        ] {
            let vault = try await TestVault.open()
            try await vault.put("a", "one")
            vault.store.fail(fault)
            let error = await failure { try await vault.put("a", "two") }
            #expect(error?.code == .inDoubt)
            #expect(await code { try vault.get("a") } == .sealed)
            #expect(await code { try await vault.unseal() } == .inDoubt)
            let again = try await vault.reopened()
            #expect(try again.get("a") == value)
        }
    }

    @Test("A read that fails at any place during unseal leaves the vault sealed, and the next one opens it")
    func everyReadOfAnUnseal() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a", "one")
        for nth in 1...6 {
            let again = try vault.restarted()
            again.store.failRead(.notWritten(reason: "busy"), at: nth)
            #expect(await code { try await again.unseal() } == .storeUnavailable)
            #expect(again.vault.status().state == .sealed)
            try await again.unseal()
            #expect(try again.get("a") == "one")
        }
    }

    @Test("Those who wait behind a commit in doubt are told that the vault is sealed")
    func waiters() async throws {
        let made = try await TestVault.open()
        let faulty = FaultInjectingStore(MemoryStore(try made.store.contents()), keepsSnapshots: false)
        let hold = Hold(faulty)
        let vault = try await made.reopened(hold)
        hold.shut()
        faulty.fail(.outcomeUnknownLost)
        async let first = code { try await vault.put("a") }
        await hold.reached()
        async let second = code { try await vault.put("b") }
        let committer = try vault.vault.opened().committer
        while committer.waitingCount < 1 { await Task.yield() }
        hold.open()
        #expect(await first == .inDoubt)
        #expect(await second == .sealed)
        #expect(hold.commits == 1)
        #expect(vault.log.lines.contains("request failed write b (sealed)"))
    }
}
