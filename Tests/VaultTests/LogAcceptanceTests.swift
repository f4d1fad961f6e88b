import Audit
import Foundation
import Sealing
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("An audit log that an operator goes on with")
struct LogAcceptanceTests {
    private func verify(_ vault: TestVault) async throws -> AuditReport {
        try await vault.vault.verifyAudit(vault.administrator, known: nil, mayBeginLater: false)
    }

    /// A vault with some changes, sealed in good order.
    private func sealed() async throws -> TestVault {
        let vault = try await TestVault.open()
        for number in 0..<40 { try await vault.put("key-\(number)") }
        try await vault.seal()
        return vault
    }

    private func edit(_ log: TestLog, _ sequence: Int) {
        log.tamper { $0[sequence] = $0[sequence].replacingOccurrences(of: "allowed", with: "refused") }
    }

    private func lastNumber(_ log: TestLog) -> UInt64 { log.head.sequence }

    @Test("Without the operator's word it keeps the vault sealed, and nothing is accepted")
    func refused() async throws {
        let vault = try await sealed()
        vault.log.tamper { $0.removeLast(3) }
        let again = try vault.restarted()
        let before = try again.store.contents()
        #expect(await code { try await again.unseal() } == .storeDamaged)
        #expect(try again.store.contents() == before)
        #expect(!again.log.lines.contains { $0.contains("log_accepted") })
    }

    @Test("A log that was cut at the end of a line: told with who, when and what, and no number is used twice after it")
    func cut() async throws {
        let vault = try await sealed()
        let known = lastNumber(vault.log)
        vault.log.tamper { $0.removeLast(3) }
        vault.clock.advance(.second)
        let again = try vault.restarted()
        let report = try await again.unseal(acceptLog: true)
        #expect(report.damage.contains { $0.contains("ends before entry \(known - 2)") })
        let entry = lastNumber(again.log)
        #expect(entry == known + 2, "the unseal and the acceptance have the numbers after those that were known")
        let found = try await verify(again)
        #expect(found.outcome == "accepted" && found.problem == nil)
        let accepted = try #require(found.accepted.first)
        #expect(found.accepted.count == 1 && accepted.kind == "cut")
        #expect(accepted.sequence == known - 2 && accepted.through == known && accepted.entry == entry)
        #expect(accepted.goesOn == known + 1)
        #expect(accepted.slot == 0 && accepted.caller == "unix_user 0 root")
        #expect(accepted.time == again.clock.now)
        // The same after a restart, a new root key, and one more change.
        try await again.put("later")
        try await again.seal()
        let third = try await again.reopened()
        _ = try await third.vault.rekey(third.administrator, authorizations: [try await third.leave()])
        try await third.put("more")
        #expect(try await verify(third).accepted == found.accepted)
        #expect(try await verify(third).outcome == "accepted")
        // What is cut or edited now is nobody's wish.
        try await third.vault.anchor()
        edit(third.log, Int(known) - 6)
        let broken = try await verify(third)
        #expect(broken.outcome == "broken" && broken.problem?.kind == "altered")
    }

    @Test("An entry altered far before the sealed head: a plain unseal does not see it, and an operator can accept it")
    func altered() async throws {
        let vault = try await sealed()
        edit(vault.log, 5)
        let again = try await vault.reopened()
        let found = try await verify(again)
        #expect(found.outcome == "broken" && found.problem?.sequence == 5)
        try await again.seal()
        again.log.forget()
        let report = try await again.unseal(acceptLog: true)
        #expect(report.damage == ["audit log: entry 5 was altered"])
        #expect(again.log.lines == ["request unseal", "event failed log_accepted (store_damaged)"])
        #expect(again.log.entries.last?.detail?.text == "altered")
        let accepted = try await verify(again)
        #expect(accepted.outcome == "accepted" && accepted.accepted.map(\.sequence) == [5])
        #expect(accepted.entries == accepted.last - 1)
    }

    @Test("Of a whole log nothing is accepted, and nothing is said")
    func whole() async throws {
        let vault = try await sealed()
        vault.log.forget()
        let report = try await vault.unseal(acceptLog: true)
        #expect(report.damage.isEmpty && vault.log.lines == ["request unseal"])
        #expect(try await verify(vault).outcome == "whole")
    }

