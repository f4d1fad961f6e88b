import Audit
import Sealing
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Unsealing")
struct UnsealTests {
    @Test(
        "A wrong passphrase opens nothing",
        arguments: [
            "wrong", "correct horse battery staple ", "Correct horse battery staple",
            "correct horse battery staple\n\n",
        ])
    func wrong(_ passphrase: String) async throws {
        let vault = try await TestVault.open().restarted()
        let error = await failure { try await vault.unseal(passphrase) }
        #expect(error?.code == .wrongPassphrase)
        #expect(vault.vault.status().state == .sealed)
        try await vault.unseal(TestVault.passphrase + "\n")
    }

    @Test("A slot is opened by its own passphrase alone, and the others are not tried")
    func otherSlot() async throws {
        let vault = try await TestVault.open()
        try await vault.addSlot(3, "second operator")
        let sealed = try vault.restarted()
        #expect(await code { try await sealed.unseal("second operator") } == .wrongPassphrase)
        #expect(await code { try await sealed.unseal(slot: 3) } == .wrongPassphrase)
        #expect(await code { try await sealed.unseal(slot: 1) } == .wrongPassphrase)
        for slot in [2, 7, 8, -1, 256, .max] {
            let error = await failure { try await sealed.unseal(slot: slot) }
            #expect(error?.code == .invalidField)
            #expect(error?.field == "slot")
        }
        try await sealed.unseal("second operator", slot: 3)
    }

    @Test("A recovery code names its own slot, however it is typed")
    func recoveryCode() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one")
        let recovery = vault.recoveryCode.text
        for typed in [recovery, recovery.lowercased(), recovery.replacing("-", with: " ")] {
            let again = try vault.restarted()
            try await again.unseal(typed)
            #expect(try again.get("k") == "one")
        }
        let other = try await TestVault.open().recoveryCode.text
        #expect(await code { try await vault.restarted().unseal(other) } == .wrongPassphrase)
        #expect(await code { try await vault.restarted().unseal(recovery, slot: 0) } == .wrongPassphrase)
    }

    @Test("A vault that is open, or not made, cannot be unsealed")
    func wrongState() async throws {
        let vault = try await TestVault.open()
        #expect(await code { try await vault.unseal() } == .alreadyUnsealed)
        #expect(await code { try await vault.unseal("wrong") } == .alreadyUnsealed)
        #expect(await code { try await TestVault().unseal() } == .uninitialized)
    }

    @Test("Every byte of a slot that is changed is noticed", arguments: 0..<4)
    func flipped(_ quarter: Int) async throws {
        let vault = try await TestVault.open()
        let row = RecordKey(.slot, .slot(0))
        let slot = try #require(try vault.store.read(row))
        for place in stride(from: quarter, to: slot.count, by: 4) {
            var bytes = slot
            bytes[place] ^= 1
            let copy = MemoryStore(try vault.store.contents().merging([row: bytes]) { $1 })
            let error = await failure { try await vault.restarted(copy).unseal() }
            let codes: [VaultError.Code] = [.wrongPassphrase, .slotDamaged, .storeDamaged, .invalidField]
            #expect(error.map { codes.contains($0.code) } == true)
        }
    }

    @Test("A slot that was moved to another vault does not open it, though its passphrase is the same")
    func moved() async throws {
        let (one, other) = (try await TestVault.open(), try await TestVault.open())
        for number in UInt8(0)...1 {
            let row = RecordKey(.slot, .slot(number))
            let copy = MemoryStore(try one.store.contents())
            try copy.tamper([row: try other.store.read(row)])
            let typed = number == 0 ? TestVault.passphrase : other.recoveryCode.text
            let error = await failure { try await one.restarted(copy).unseal(typed) }
            #expect(error?.code == .storeDamaged)
        }
    }

    @Test("A slot that stands at another's place is refused")
    func misplaced() async throws {
        let vault = try await TestVault.open()
        let copy = MemoryStore(try vault.store.contents())
        try copy.tamper([
            RecordKey(.slot, .slot(0)): try vault.store.read(RecordKey(.slot, .slot(1))),
            RecordKey(.slot, .slot(1)): try vault.store.read(RecordKey(.slot, .slot(0))),
        ])
        let error = await failure { try await vault.restarted(copy).unseal(slot: 1) }
        #expect(error?.code == .storeDamaged)
        #expect(error?.lines.contains { $0.contains("slot") } == true)
    }

    @Test("Costs that the process cannot bear are refused before any work")
    func memory() async throws {
        let vault = try await TestVault.open()
        let poor = try Vault(
            VaultEnvironment(
                store: vault.store, audit: vault.log, now: { vault.clock.now },
                policyFiles: { () throws(VaultError) in try vault.files.read() }, costLimits: TestVault.limits,
                defaultCosts: TestVault.costs, availableKiB: { 7 }))
        let error = await failure {
            try await poor.unseal(
                .operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil, acceptDamage: false)
        }
        #expect(error?.code == .slotDamaged)
        #expect(error?.detail.contains("memory") == true)
        let standard = try Vault(
            VaultEnvironment(
                store: vault.store, audit: vault.log, now: { vault.clock.now },
                policyFiles: { () throws(VaultError) in try vault.files.read() }))
        let refused = await failure {
            try await standard.unseal(
                .operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil, acceptDamage: false)
        }
        #expect(refused?.code == .slotDamaged)
    }

    @Test("Unsealing reports the keys that are there, and that the policy files are others, once")
    func report() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a")
        try await vault.put("b")
        #expect(
            try await vault.restarted().unseal()
                == UnsealReport(
                    keys: 2, readOnly: false, policiesChanged: false, damage: []))
        vault.files["desk.yaml"] = nil
        vault.log.forget()
        #expect(try await vault.restarted().unseal().policiesChanged)
        #expect(
            vault.log.lines == ["event started", "request unseal", "event policies_changed", "intent reload_policies"])
        #expect(vault.log.entries[0].digest == vault.log.entries[2].digest)
        #expect(try await vault.restarted().unseal().policiesChanged == false)
    }

    @Test("Of many who unseal at once one succeeds, and the vault is open")
    func race() async throws {
        let vault = try await TestVault.open().restarted()
        let codes = await withTaskGroup(of: VaultError.Code?.self) { group in
            for _ in 0..<6 { group.addTask { await code { try await vault.unseal() } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == nil }.count == 1)
        #expect(codes.allSatisfy { $0 == nil || $0 == .alreadyUnsealed })
        #expect(vault.vault.status().state == .unsealed)
    }
}

