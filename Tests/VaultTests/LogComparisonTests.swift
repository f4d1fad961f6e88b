import Audit
import Foundation
import SecretMemory
import Sealing
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("At unseal the audit log is held against the store")
struct LogComparisonTests {
    /// The lines of what was found wrong; nil where the vault opened.
    private func refusal(_ vault: TestVault) async -> [String]? {
        let error = await failure { try await vault.unseal() }
        guard let error else { return nil }
        #expect(error.code == .storeDamaged)
        #expect(vault.vault.status().state == .sealed)
        return error.lines
    }

    /// A vault with some changes and reads, sealed in good order, and nothing written since.
    private func sealed() async throws -> TestVault {
        let vault = try await TestVault.open()
        for key in ["a", "b", "c"] {
            try await vault.put(key, "value of \(key)")
            _ = try vault.get(key)
        }
        try await vault.seal()
        return vault
    }

    @Test("A log whose end was cut before the sealed head is named by its first missing entry, at each place")
    func cut() async throws {
        let vault = try await sealed()
        let last = vault.log.head.sequence
        for kept in [1, Int(last) / 2, Int(last) - 1] {
            let log = vault.log.copy()
            log.tamper { $0.removeSubrange((kept + 1)...) }
            let again = try vault.restarted(log: log)
            // The start itself writes a line, which takes the place of the first that is missing.
            let lines = try #require(await refusal(again))
            #expect(lines.count == 1)
            #expect(lines[0].contains("ends before entry \(kept + 1),"))
        }
    }

    @Test("It is named after several starts, too, each of which wrote an entry in its place")
    func cutBeforeStarts() async throws {
        let vault = try await sealed()
        let last = Int(vault.log.head.sequence)
        for (kept, starts) in [(last - 1, 1), (last - 2, 3), (last - 3, 2), (0, 2)] {
            let log = vault.log.copy()
            log.tamper { $0.removeSubrange((kept + 1)...) }
            var again = vault
            for _ in 0..<starts {
                vault.clock.advance(.second)
                again = try vault.restarted(log: log)
            }
            let lines = try #require(await refusal(again))
            #expect(lines[0].contains("ends before entry \(kept + 1),"), "\(lines[0])")
        }
        // A log that was whole when the server started is not said to have been cut then.
        vault.clock.advance(.second)
        #expect(await refusal(try vault.restarted()) == nil)
    }

    @Test("A log that is cut after a seal in the same process is named by what is missing, not by where that began")
    func cutLater() async throws {
        let vault = try await sealed()
        let last = Int(vault.log.head.sequence)
        vault.log.tamper { $0.removeLast(2) }
        #expect(await refusal(vault)?.first?.contains("ends before entry \(last - 1),") == true)
    }

    @Test("An empty log beside a vault that has one is found")
    func empty() async throws {
        let vault = try await sealed()
        let lines = try #require(await refusal(try vault.restarted(log: TestLog())))
        #expect(lines[0].contains("ends before entry"))
    }

    @Test("An entry edited before the sealed head is named, and one with all hashes made to fit shows as made anew")
    func edited() async throws {
        let vault = try await sealed()
        let last = Int(vault.log.head.sequence)
        let log = vault.log.copy()
        log.tamper { $0[last - 1] = $0[last - 1].replacingOccurrences(of: "allowed", with: "refused") }
        #expect(await refusal(try vault.restarted(log: log))?.first?.contains("entry \(last - 1) was altered") == true)
        let rewritten = TestLog()
        for _ in 0..<last + 5 {
            rewritten.write(AuditEntry(time: 0, outcome: .allowed, action: "retrieve", caller: .system))
        }
        let lines = await refusal(try vault.restarted(log: rewritten))
        #expect(lines?.first?.contains("made anew: entry \(last)") == true)
    }