    @Test("A store that was put back to an older state beside a whole log: that log is whole")
    func putBack() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a")
        let old = MemoryStore(try vault.store.contents())
        try await vault.put("b")
        try await vault.put("c")
        let restored = try vault.restarted(old)
        try await restored.unseal(acceptLog: true)
        #expect(restored.log.entries.contains { $0.action.text == "log_accepted" && $0.detail?.text == "put_back" })
        #expect(try await verify(restored).outcome == "whole")
    }

    @Test("A log that is lost altogether, twice: the second acceptance stands for both")
    func lost() async throws {
        let vault = try await sealed()
        let known = lastNumber(vault.log)
        let again = try vault.restarted(log: TestLog())
        try await again.unseal(acceptLog: true)
        #expect(try await verify(again).accepted.map(\.sequence) == [1])
        try await again.seal()
        let last = lastNumber(again.log)
        let third = try again.restarted(log: TestLog())
        try await third.unseal(acceptLog: true)
        let found = try await verify(third)
        #expect(found.outcome == "accepted" && found.accepted.map(\.through) == [last])
        #expect(lastNumber(third.log) > last && last > known)
    }

    @Test("Twice at two places: both are told, each with its own entry")
    func twice() async throws {
        let vault = try await sealed()
        edit(vault.log, 4)
        try await vault.unseal(acceptLog: true)
        let first = try #require(try await verify(vault).accepted.first)
        try await vault.put("between")
        try await vault.seal()
        vault.log.tamper { $0.removeLast(2) }
        let again = try vault.restarted()
        try await again.unseal(acceptLog: true)
        let found = try await verify(again)
        #expect(found.outcome == "accepted" && found.accepted.map(\.kind) == ["altered", "cut"])
        #expect(found.accepted.first == first && found.accepted.last?.entry != first.entry)
        // Once more, with nothing new: as before.
        try await again.seal()
        try await again.unseal(acceptLog: true)
        #expect(try await verify(again).accepted == found.accepted)
    }

    @Test("A line that says that the log was accepted makes nothing accepted")
    func forged() async throws {
        let vault = try await sealed()
        edit(vault.log, 5)
        vault.log.write(
            AuditEntry(
                time: 0, kind: .event, outcome: .failed, action: "log_accepted",
                caller: .unixUser(id: 0, name: "root"), code: "store_damaged", detail: "altered"))
        let again = try await vault.reopened()
        try await again.vault.anchor()
        let found = try await verify(again)
        #expect(found.outcome == "broken" && found.problem?.sequence == 5 && found.accepted.isEmpty)
    }

    @Test("An acceptance that the store did not get is none after a kill: the log is refused again")
    func unsealedAcceptance() async throws {
        let vault = try await sealed()
        let before = MemoryStore(try vault.store.contents())
        vault.log.tamper { $0.removeLast(3) }
        let again = try vault.restarted(MemoryStore(before.contents))
        try await again.unseal(acceptLog: true)
        let killed = try again.restarted(before)
        #expect(await code { try await killed.unseal() } == .storeDamaged)
        try await killed.unseal(acceptLog: true)
        let found = try await verify(killed)
        #expect(found.outcome == "accepted", "\(found)")
    }

    @Test("Open for reading only, nothing is accepted for good")
    func readOnly() async throws {
        let vault = try await sealed()
        edit(vault.log, Int(lastNumber(vault.log)))
        let before = try vault.store.contents()
        try await vault.unseal(acceptDamage: true)
        #expect(try vault.store.contents() == before)
        #expect(try await verify(vault).outcome == "broken")
    }

    @Test("Where the entry that says so cannot be written the vault stays sealed")
    func notWritten() async throws {
        let vault = try await sealed()
        vault.log.tamper { $0.removeLast(3) }
        let again = try vault.restarted()
        again.log.fail(after: 1)
        #expect(await code { try await again.unseal(acceptLog: true) } == .auditUnavailable)
        #expect(again.vault.status().state == .sealed)
    }

    @Test("Checkpoints that are signed later carry it: with the public key alone the break is known to be accepted")
    func checkpoint() async throws {
        let vault = try await sealed()
        edit(vault.log, 5)
        try await vault.unseal(acceptLog: true)
        let report = try vault.vault.checkpoint(vault.administrator)
        let checkpoint = try Checkpoint(verifying: report.note, by: try CheckpointKey(parsing: report.key))
        #expect(checkpoint.accepted.map(\.place.sequence) == [5])
        #expect(vault.log.checkpoints.last?.contains("\naccepted altered 4 ") == true)
        let found = try vault.log.verify(
            against: [checkpoint.head], accepted: checkpoint.accepted, mayBeginLater: false, while: { true })
        #expect(found?.outcome == .accepted)
    }
}
