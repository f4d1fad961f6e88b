import Audit
import SecretMemory
import Testing

@testable import Vault

@Suite("When the audit log cannot be written")
struct AuditFailureTests {
    @Test("Nothing leaves", arguments: AuditError.Reason.allCases)
    func reads(_ reason: AuditError.Reason) async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe", "sk_live_marker")
        vault.log.fail(reason)
        let error = await failure { try vault.get("payments/stripe") }
        #expect(error?.code == .auditUnavailable)
        #expect(await code { try vault.inspect("payments/stripe") } == .auditUnavailable)
        #expect(await code { try vault.list() } == .auditUnavailable)
        #expect(await code { try vault.vault.whoAmI(vault.administrator) } == .auditUnavailable)
        #expect(await code { try vault.vault.policies(.operatorAlone) } == .auditUnavailable)
        vault.log.recover()
        #expect(try vault.inspect("payments/stripe").lastUsed == nil)
        #expect(try vault.get("payments/stripe") == "sk_live_marker")
    }

    @Test("A refusal is not told either")
    func refusals() async throws {
        let vault = try await TestVault.open()
        let app = try await vault.caller("payments-service")
        vault.log.fail()
        #expect(await code { try vault.get("billing/stripe", as: app) } == .auditUnavailable)
        #expect(await code { try vault.get("payments/none", as: app) } == .auditUnavailable)
        #expect(await code { try await vault.put("payments/x", fields: [:]) } == .auditUnavailable)
    }

    @Test("Nothing is changed, at whichever line of the change it fails", arguments: 0..<3)
    func changes(_ taken: Int) async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe", "before")
        let before = try vault.store.contents()
        vault.log.fail(after: taken)
        let writes = try ["payments/stripe", "b", "c", "d"].map {
            KeyWrite(path: try path($0), fields: [SecretField("value", "after")])
        }
        let error = await code { try await vault.vault.importKeys(vault.administrator, writes, replace: true) }
        #expect(error == .auditUnavailable)
        #expect(try vault.store.contents() == before)
        vault.log.recover()
        #expect(try vault.get("payments/stripe") == "before")
        #expect(try vault.list() == ["payments/stripe"])
    }

    @Test("No access key is minted, revoked, and none of the seal's ceremonies ends")
    func authority() async throws {
        let vault = try await TestVault.open()
        let key = try await vault.mint(["payments-service"])
        let leave = try await vault.leave()
        let before = try vault.store.contents()
        vault.log.fail()
        let (engine, admin) = (vault.vault, vault.administrator)
        #expect(await code { try await vault.mint(["auditor"]) } == .auditUnavailable)
        #expect(await code { try await engine.revoke(admin, id: key.record.id) } == .auditUnavailable)
        #expect(await code { try await vault.leave() } == .auditUnavailable)
        #expect(await code { try await engine.rekey(admin, authorizations: [leave]) } == .auditUnavailable)
        #expect(await code { try await engine.rotateKeyring(admin) } == .auditUnavailable)
        #expect(try vault.store.contents() == before)
    }

    @Test("A vault is neither made nor opened")
    func opening() async throws {
        let fresh = try TestVault()
        fresh.log.fail()
        let made = await code {
            try await fresh.vault.initialize(
                .operatorAlone, passphrase: secret("p"), token: nil, acceptRecoveryCode: true, costs: RequestedCosts())
        }
        #expect(made == .auditUnavailable)
        #expect(try fresh.store.contents().isEmpty)
        #expect(fresh.vault.status().state == .uninitialized)

        let vault = try await TestVault.open().restarted()
        vault.log.fail()
        #expect(await code { try await vault.unseal() } == .auditUnavailable)
        #expect(vault.vault.status().state == .sealed)
        vault.log.recover()
        try await vault.unseal()
        #expect(vault.vault.status().state == .unsealed)
    }

    @Test("A bundle whose last line cannot be written gives nothing")
    func bundle() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a")
        try await vault.put("b")
        vault.log.fail(after: 1)
        let queries = try ["a", "b"].map { ValueQuery(path: try path($0)) }
        #expect(await code { try vault.vault.retrieve(vault.administrator, all: queries) } == .auditUnavailable)
    }

    @Test("A vault can be closed whatever the log does; the error says that the log does not know")
    func closing() async throws {
        let vault = try await TestVault.open()
        vault.log.fail()
        #expect(await code { try await vault.seal() } == .auditUnavailable)
        #expect(vault.vault.status().state == .sealed)
    }

    @Test("The process can still end without its keys in memory")
    func ending() async throws {
        let vault = try await TestVault.open()
        vault.log.fail()
        await vault.vault.sealAtEnd()
        #expect(vault.vault.status().state == .sealed)
    }

    @Test("Health says what is wrong with the log")
    func health() async throws {
        let vault = try await TestVault.open()
        #expect(vault.vault.health().ok)
        vault.log.fail(.readOnly)
        let health = vault.vault.health()
        #expect(!health.ok)
        #expect(health.checks.first { $0.name == "audit" }?.detail.contains("read-only") == true)
    }
}
