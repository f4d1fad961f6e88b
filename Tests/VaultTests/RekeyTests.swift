import Policy
import Sealing
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Rekey, and new data keys")
struct RekeyTests {
    private static let second = "second operator"

    /// Keys with several versions, small and large, one of them in the trash, and an access key.
    private func stocked() async throws -> (TestVault, Requester) {
        let vault = try await TestVault.open()
        for size in [4, 600] {
            for version in 1...3 { try await vault.put("k\(size)", String(repeating: "\(version)", count: size)) }
        }
        try await vault.put("trashed", "t")
        _ = try await vault.vault.trash(vault.administrator, try path("trashed"), if: .none)
        return (vault, try await vault.caller("reader"))
    }

    private func expectEverything(_ vault: TestVault, _ reader: Requester) async throws {
        for size in [4, 600] {
            #expect(try vault.get("k\(size)", as: reader) == String(repeating: "3", count: size))
            #expect(try vault.get("k\(size)", .previous) == String(repeating: "2", count: size))
            #expect(try vault.get("k\(size)", .number(1)) == String(repeating: "1", count: size))
        }
        _ = try await vault.vault.restore(vault.administrator, try path("trashed"))
        #expect(try vault.get("trashed") == "t")
        _ = try await vault.vault.trash(vault.administrator, try path("trashed"), if: .none)
        let report = try await vault.vault.verifyStore(.operatorAlone)
        #expect(report.damaged == [])
        #expect(report.heads == 3)
        #expect(report.children == 3 + 7)
    }

    @Test("A new data key seals what is written from then on; everything stays readable, also after a restart")
    func rotate() async throws {
        let (vault, reader) = try await stocked()
        #expect(try await vault.vault.rotateKeyring(vault.administrator) == 2)
        #expect(try await vault.vault.rotateKeyring(vault.administrator) == 3)
        try await vault.put("new", "n")
        try await vault.vault.destroy(vault.administrator, try path("new"), if: .none)
        try await expectEverything(vault, reader)
        try await expectEverything(try await vault.reopened(), reader)
    }

