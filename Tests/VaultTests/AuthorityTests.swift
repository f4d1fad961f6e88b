import Audit
import Sealing
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Nobody hands on what they do not hold")
struct AuthorityTests {
    @Test(
        "An operator who tries to issue a key for a policy that is not listed is refused",
        arguments: [
            ["administrator"], ["operator"], ["reader"], ["payments-service", "administrator"], ["Administrator"],
        ])
    func escalation(_ policies: [String]) async throws {
        let vault = try await TestVault.open()
        let olivia = try await vault.caller("operator")
        let before = try vault.store.count(of: .issuedKey)
        let error = await failure { try await vault.mint(policies, as: olivia) }
        #expect(error?.code == .refused)
        #expect(error?.missingAction == "issue")
        #expect(error?.decision != nil)
        #expect(try vault.store.count(of: .issuedKey) == before)
    }

    @Test("An operator issues and rolls keys for the listed policies")
    func granted() async throws {
        let vault = try await TestVault.open()
        let olivia = Requester.unixUser("olivia")
        let minted = try await vault.mint(["payments-service"], as: olivia)
        #expect(minted.record.createdBy == "unix-user:1000")
        let rolled = try await vault.vault.roll(olivia, id: minted.record.id, overlap: nil)
        #expect(rolled.record.predecessor == minted.record.id)
    }

    @Test("An operator does not roll or switch on somebody else's key, though it may be revoked")
    func somebodyElses() async throws {
        let vault = try await TestVault.open()
        let olivia = try await vault.caller("operator")
        let other = try await vault.mint(["administrator"], name: "second administrator")
        let id = other.record.id
        #expect(await code { try await vault.vault.roll(olivia, id: id, overlap: nil) } == .refused)
        #expect(try await vault.vault.disable(olivia, id: id).state == .disabled)
        #expect(await code { try await vault.vault.enable(olivia, id: id) } == .refused)
        #expect(await code { try vault.vault.whoAmI(.key(other.text)) } == .unauthorized)
        #expect(try await vault.vault.revoke(olivia, id: id).state == .revoked)
    }

    @Test("Who may grant one policy sees, rolls and revokes keys of that policy alone; others are not found")
    func desk() async throws {
        let vault = try await TestVault.open()
        let desk = try await vault.caller("desk")
        let mine = try await vault.mint(["payments-service"], name: "shop", as: desk)
        let both = try await vault.mint(["payments-service", "reader"], name: "both")
        let theirs = try await vault.mint(["reader"], name: "theirs")
        let (engine, absent) = (vault.vault, "000000000000")
        for id in [theirs.record.id, both.record.id, absent] {
            #expect(await code { try engine.accessKey(desk, id: id) } == .notFound)
            #expect(await code { try await engine.revoke(desk, id: id) } == .notFound)
            #expect(await code { try await engine.disable(desk, id: id) } == .notFound)
            #expect(await code { try await engine.enable(desk, id: id) } == .notFound)
            #expect(await code { try await engine.roll(desk, id: id, overlap: nil) } == .notFound)
        }
        let listed = try engine.accessKeys(desk, state: nil, words: [], limit: 100, cursor: nil)
        #expect(listed.items.map(\.name) == ["shop"])
        #expect(try engine.accessKey(desk, id: mine.record.id).name == "shop")
        #expect(try await engine.revoke(desk, id: mine.record.id).state == .revoked)
    }

    @Test("Who may grant nothing is refused, whether or not the key exists and whatever is asked")
    func nothing() async throws {
        let vault = try await TestVault.open()
        let id = try await vault.mint(["reader"]).record.id
        let app = try await vault.caller("payments-service")
        let engine = vault.vault
        for id in [id, "000000000000"] {
            #expect(await code { try engine.accessKey(app, id: id) } == .refused)
            #expect(await code { try await engine.revoke(app, id: id) } == .refused)
            #expect(await code { try await engine.disable(app, id: id) } == .refused)
            #expect(await code { try await engine.enable(app, id: id) } == .refused)
            #expect(await code { try await engine.roll(app, id: id, overlap: nil) } == .refused)
        }
        for policies in [[], ["payments-service"], ["unknown"], ["administrator"]] {
            #expect(await code { try await vault.mint(policies, as: app) } == .refused)
        }
        #expect(
            await code { try engine.accessKeys(app, state: nil, words: [], limit: 5, cursor: nil) } == .refused)
    }

    @Test("A policy that no file defines any more gives its holder nothing, and cannot be handed on")
    func vanished() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let minted = try await vault.mint(["reader"])
        vault.files["reader.yaml"] = nil
        _ = try await vault.vault.reloadPolicies(.operatorAlone)
        #expect(await code { try vault.get("k", as: .key(minted.text)) } == .refused)
        let rolled = await failure { try await vault.vault.roll(vault.administrator, id: minted.record.id, overlap: 1) }
        #expect(rolled?.field == "policies")
        // It can still be taken out of service and back.
        _ = try await vault.vault.disable(vault.administrator, id: minted.record.id)
        #expect(try await vault.vault.enable(vault.administrator, id: minted.record.id).state == .active)
    }

    @Test("Nothing that changes the seal is open to an operator, or to the operator's socket without a key")
    func seal() async throws {
        let vault = try await TestVault.open()
        let engine = vault.vault
        let token = try await vault.leave()
        for requester in [try await vault.caller("operator"), .operatorAlone, .unixUser("olivia")] {
            #expect(await code { try engine.slots(requester) } == .refused)
            let leave = await code {
                try await engine.authorizeSealing(requester, passphrase: secret(TestVault.passphrase), slot: nil)
            }
            #expect(leave == .refused)
            let slot = await code {
                try await engine.putSlot(
                    requester, number: 2, passphrase: secret("p"), replace: false, authorization: token)
            }
            #expect(slot == .refused)
            #expect(
                await code { try await engine.newRecoveryCode(requester, number: 1, authorization: token) } == .refused)
            #expect(await code { try await engine.removeSlot(requester, number: 1, authorization: token) } == .refused)
            #expect(await code { try await engine.rotateKeyring(requester) } == .refused)
            #expect(await code { try await engine.rewrap(requester) } == .refused)
            #expect(await code { try await engine.rekey(requester, authorizations: [token]) } == .refused)
        }
    }

    @Test("Access is recovered by a passphrase at the operator's socket, and nowhere else")
    func recovery() async throws {
        let vault = try await TestVault.open()
        let engine = vault.vault
        for requester in [vault.administrator, .stranger, .unixUser("root", id: 0)] {
            let error = await code {
                try await engine.recoverAccess(requester, passphrase: secret(TestVault.passphrase), slot: nil)
            }
            #expect(error == .refused)
        }
        #expect(
            await code { try await engine.recoverAccess(.operatorAlone, passphrase: secret("wrong"), slot: nil) }
                == .wrongPassphrase)
        let minted = try await engine.recoverAccess(
            .operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil)
        #expect(minted.record.policies == ["administrator"])
        #expect(try engine.whoAmI(.key(minted.text)).policies == ["administrator"])
        #expect(vault.log.lines.contains("intent recover_access \(minted.record.id)"))
        try await vault.seal()
        #expect(
            await code {
                try await engine.recoverAccess(.operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil)
            } == .sealed)
    }
}
