import Audit
import Foundation
import Sealing
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Checkpoints of the audit log")
struct CheckpointTests {
    @Test("Only who may audit gets one, and it verifies by the public key alone")
    func read() async throws {
        let vault = try await TestVault.open()
        let app = try await vault.caller("payments-service")
        let auditor = try await vault.caller("auditor")
        #expect(await code { try vault.vault.checkpoint(.stranger) } == .unauthorized)
        #expect(await code { try vault.vault.checkpoint(app) } == .refused)
        vault.log.forget()
        let report = try vault.vault.checkpoint(auditor)
        #expect(vault.log.lines == ["request read_checkpoint"])
        let key = try CheckpointKey(parsing: report.key)
        let checkpoint = try Checkpoint(verifying: report.note, by: key)
        #expect(checkpoint.head == (try vault.vault.opened().session.core.head.audit))
        #expect(checkpoint.origin.hasPrefix("keyturn/"))
        #expect(vault.vault.status().state == .unsealed)
        try await vault.seal()
        #expect(await code { try vault.vault.checkpoint(auditor) } == .sealed)
    }

    @Test("One is kept beside the log whenever the head is sealed, and none while nothing happens")
    func kept() async throws {
        let vault = try await TestVault.open()
        let key = try CheckpointKey(parsing: try vault.vault.checkpoint(vault.administrator).key)
        for number in 0..<3 {
            try await vault.put("k")
            try await vault.vault.anchor()
            try await vault.vault.anchor()
            let notes = vault.log.checkpoints
            #expect(notes.count == number + 1)
            let head = try Checkpoint(verifying: try #require(notes.last), by: key).head
            #expect(head == (try vault.vault.opened().session.core.head.audit))
        }
        try await vault.seal()
        let last = try Checkpoint(verifying: try #require(vault.log.checkpoints.last), by: key).head
        #expect(last == vault.log.head)
    }

    @Test("The key outlives restarts, a rewrap and a rekey, and is in no log and not in the clear in the store")
    func sameKey() async throws {
        let vault = try await TestVault.open()
        let key = try vault.vault.checkpoint(vault.administrator).key
        #expect(try vault.store.count(of: .checkpointKey) == 1)
        _ = try await vault.vault.rotateKeyring(vault.administrator)
        _ = try await vault.vault.rewrap(vault.administrator)
        #expect(try vault.vault.checkpoint(vault.administrator).key == key)
        _ = try await vault.vault.rekey(vault.administrator, authorizations: [try await vault.leave()])
        let again = try await vault.reopened()
        #expect(try again.vault.checkpoint(again.administrator).key == key)
        let signer = try #require(try again.vault.opened().session.core.checkpoint?.signer)
        let seed = Array(signer.record.seed)
        for bytes in try again.store.contents().values { #expect(!bytes.contains(subsequence: seed)) }
    }

    @Test("A vault that was made without one gets it when it is unsealed; read-only it does not")
    func older() async throws {
        let vault = try await TestVault.open()
        let open = try vault.vault.opened()
        try await open.committer.commit(AuditDraft(system: "test")) { (staging) throws(VaultError) in
            staging.removeCheckpointKey()
        }
        #expect(try vault.store.count(of: .checkpointKey) == 0)
        #expect(await code { try vault.vault.checkpoint(vault.administrator) } == .notFound)
        let readOnly = try vault.restarted(MemoryStore(try vault.store.contents()), log: TestLog())
        try await readOnly.unseal(acceptDamage: true)
        #expect(try readOnly.store.count(of: .checkpointKey) == 0)
        #expect(await code { try readOnly.vault.checkpoint(readOnly.administrator) } == .notFound)
        let again = try await vault.reopened()
        #expect(try again.store.count(of: .checkpointKey) == 1)
        #expect(again.log.lines.contains("intent make_checkpoint_key"))
        let key = try again.vault.checkpoint(again.administrator).key
        #expect(try await again.reopened().vault.checkpoint(again.administrator).key == key)
    }

    @Test("A checkpoint key that was altered, removed or put back is found at unseal")
    func damaged() async throws {
        let vault = try await TestVault.open()
        let row = try #require(try vault.store.rows(of: .checkpointKey).first)
        let before = try vault.store.contents()[row]
        _ = try await vault.vault.rotateKeyring(vault.administrator)
        _ = try await vault.vault.rewrap(vault.administrator)
        for bytes in [nil, before] {
            let copy = MemoryStore(try vault.store.contents())
            try copy.tamper([row: bytes])
            let log = try vault.log(asOf: copy)
            #expect(await code { try await vault.restarted(copy, log: log).unseal() } == .storeDamaged)
        }
    }
}

extension [UInt8] {
    fileprivate func contains(subsequence: [UInt8]) -> Bool {
        guard count >= subsequence.count else { return false }
        return (0...(count - subsequence.count)).contains {
            self[$0..<($0 + subsequence.count)].elementsEqual(subsequence)
        }
    }
}

extension Staging {
    /// What a vault was before there were checkpoints.
    fileprivate mutating func removeCheckpointKey() {
        guard let entry = checkpoint else { return }
        resum(.checkpointKey, entry.row, from: entry.mark, to: nil)
        delete(.checkpointKey, entry.row)
        checkpoint = nil
    }
}
