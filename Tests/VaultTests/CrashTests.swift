import Sealing
import Storage
import StorageConformance
import Testing

@testable import Vault

/// A change of how the vault is opened or sealed, with what opens it before and after.
struct SealChange: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var after = TestVault.passphrase
    var run: @Sendable (TestVault) async throws -> Void

    static let all: [SealChange] = [
        SealChange(testDescription: "a change of passphrase", after: "new passphrase") { vault in
            try await vault.addSlot(0, "new passphrase", replace: true)
        },
        SealChange(testDescription: "a new slot") { vault in try await vault.addSlot(2, "second") },
        SealChange(testDescription: "the removal of a slot") { vault in
            let leave = try await vault.leave()
            try await vault.vault.removeSlot(vault.administrator, number: 1, authorization: leave)
        },
        SealChange(testDescription: "a new recovery code") { vault in
            let leave = try await vault.leave()
            _ = try await vault.vault.newRecoveryCode(vault.administrator, number: 1, authorization: leave)
        },
        SealChange(testDescription: "a new data key") { vault in
            _ = try await vault.vault.rotateKeyring(vault.administrator)
        },
        SealChange(testDescription: "a rewrap") { vault in
            _ = try await vault.vault.rotateKeyring(vault.administrator)
            _ = try await vault.vault.rewrap(vault.administrator)
        },
        SealChange(testDescription: "a rekey") { vault in
            let leave = try await vault.leave()
            _ = try await vault.vault.rekey(vault.administrator, authorizations: [leave])
        },
    ]
}

@Suite("A crash in the middle of a change of the seal")
struct CrashTests {
    private func stocked(snapshots: Bool) async throws -> TestVault {
        let vault = try await TestVault.open(snapshots: snapshots)
        for number in 1...3 { try await vault.put("k", "v\(number)") }
        try await vault.put("large", String(repeating: "l", count: 600))
        return vault
    }

    /// Opens what a crash left with either passphrase, and reads all of it. Says which of the two it was.
    private func expectWhole(_ vault: TestVault, _ store: any RecordStore, _ change: SealChange) async throws -> String
    {
        var opened: [String] = []
        let log = try vault.log(asOf: store)
        for passphrase in Set([TestVault.passphrase, change.after]) {
            let again = try vault.restarted(store, log: log)
            guard await failure({ try await again.unseal(passphrase) }) == nil else { continue }
            opened.append(passphrase)
            #expect(try again.get("k") == "v3")
            #expect(try again.get("k", .number(1)) == "v1")
            #expect(try again.get("large") == String(repeating: "l", count: 600))
            #expect(try await again.vault.verifyStore(.operatorAlone).damaged == [])
            try await again.put("after", "crash")
        }
        #expect(opened.count == 1)
        return opened.first ?? ""
    }

    @Test("At every write either what was before opens, or what comes after", arguments: SealChange.all)
    func everyBoundary(_ change: SealChange) async throws {
        let vault = try await stocked(snapshots: true)
        let first = vault.store.snapshots.count - 1
        try await change.run(vault)
        let boundaries = vault.store.snapshots.count
        #expect(boundaries > first + 1)
        for boundary in first..<boundaries {
            let opened = try await expectWhole(vault, vault.store.crashed(after: boundary), change)
            if boundary == first { #expect(opened == TestVault.passphrase) }
            if boundary == boundaries - 1 { #expect(opened == change.after) }
        }
    }

    @Test(
        "Whatever a commit fails with, either opens, and what was acknowledged does", arguments: SealChange.all,
        FaultInjectingStore.CommitFault.allCases)
    func everyFault(_ change: SealChange, _ fault: FaultInjectingStore.CommitFault) async throws {
        for nth in 1...2 {
            let vault = try await stocked(snapshots: false)
            vault.store.fail(fault, atCommit: nth)
            let error = await failure { try await change.run(vault) }
            let opened = try await expectWhole(vault, MemoryStore(try vault.store.contents(reopened: true)), change)
            if error == nil { #expect(opened == change.after) }
            if error?.code == .inDoubt { #expect(vault.vault.status().state == .sealed) }
            if error?.code == .storeUnavailable, fault == .notWritten { #expect(opened == TestVault.passphrase) }
        }
    }

    @Test("A read that fails during a rewrap or a rekey leaves everything as it was", arguments: [5, 6])
    func reads(_ index: Int) async throws {
        let change = SealChange.all[index]
        for nth in 1...4 {
            // Restarted, so that children come from the store.
            let vault = try await stocked(snapshots: false).reopened()
            let leave = try await vault.leave()
            vault.store.failRead(.notWritten(reason: "busy"), at: nth)
            let error = await failure {
                if index == 5 { return _ = try await vault.vault.rewrap(vault.administrator) }
                _ = try await vault.vault.rekey(vault.administrator, authorizations: [leave])
            }
            _ = try await expectWhole(vault, MemoryStore(try vault.store.contents(reopened: true)), change)
            if error != nil {
                #expect(vault.vault.status().state == .unsealed)
                #expect(try vault.get("k") == "v3")
            }
        }
    }
}
