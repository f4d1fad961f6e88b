import Sealing
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Key slots and leave to change them")
struct SlotTests {
    private static let second = "second operator"

    @Test("Without leave, or with one that is not, no slot is changed")
    func noLeave() async throws {
        let vault = try await TestVault.open()
        let before = try vault.store.contents()
        let (engine, admin) = (vault.vault, vault.administrator)
        for token in ["", "x", String(repeating: "0", count: 64)].map({ WipedBytes(utf8: $0) }) {
            let put = await code {
                try await engine.putSlot(
                    admin, number: 2, passphrase: secret("p"), replace: false, authorization: token)
            }
            #expect(put == .noCeremony)
            #expect(
                await code { try await engine.newRecoveryCode(admin, number: 2, authorization: token) } == .noCeremony)
            #expect(await code { try await engine.removeSlot(admin, number: 1, authorization: token) } == .noCeremony)
            #expect(await code { try await engine.rekey(admin, authorizations: [token]) } == .noCeremony)
        }
        #expect(try vault.store.contents() == before)
    }

    @Test("A wrong passphrase, or that of another slot, gives no leave")
    func wrongPassphrase() async throws {
        let vault = try await TestVault.open()
        #expect(await code { try await vault.leave("wrong") } == .wrongPassphrase)
        vault.clock.advance(.day)
        #expect(await code { try await vault.leave(slot: 1) } == .wrongPassphrase)
        vault.clock.advance(.day)
        #expect(await code { try await vault.leave(slot: 5) } == .invalidField)
        let recovery = try await vault.leave(vault.recoveryCode.text)
        try await vault.vault.removeSlot(vault.administrator, number: 0, authorization: recovery)
    }

    @Test("Leave is good once, also where what it was given for was refused")
    func once() async throws {
        let vault = try await TestVault.open()
        let (engine, admin) = (vault.vault, vault.administrator)
        let token = try await vault.leave()
        #expect(await code { try await engine.removeSlot(admin, number: 5, authorization: token) } == .notFound)
        #expect(await code { try await engine.removeSlot(admin, number: 1, authorization: token) } == .noCeremony)
        let rekey = try await vault.leave()
        #expect(await code { try await engine.rekey(admin, authorizations: [rekey, rekey]) } == .noCeremony)
        #expect(try engine.slots(admin).map(\.number) == [0, 1])
    }

    @Test("Leave is good for five minutes, and not a millisecond more")
    func expires() async throws {
        let vault = try await TestVault.open()
        let (engine, admin) = (vault.vault, vault.administrator)
        let late = try await vault.leave()
        vault.clock.advance(5 * .minute)
        #expect(await code { try await engine.removeSlot(admin, number: 1, authorization: late) } == .noCeremony)
        let early = try await vault.leave()
        vault.clock.advance(5 * .minute - 1)
        try await engine.removeSlot(admin, number: 1, authorization: early)
    }

    @Test("Leave ends with the vault being sealed")
    func sealed() async throws {
        let vault = try await TestVault.open()
        let token = try await vault.leave()
        try await vault.seal()
        try await vault.unseal()
        let removed = await code {
            try await vault.vault.removeSlot(vault.administrator, number: 1, authorization: token)
        }
        #expect(removed == .noCeremony)
    }

    @Test("Leave that a slot gave ends when that slot is changed or removed")
    func ofAnOldSlot() async throws {
        for removes in [true, false] {
            let vault = try await TestVault.open()
            let (engine, admin) = (vault.vault, vault.administrator)
            try await vault.addSlot(2, Self.second)
            let token = try await vault.leave(Self.second, slot: 2)
            if removes {
                try await engine.removeSlot(admin, number: 2, authorization: try await vault.leave())
            } else {
                try await vault.addSlot(2, "changed", replace: true)
            }
            #expect(await code { try await engine.removeSlot(admin, number: 0, authorization: token) } == .noCeremony)
        }
    }

    @Test("A rekey by leave of a slot that is gone does not leave the vault without slots")
    func rekeyWithoutSlots() async throws {
        let vault = try await TestVault.open()
        let (engine, admin) = (vault.vault, vault.administrator)
        try await vault.addSlot(2, Self.second)
        let old = try await vault.leave(Self.second, slot: 2)
        try await engine.removeSlot(admin, number: 2, authorization: try await vault.leave())
        #expect(await code { try await engine.rekey(admin, authorizations: [old]) } == .noCeremony)
        #expect(try engine.slots(admin).map(\.number) == [0, 1])
        _ = try await vault.reopened()
    }

    @Test("A slot is added where there is none and changed where there is one, not the other way")
    func addAndChange() async throws {
        let vault = try await TestVault.open()
        #expect(await code { try await vault.addSlot(0, "p") } == .alreadyExists)
        #expect(await code { try await vault.addSlot(2, "p", replace: true) } == .notFound)
        for number in [8, -1, 256] {
            let error = await failure { try await vault.addSlot(number, "p") }
            #expect(error?.code == .invalidField)
            #expect(error?.field == "slot")
        }
        for passphrase in ["\n", String(repeating: "x", count: 1_025), vault.recoveryCode.text] {
            #expect(await failure { try await vault.addSlot(2, passphrase) }?.field == "passphrase")
        }
        try await vault.addSlot(2, Self.second)
        #expect(try vault.vault.slots(vault.administrator).map(\.number) == [0, 1, 2])
        #expect(try vault.vault.slots(vault.administrator).map(\.kind) == ["passphrase", "recovery", "passphrase"])
    }

    @Test("After a change of passphrase the new one opens and the old one does not")
    func change() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one")
        try await vault.addSlot(0, "new passphrase", replace: true)
        #expect(await code { try await vault.restarted().unseal() } == .wrongPassphrase)
        #expect(try await vault.reopened(passphrase: "new passphrase").get("k") == "one")
        #expect(try await vault.reopened(passphrase: vault.recoveryCode.text).get("k") == "one")
    }

    @Test("A removed slot opens nothing any more, and the last one is not removed")
    func remove() async throws {
        let vault = try await TestVault.open()
        let (engine, admin) = (vault.vault, vault.administrator)
        try await engine.removeSlot(admin, number: 0, authorization: try await vault.leave())
        let token = try await vault.leave(vault.recoveryCode.text)
        #expect(await code { try await engine.removeSlot(admin, number: 1, authorization: token) } == .conflict)
        #expect(await failure { try await vault.restarted().unseal() }?.field == "slot")
        _ = try await vault.reopened(passphrase: vault.recoveryCode.text)
    }

    @Test("A new recovery code takes the place of the old one, or a free place, but of no passphrase")
    func newRecoveryCode() async throws {
        let vault = try await TestVault.open()
        let (engine, admin) = (vault.vault, vault.administrator)
        let refused = await code {
            try await engine.newRecoveryCode(admin, number: 0, authorization: try await vault.leave())
        }
        #expect(refused == .conflict)
        let new = try await engine.newRecoveryCode(admin, number: 1, authorization: try await vault.leave())
        let other = try await engine.newRecoveryCode(admin, number: 7, authorization: try await vault.leave())
        #expect(await code { try await vault.restarted().unseal(vault.recoveryCode.text) } == .wrongPassphrase)
        _ = try await vault.reopened(passphrase: new.text)
        _ = try await vault.reopened(passphrase: other.text)
    }

    @Test(
        "A new slot costs what the one it replaces does, else what the one that gave leave does, else what is asked for"
    )
    func costs() async throws {
        var made = try TestVault()
        let result = try await made.vault.initialize(
            .operatorAlone, passphrase: secret(TestVault.passphrase), token: nil, acceptRecoveryCode: true,
            costs: RequestedCosts(memoryKiB: 32, iterations: 2, parallelism: 1))
        guard case .done(_, let key) = result else { throw Unexpected("not initialised") }
        made.administratorText = key
        let (vault, admin) = (made, made.administrator)
        for (asked, field) in [
            (RequestedCosts(memoryKiB: 7), "memory_kib"), (RequestedCosts(iterations: 3), "iterations"),
            (RequestedCosts(parallelism: 0), "parallelism"),
        ] {
            let error = await failure {
                try await vault.vault.putSlot(
                    admin, number: 2, passphrase: secret("p"), replace: false,
                    authorization: try await vault.leave(), costs: asked)
            }
            #expect(error?.code == .invalidField && error?.field == field)
        }
        #expect(try vault.vault.slots(admin).map(\.memoryKiB) == [32, 32])
        let added = try await vault.addSlot(2, "second")
        #expect(added.memoryKiB == 32 && added.iterations == 2)
        let dearer = try await vault.vault.putSlot(
            admin, number: 3, passphrase: secret("third"), replace: false, authorization: try await vault.leave(),
            costs: RequestedCosts(memoryKiB: 64))
        #expect(dearer.memoryKiB == 64 && dearer.iterations == 2)
        #expect(try await vault.addSlot(3, "third again", replace: true).memoryKiB == 64)
        _ = try await vault.vault.newRecoveryCode(
            admin, number: 1, authorization: try await vault.leave(), costs: RequestedCosts(memoryKiB: 16))
        _ = try await vault.vault.newRecoveryCode(admin, number: 1, authorization: try await vault.leave())
        #expect(try vault.vault.slots(admin).map(\.memoryKiB) == [32, 16, 32, 64])
        try await vault.restarted().unseal("third again", slot: 3)
    }

    @Test("Eight slots can be filled, and each opens the vault")
    func eight() async throws {
        let vault = try await TestVault.open()
        for number in 2...7 { try await vault.addSlot(number, "operator \(number)") }
        for number in 2...7 {
            let again = try vault.restarted()
            try await again.unseal("operator \(number)", slot: number)
        }
    }

    @Test("Every change of a slot asks for its traces to be erased, and is one commit")
    func traces() async throws {
        let vault = try await TestVault.open()
        vault.store.fail(.tracesRemain)
        let token = try await vault.leave()
        let commits = vault.store.commits
        let error = await code {
            try await vault.vault.putSlot(
                vault.administrator, number: 0, passphrase: secret("new"), replace: true, authorization: token)
        }
        #expect(error == .storeUnavailable)
        #expect(vault.store.commits == commits + 1)
        _ = try await vault.reopened(passphrase: "new")
    }
}