    @Test("A rewrap retires the older data keys; everything stays readable, also after a restart")
    func rewrap() async throws {
        let (vault, reader) = try await stocked()
        _ = try await vault.vault.rotateKeyring(vault.administrator)
        // Three heads and wrapped keys, two access keys, and the key for checkpoints.
        #expect(try await vault.vault.rewrap(vault.administrator) == 9)
        #expect(try vault.vault.opened().session.keyring.dataKeyIDs == [2])
        try await expectEverything(vault, reader)
        let again = try await vault.reopened()
        #expect(try again.vault.opened().session.keyring.dataKeyIDs == [2])
        try await expectEverything(again, reader)
        for kind in [RecordKind.keyHead, .wrappedKey, .issuedKey, .vaultHead] {
            for row in try vault.store.rows(of: kind) {
                let record = try SealedRecord(decoding: try #require(try vault.store.read(row)), kind: kind)
                #expect(record.sealingKey == 2)
            }
        }
    }

    @Test("A rekey keeps the slots whose passphrases were given and no others; everything stays readable")
    func rekey() async throws {
        let (vault, reader) = try await stocked()
        try await vault.addSlot(2, Self.second)
        try await vault.addSlot(3, "third")
        let leaves = [try await vault.leave(), try await vault.leave(Self.second, slot: 2)]
        let result = try await vault.vault.rekey(vault.administrator, authorizations: leaves)
        #expect(result.slots == [0, 2])
        #expect(result.records == 3 * 2 + 7 + 3)
        try await expectEverything(vault, reader)
        for (passphrase, slot) in [(TestVault.passphrase, 0), (Self.second, 2)] {
            let again = try vault.restarted()
            try await again.unseal(passphrase, slot: slot)
            try await expectEverything(again, reader)
        }
        for slot in [1, 3] {
            #expect(await failure { try await vault.restarted().unseal(slot: slot) }?.field == "slot")
        }
        #expect(try vault.store.count(of: .slot) == 2)
    }

    @Test("Old copies of slots, put back after a rekey, open nothing")
    func oldSlots() async throws {
        let (vault, _) = try await stocked()
        try await vault.addSlot(2, Self.second)
        let before = try vault.store.contents()
        _ = try await vault.vault.rekey(vault.administrator, authorizations: [try await vault.leave()])
        let attempts = [(0, TestVault.passphrase), (1, vault.recoveryCode.text), (2, Self.second)]
        for (number, passphrase) in attempts {
            let row = RecordKey(.slot, .slot(UInt8(number)))
            let copy = MemoryStore(try vault.store.contents())
            try copy.tamper([row: before[row]])
            let error = await failure { try await vault.restarted(copy).unseal(passphrase, slot: number) }
            #expect(error?.code == .storeDamaged)
        }
        // An old slot together with the old keyring finds heads that are sealed by newer keys.
        let copy = MemoryStore(try vault.store.contents())
        let slot = RecordKey(.slot, .slot(2))
        try copy.tamper([slot: before[slot], RecordKey(.keyring, .only): before[RecordKey(.keyring, .only)]])
        let error = await failure {
            try await vault.restarted(copy).unseal(Self.second, slot: 2, acceptDamage: true)
        }
        #expect(error?.code == .storeDamaged)
    }

    @Test("After a rekey no record of before is left in the store")
    func nothingStays() async throws {
        let (vault, _) = try await stocked()
        let before = Set(try vault.store.contents().values)
        _ = try await vault.vault.rekey(vault.administrator, authorizations: [try await vault.leave()])
        for bytes in try vault.store.contents().values { #expect(!before.contains(bytes)) }
    }

    @Test("A rekey, a rewrap and writes that come together leave everything readable")
    func together() async throws {
        let (vault, reader) = try await stocked()
        for round in 0..<5 {
            let leave = try await vault.leave()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        // Longer than what is held in memory, so that children are read back.
                        try await vault.put("w\(number)", String(repeating: "\(round)", count: 700))
                        try await vault.put("w\(number)", String(repeating: "\(round)", count: 701))
                    }
                }
                group.addTask { _ = try await vault.vault.rotateKeyring(vault.administrator) }
                group.addTask {
                    _ = try await vault.vault.rekey(vault.administrator, authorizations: [leave])
                }
                group.addTask { _ = try await vault.vault.rewrap(vault.administrator) }
                try await group.waitForAll()
            }
        }
        let again = try await vault.reopened()
        for number in 0..<8 { #expect(try again.get("w\(number)") == String(repeating: "4", count: 701)) }
        #expect(try again.get("k600", as: reader) == String(repeating: "3", count: 600))
        #expect(try await again.vault.verifyStore(.operatorAlone).damaged == [])
    }

    @Test("A change and a rekey that share one commit see one another")
    func sharedCommit() async throws {
        let (made, reader) = try await stocked()
        let large = String(repeating: "x", count: 900)
        let hold = Hold(made.store)
        let vault = try await made.reopened(hold)
        let token = try await vault.leave()
        hold.shut()
        async let first: KeyMetadata = vault.put("first")
        await hold.reached()
        async let second: KeyMetadata = vault.put("k4", large)
        async let third: KeyMetadata = vault.put("second", large)
        while try vault.vault.opened().committer.waitingCount < 2 { await Task.yield() }
        async let rekeyed: (slots: [Int], records: Int) = vault.vault.rekey(
            vault.administrator, authorizations: [token])
        while try vault.vault.opened().committer.waitingCount < 3 { await Task.yield() }
        hold.open()
        _ = try await (first, second, third, rekeyed)
        #expect(hold.commits == 2)
        let again = try await vault.reopened(MemoryStore(try hold.contents()))
        #expect(try again.get("second") == large)
        #expect(try again.get("k4") == large)
        #expect(try again.get("k600", as: reader) == String(repeating: "3", count: 600))
        #expect(try await again.vault.verifyStore(.operatorAlone).damaged == [])
    }
}