    @Test("A removed and an exchanged entry after the sealed head are named: what comes later is still a chain")
    func afterTheHead() async throws {
        let vault = try await sealed()
        let start = Int(vault.log.head.sequence)
        for _ in 0..<5 { vault.vault.recordRefusal(.stranger, code: "malformed"); vault.clock.advance(.second) }
        let removed = vault.log.copy()
        removed.tamper { $0.remove(at: start + 2) }
        #expect(
            await refusal(try vault.restarted(log: removed))?.first?.contains("entry \(start + 2) is missing") == true)
        let swapped = vault.log.copy()
        swapped.tamper { $0.swapAt(start + 2, start + 3) }
        #expect(
            await refusal(try vault.restarted(log: swapped))?.first?.contains("entry \(start + 2) is missing") == true)
        #expect(await refusal(try vault.restarted()) == nil)
    }

    @Test("A store that was put back beside a log that went on is found, after a kill and after a seal")
    func putBack() async throws {
        for endsInOrder in [false, true] {
            let vault = try await TestVault.open()
            try await vault.put("a")
            let old = MemoryStore(try vault.store.contents())
            try await vault.put("b")
            if endsInOrder { try await vault.seal() } else { try await vault.put("c") }
            let lines = try #require(await refusal(try vault.restarted(old)))
            #expect(lines.count == 1)
            #expect(lines[0].contains("put back to an older state"))
            #expect(lines[0].contains("entry "))
        }
    }

    @Test("A store from another branch is found: an intent after its head that is not of its next generation")
    func branched() async throws {
        let vault = try await TestVault.open()
        let start = MemoryStore(try vault.store.contents())
        for _ in 0..<3 { try await vault.put("a") }
        try await vault.seal()
        let longer = MemoryStore(try vault.store.contents())
        let restored = try vault.restarted(start)
        _ = try await restored.unseal(acceptLog: true)
        try await restored.put("b")
        let lines = try #require(await refusal(try vault.restarted(longer)))
        #expect(lines[0].contains("generation"))
    }

    @Test("One change that was intended and not committed becomes aborted, a line for each intent, once")
    func aborted() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a")
        let before = MemoryStore(try vault.store.contents())
        let writes = try ["x", "y"].map { KeyWrite(path: try path($0), fields: [SecretField("value", "v")]) }
        _ = try await vault.vault.importKeys(vault.administrator, writes, replace: false)
        // As after a power cut between the two: the intents are there, the commit is not.
        vault.log.forget()
        let again = try await vault.reopened(before)
        #expect(
            again.log.lines == ["event started", "request unseal", "aborted failed write x", "aborted failed write y"])
        let aborted = again.log.entries.filter { $0.kind == .aborted }
        #expect(Set(aborted.map(\.generation)).count == 1)
        #expect(aborted.allSatisfy { $0.caller.kind == "access_key" })
        #expect(try again.list() == ["a"])
        again.log.forget()
        let third = try await again.reopened()
        #expect(third.log.lines == ["event started", "request unseal"])
        try await third.put("z")
        #expect(try third.list() == ["a", "z"])
    }

    @Test("A power cut while the aborted lines are written leaves the others for the next unseal")
    func abortedHalfway() async throws {
        let vault = try await TestVault.open()
        let before = MemoryStore(try vault.store.contents())
        let writes = try ["x", "y"].map { KeyWrite(path: try path($0), fields: [SecretField("value", "v")]) }
        _ = try await vault.vault.importKeys(vault.administrator, writes, replace: false)
        let again = try vault.restarted(before)
        again.log.fail(after: 2)
        #expect(await code { try await again.unseal() } == .auditUnavailable)
        #expect(again.vault.status().state == .sealed)
        again.log.recover()
        again.log.forget()
        try await again.unseal()
        #expect(again.log.lines == ["request unseal", "aborted failed write y"])
    }

    @Test("A change that failed closes its intent, also where that could be written only later")
    func closed() async throws {
        let vault = try await TestVault.open()
        vault.store.fail(.notWritten)
        #expect(await code { try await vault.put("a") } == .storeUnavailable)
        vault.store.fail(.notWritten)
        vault.log.fail(after: 1)
        #expect(await code { try await vault.put("b") } == .storeUnavailable)
        vault.log.recover()
        vault.log.forget()
        try await vault.put("c")
        #expect(vault.log.lines == ["failed failed write b (store_unavailable)", "intent write c"])
        vault.log.forget()
        let again = try await vault.reopened()
        #expect(again.log.lines == ["event started", "request unseal"])
    }

    @Test("A log that does not belong to the store is gone on with only where an operator says so, and then for good")
    func acceptedLog() async throws {
        let vault = try await sealed()
        let again = try vault.restarted(log: TestLog())
        #expect(await refusal(again) != nil)
        again.log.forget()
        let report = try await again.unseal(acceptLog: true)
        #expect(!report.readOnly)
        #expect(report.damage.count == 1)
        #expect(again.log.lines == ["request unseal", "event failed log_accepted (store_damaged)"])
        #expect(again.log.entries.last?.detail?.text == "cut")
        try await again.put("d")
        try await again.seal()
        let third = try await again.reopened()
        #expect(try third.list() == ["a", "b", "c", "d"])
    }

    @Test("With accepted damage it is read only, and writes nothing to the store")
    func acceptedDamage() async throws {
        let vault = try await sealed()
        let again = try vault.restarted(log: TestLog())
        let before = try vault.store.contents()
        let report = try await again.unseal(acceptDamage: true)
        #expect(report.readOnly)
        #expect(again.log.entries.last?.detail?.text == "cut")
        #expect(try again.get("a") == "value of a")
        try await again.vault.anchor()
        #expect(await code { try await again.put("a") } == .readOnly)
        #expect(try again.store.contents() == before)
    }

    @Test("A damaged store is not opened by accepting the log")
    func both() async throws {
        let vault = try await sealed()
        let copy = MemoryStore(try vault.store.contents())
        try copy.tamper([try #require(try copy.rows(of: .keyHead).first): nil])
        let again = try vault.restarted(copy)
        #expect(await code { try await again.unseal(acceptLog: true) } == .storeDamaged)
        let report = try await again.unseal(acceptDamage: true, acceptLog: true)
        #expect(report.readOnly)
    }

    @Test("A log that cannot be read keeps the vault sealed")
    func unreadable() async throws {
        let vault = try await sealed()
        vault.log.failReading(.readOnly)
        let again = try vault.restarted()
        #expect(await code { try await again.unseal() } == .auditUnavailable)
        #expect(again.vault.status().state == .sealed)
    }
}

@Suite("The vault head covers the audit log")
struct HeadSealingTests {
    @Test("While entries arrive it is sealed anew, and otherwise nothing is written")
    func everySecond() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a")
        let before = vault.sealedHead
        _ = try vault.get("a")
        try await vault.vault.anchor()
        #expect(vault.sealedHead == vault.log.head)
        #expect(vault.sealedHead != before)
        let store = try vault.store.contents()
        vault.log.forget()
        try await vault.vault.anchor()
        #expect(try vault.store.contents() == store)
        #expect(vault.log.lines.isEmpty)
    }

    @Test("It changes no record, no sum and no generation, and the store opens with it")
    func nothingElse() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a", "before")
        let before = try vault.store.contents()
        let generation = try vault.vault.opened().session.core.head.generation
        _ = try vault.get("a")
        try await vault.vault.anchor()
        let after = try vault.store.contents()
        #expect(Set(after.keys.filter { after[$0] != before[$0] }) == [RecordKey(.vaultHead, .only)])
        #expect(try vault.vault.opened().session.core.head.generation == generation)
        let again = try await vault.reopened()
        #expect(try again.get("a") == "before")
        try await again.put("a", "after")
        #expect(try again.vault.opened().session.core.head.generation == generation + 1)
    }

    @Test("A head that the store did not take is sealed at the next time; one in doubt seals the vault")
    func faults() async throws {
        let vault = try await TestVault.open()
        _ = try vault.list()
        vault.store.fail(.notWritten)
        #expect(await code { try await vault.vault.anchor() } == .storeUnavailable)
        try await vault.vault.anchor()
        #expect(vault.sealedHead == vault.log.head)
        _ = try vault.list()
        vault.store.fail(.outcomeUnknownApplied)
        #expect(await code { try await vault.vault.anchor() } == .inDoubt)
        #expect(vault.vault.status().state == .sealed)
        _ = try await vault.reopened()
    }

    @Test("No head is sealed over what is not on the disk")
    func unsynced() async throws {
        let vault = try await TestVault.open()
        let before = vault.sealedHead
        _ = try vault.list()
        vault.log.fail(.inputOutput)
        #expect(await code { try await vault.vault.anchor() } == .auditUnavailable)
        #expect(vault.sealedHead == before)
    }

    @Test("Sealing syncs, and the head covers the line that says so")
    func sealing() async throws {
        let vault = try await TestVault.open()
        try await vault.put("a")
        try await vault.seal()
        #expect(vault.log.lines.last == "request seal")
        #expect(vault.log.synced.last == true)
        // An entry cut off after this is missed.
        let last = vault.log.head.sequence
        vault.log.tamper { $0.removeLast() }
        let error = await failure { try await vault.restarted().unseal() }
        #expect(error?.lines.first?.contains("ends before entry \(last),") == true)
    }

    @Test("The head counts the intents, those of failed changes as well")
    func intents() async throws {
        let vault = try await TestVault.open()
        let start = try vault.vault.opened().session.core.head.intents
        #expect(start > 0)
        try await vault.put("a")
        vault.store.fail(.notWritten)
        _ = await code { try await vault.put("b") }
        try await vault.put("c")
        #expect(try vault.vault.opened().session.core.head.intents == start + 3)
    }

    @Test("Head sealing and changes at the same time disturb neither")
    func together() async throws {
        let vault = try await TestVault.open()
        try await withThrowingTaskGroup { group in
            for number in 0..<40 {
                group.addTask { _ = try await vault.put("key-\(number % 7)") }
                group.addTask { try await vault.vault.anchor() }
                group.addTask { _ = try vault.list() }
            }
            try await group.waitForAll()
        }
        let again = try await vault.reopened()
        #expect(try again.list().count == 7)
    }
}

extension TestVault {
    /// The log's head that the open vault sealed last.
    fileprivate var sealedHead: AuditHead? { try? vault.opened().session.core.head.audit }
}