@Suite("Guesses over the network")
struct BackoffTests {
    @Test(
        "After each wrong guess the wait doubles, up to five minutes, and a right one before its end is not looked at")
    func doubles() async throws {
        let vault = try await TestVault.open().restarted()
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            #expect(await code { try await vault.unseal("wrong", as: .stranger) } == .wrongPassphrase)
            let error = await failure { try await vault.unseal(as: .stranger) }
            #expect(error?.code == .slowDown)
            #expect(error?.retryAfter == wait)
            vault.clock.advance(Int64(wait) * .second - 1)
            #expect(await code { try await vault.unseal(as: .stranger) } == .slowDown)
            vault.clock.advance(1)
        }
        try await vault.unseal(as: .stranger)
        try await vault.seal()
        #expect(await code { try await vault.unseal("wrong", as: .stranger) } == .wrongPassphrase)
        #expect(await failure { try await vault.unseal(as: .stranger) }?.retryAfter == 1)
    }

    @Test("A restart forgives nothing")
    func restart() async throws {
        let vault = try await TestVault.open().restarted()
        for _ in 0..<3 {
            _ = await code { try await vault.unseal("wrong", as: .stranger) }
            vault.clock.advance(.minute)
        }
        _ = await code { try await vault.unseal("wrong", as: .stranger) }
        let again = try vault.restarted()
        #expect(await failure { try await again.unseal(as: .stranger) }?.retryAfter == 8)
    }

    @Test("The operator's socket is never slowed, and its mistakes slow nobody")
    func operatorSocket() async throws {
        let vault = try await TestVault.open().restarted()
        for _ in 0..<20 { _ = await code { try await vault.unseal("wrong", as: .stranger) } }
        for _ in 0..<20 {
            #expect(await code { try await vault.unseal("wrong") } == .wrongPassphrase)
        }
        try await vault.unseal()
        let other = try await TestVault.open().restarted()
        _ = await code { try await other.unseal("wrong") }
        try await other.unseal(as: .stranger)
    }

    @Test("A clock that is put back makes nobody wait more than five minutes")
    func clockBack() async throws {
        let vault = try await TestVault.open().restarted()
        for _ in 0..<3 {
            _ = await code { try await vault.unseal("wrong", as: .stranger) }
            vault.clock.advance(.hour)
        }
        _ = await code { try await vault.unseal("wrong", as: .stranger) }
        for later in [vault, try vault.restarted()] {
            later.clock.now = TestClock.start - 100 * .day
            #expect(await failure { try await later.unseal(as: .stranger) }?.retryAfter == 300)
            later.clock.advance(299_999)
            #expect(await code { try await later.unseal(as: .stranger) } == .slowDown)
            later.clock.advance(1)
            try await later.unseal(as: .stranger)
            try await later.seal()
        }
    }

    @Test("Guesses that come together do not get round the wait")
    func together() async throws {
        let vault = try await TestVault.open().restarted()
        let codes = await withTaskGroup(of: VaultError.Code?.self) { group in
            for _ in 0..<6 { group.addTask { await code { try await vault.unseal("wrong", as: .stranger) } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == .wrongPassphrase }.count == 1)
        #expect(codes.filter { $0 == .slowDown }.count == 5)
    }

    @Test("A guess at a leave to change the seal is slowed as well")
    func leave() async throws {
        let vault = try await TestVault.open()
        #expect(await code { try await vault.leave("wrong") } == .wrongPassphrase)
        #expect(await code { try await vault.leave() } == .slowDown)
        vault.clock.advance(.second)
        _ = try await vault.leave()
    }
}
