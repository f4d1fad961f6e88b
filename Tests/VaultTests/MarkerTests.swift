import Audit
import Foundation
import SecretMemory
import Testing

@testable import Vault

@Suite("No secret is in any audit entry or error")
struct MarkerTests {
    private static let marker = "MARKERf00dcafeMARKER"

    @Test("A secret in every value, passphrase, token and credential is in no line and no error")
    func everywhere() async throws {
        let vault = try await TestVault.open()
        var told: [String] = []
        func note<R>(_ body: () async throws -> R) async {
            if let error = await failure(body) { told.append("\(error)") }
        }
        try await operations(vault, Self.marker) { await note($0) }
        let log = vault.log.text
        #expect(vault.log.entries.count > 40)
        for text in told + [log] { #expect(!text.contains("MARKER")) }
        // The bytes of the first access key and of the recovery code are secrets of the same kind.
        for secret in [vault.administratorText.text, vault.recoveryCode.text] {
            #expect(!log.contains(secret.dropFirst(20).prefix(30)))
            #expect(!told.contains { $0.contains(secret.dropFirst(20).prefix(30)) })
        }
    }

    @Test("An access key pasted where an id, a policy, a decision or a ceremony belongs is in no line and no error")
    func pasted() async throws {
        let vault = try await TestVault.open()
        let key = vault.administratorText.text
        let (engine, admin) = (vault.vault, vault.administrator)
        let app = try await vault.caller("desk")
        var errors: [VaultError?] = []
        for requester in [admin, app] {
            errors.append(await failure { try engine.accessKey(requester, id: key) })
            errors.append(await failure { try await engine.revoke(requester, id: key) })
            errors.append(await failure { try await engine.enable(requester, id: key) })
            errors.append(await failure { try await engine.roll(requester, id: key, overlap: nil) })
            errors.append(await failure { try await vault.mint([key], as: requester) })
            errors.append(await failure { try await vault.mint([key + key], as: requester) })
            errors.append(await failure { try engine.decision(requester, id: key) })
        }
        errors.append(
            await failure {
                try await engine.confirm(.operatorAlone, ceremony: key, recoveryCode: secret(Self.marker))
            })
        let part = String(key.dropFirst(24).prefix(24))
        for error in errors { #expect(error != nil && !"\(error as Any)".contains(part)) }
        #expect(!vault.log.text.contains(part))
        #expect(!vault.log.text.contains("MARKER"))
    }

    /// Every operation, with a secret wherever one can be, right and wrong.
    private func operations(
        _ vault: TestVault, _ marker: String, _ attempt: (() async throws -> Void) async -> Void
    ) async throws {
        let (engine, admin) = (vault.vault, vault.administrator)
        let stripe = try path("payments/stripe")
        await attempt { try await vault.put("payments/stripe", fields: ["value": marker, "id": marker + "2"]) }
        await attempt { try await vault.put("payments/stripe", fields: [marker: marker]) }
        await attempt { try await vault.put("payments/stripe", fields: ["value": marker, "bad-" + marker: marker]) }
        await attempt { try await vault.put("payments/stripe", String(repeating: marker, count: 4_000)) }
        await attempt { try await vault.put("payments/stripe", metadata: .init(name: marker + "\u{7}")) }
        await attempt { try await vault.put("payments/stripe", metadata: .init(tags: [marker + "\n"])) }
        await attempt { try await vault.put("payments/stripe", marker, if: .matches([marker])) }
        await attempt { _ = try vault.get("payments/stripe") }
        await attempt { _ = try vault.get("payments/stripe", field: marker) }
        await attempt { _ = try engine.retrieve(admin, ValueQuery(path: stripe), unless: [marker]) }
        await attempt { _ = try engine.retrieve(admin, all: [ValueQuery(path: stripe, field: marker)]) }
        await attempt { _ = try vault.list(KeyQuery(words: [marker], tag: marker, provider: marker, cursor: marker)) }
        await attempt { _ = try vault.list(KeyQuery(prefix: marker + "\u{0}")) }
        await attempt {
            let write = KeyWrite(path: stripe, fields: [SecretField("value", marker)])
            _ = try await engine.importKeys(admin, [write], replace: false)
        }
        await attempt { _ = try await engine.change(admin, stripe, .init(description: marker + "\u{202E}"), if: .none) }
        await attempt { _ = try await engine.trash(admin, stripe, if: .matches([marker])) }
        await attempt { _ = try await engine.trash(admin, stripe, if: .none) }
        await attempt { _ = try vault.get("payments/stripe") }
        await attempt { _ = try await engine.restore(admin, stripe) }
        for credential in [marker, "keyturn_" + marker, "Bearer " + marker] {
            await attempt { _ = try vault.get("payments/stripe", as: .key(credential)) }
            await attempt { try await vault.put("payments/stripe", as: .key(credential)) }
        }
        await attempt { _ = try await engine.authorizeSealing(admin, passphrase: secret(marker), slot: nil) }
        await attempt { _ = try await engine.recoverAccess(.operatorAlone, passphrase: secret(marker), slot: 1) }
        await attempt { _ = try await engine.recoverAccess(.stranger, passphrase: secret(marker), slot: nil) }
        await attempt { _ = try await vault.unseal(marker) }
        let token = WipedBytes(utf8: marker)
        await attempt {
            _ = try await engine.putSlot(
                admin, number: 2, passphrase: secret(marker), replace: false, authorization: token)
        }
        await attempt { _ = try await engine.newRecoveryCode(admin, number: 2, authorization: token) }
        await attempt { try await engine.removeSlot(admin, number: 1, authorization: token) }
        await attempt { _ = try await engine.rekey(admin, authorizations: [token]) }
        await attempt { try await vault.addSlot(2, marker) }
        await attempt { _ = try await engine.rekey(admin, authorizations: [try await vault.leave(marker, slot: 2)]) }
        await attempt { _ = try await vault.mint([marker + "/" + marker]) }
        await attempt { _ = try await vault.mint(["auditor"], networks: [marker]) }
        await attempt { _ = try engine.accessKeys(admin, state: nil, words: [marker], limit: 5, cursor: marker) }
        await attempt { _ = try engine.decision(admin, id: marker) }
        engine.recordRefusal(.key(marker), code: "malformed \(marker)")
        await attempt {
            _ = try await engine.initialize(
                .stranger, passphrase: secret(marker), token: token, acceptRecoveryCode: true, costs: RequestedCosts())
        }
        await attempt { try await engine.destroy(admin, stripe, if: .none) }
        await attempt { try await vault.seal() }
        await attempt { _ = try await vault.unseal(marker, slot: 0) }
        await attempt { _ = try await vault.unseal(marker, as: .stranger) }
        await attempt { _ = try await vault.unseal(marker, slot: 2) }
        vault.clock.advance(.minute)
        engine.flushRefusals()
    }
}
