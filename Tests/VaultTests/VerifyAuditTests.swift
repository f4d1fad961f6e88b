import Audit
import Foundation
import Sealing
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Verifying the audit log through the engine")
struct VerifyAuditTests {
    private func verify(
        _ vault: TestVault, _ known: (sequence: UInt64, hash: String)? = nil, as requester: Requester? = nil
    ) async throws -> AuditReport {
        try await vault.vault.verifyAudit(requester ?? vault.administrator, known: known, mayBeginLater: false)
    }

    @Test("It needs the action audit, and is one line in the log")
    func authority() async throws {
        let vault = try await TestVault.open()
        let app = try await vault.caller("payments-service")
        #expect(await code { try await verify(vault, as: .stranger) } == .unauthorized)
        #expect(await code { try await verify(vault, as: app) } == .refused)
        vault.log.forget()
        let report = try await verify(vault, as: try await vault.caller("auditor"))
        #expect(report.problem == nil)
        #expect(vault.log.lines.last == "request verify_audit")
        #expect(report.first == 1 && report.entries == report.last)
        #expect(report.headsFound == 1)
    }

    @Test("Edits, removals, insertions, moves and a cut before the sealed head are named")
    func tampered() async throws {
        let vault = try await TestVault.open()
        for number in 0..<30 { try await vault.put("key-\(number)") }
        try await vault.vault.anchor()
        let last = UInt64(vault.log.head.sequence)
        func found(_ body: (inout [String]) -> Void) async throws -> AuditReport.Problem? {
            let file = vault.log.copy()
            vault.log.tamper(body)
            defer { vault.log.tamper { $0 = file.fileLines } }
            return try await verify(vault).problem
        }
        for place in [2, 15, Int(last)] {
            let altered = try await found { $0[place] = $0[place].replacingOccurrences(of: "2026", with: "2025") }
            #expect(altered?.kind == "altered" && altered?.sequence == UInt64(place))
            let inserted = try await found { $0.insert($0[1], at: place) }
            #expect(inserted?.kind == "misplaced" && inserted?.sequence == UInt64(place))
        }
        let removed = try await found { $0.remove(at: 15) }
        #expect(removed?.kind == "missing" && removed?.sequence == 15)
        let moved = try await found { $0.swapAt(15, 16) }
        #expect(moved?.kind == "missing" && moved?.sequence == 15)
        let cut = try await found { $0.removeLast(4) }
        #expect(cut?.kind == "cut" && cut?.sequence == last - 3)
        #expect(try await verify(vault).problem == nil)
    }

    @Test("A head that was kept elsewhere is looked for, and one that is none is refused")
    func known() async throws {
        let vault = try await TestVault.open()
        let head = vault.log.head
        #expect(try await verify(vault, (head.sequence, head.hash.description)).headsFound >= 1)
        let other = try await verify(vault, (head.sequence, String(repeating: "0", count: 64)))
        #expect(other.problem?.kind == "rewritten" && other.problem?.through == head.sequence)
        let beyond = try await verify(vault, (head.sequence + 99, String(repeating: "0", count: 64)))
        #expect(beyond.problem?.kind == "cut")
        #expect(await code { try await verify(vault, (1, "x")) } == .invalidField)
        #expect(await code { try await verify(vault, (0, head.hash.description)) } == .invalidField)
    }

    @Test("A second verification is refused while one runs, others are served, and the vault can be sealed")
    func onlyOne() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let gate = vault.log.holdVerification()
        async let first = verify(vault)
        await gate.reached()
        #expect(await code { try await verify(vault) } == .conflict)
        #expect(try vault.get("k") == "value")
        try await vault.seal()
        #expect(vault.vault.status().state == .sealed)
        gate.open()
        #expect(try await first.problem == nil)
    }

    @Test("It ends when nobody waits for it any more, and the next one runs")
    func cancelled() async throws {
        let vault = try await TestVault.open()
        let gate = vault.log.holdVerification()
        let task = Task { await code { try await verify(vault) } }
        await gate.reached()
        task.cancel()
        gate.open()
        #expect(await task.value == .overloaded)
        #expect(try await verify(vault).problem == nil)
    }
}
