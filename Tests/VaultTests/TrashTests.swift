import Audit
import Policy
import Sealing
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Trash, restore and destroy")
struct TrashTests {
    @Test("What is in the trash is served to nobody and takes no change")
    func trashed() async throws {
        let vault = try await TestVault.open()
        let (engine, admin, key) = (vault.vault, vault.administrator, try path("k"))
        try await vault.put("k", "one")
        let metadata = try await engine.trash(admin, key, if: .none)
        #expect(metadata.state == .trashed)
        #expect(metadata.purgeAfter == TestClock.start + 30 * .day)
        #expect(await code { try vault.get("k") } == .inTrash)
        #expect(await code { try await vault.put("k", "two") } == .inTrash)
        #expect(await code { try await engine.change(admin, key, .init(name: "n"), if: .none) } == .inTrash)
        #expect(await code { try await engine.trash(admin, key, if: .none) } == .inTrash)
        #expect(try vault.inspect("k").deleted == TestClock.start)
    }

    @Test("A key that is not there, or not in the trash, cannot be restored")
    func wrongRestore() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        #expect(await code { try await vault.vault.restore(vault.administrator, try path("k")) } == .notInTrash)
        #expect(await code { try await vault.vault.restore(vault.administrator, try path("x")) } == .notFound)
        #expect(await code { try await vault.vault.trash(vault.administrator, try path("x"), if: .none) } == .notFound)
        #expect(
            await code { try await vault.vault.destroy(vault.administrator, try path("x"), if: .none) } == .notFound)
    }

    @Test("A restored key is as it was, all versions and metadata")
    func restored() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one", metadata: .init(name: "n", tags: ["t"]))
        var before = try await vault.put("k", "two", overlap: .day)
        _ = try await vault.vault.trash(vault.administrator, try path("k"), if: .none)
        let again = try await vault.reopened()
        var after = try await again.vault.restore(again.administrator, try path("k"))
        #expect(after.etag != before.etag)
        (before.etag, after.etag) = ("", "")
        (before.updated, after.updated) = (0, 0)
        #expect(after == before)
        #expect(try again.get("k") == "two")
        #expect(try again.get("k", .previous) == "one")
    }

    @Test("The trash is kept for its window to the millisecond, then emptied")
    func window() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        try await vault.put("other")
        _ = try await vault.vault.trash(vault.administrator, try path("k"), if: .none)
        vault.clock.advance(30 * .day - 1)
        #expect(try await vault.vault.maintain() == 0)
        vault.log.forget()
        vault.clock.advance(1)
        #expect(try await vault.vault.maintain() == 1)
        #expect(vault.log.lines == ["intent purge k", "intent record_usage"])
        #expect(await code { try vault.inspect("k") } == .notFound)
        #expect(try vault.list(KeyQuery(everything: true)) == ["other"])
        #expect(try vault.store.count(of: .wrappedKey) == 1)
    }

    @Test("A clock that is put forward and back purges nothing that was restored meanwhile")
    func clocks() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        _ = try await vault.vault.trash(vault.administrator, try path("k"), if: .none)
        _ = try await vault.vault.restore(vault.administrator, try path("k"))
        vault.clock.advance(400 * .day)
        #expect(try await vault.vault.maintain() == 0)
        vault.clock.now = 0
        #expect(try await vault.vault.maintain() == 0)
        #expect(try vault.get("k") == "value")
    }

    @Test("Destroying erases the head, the wrapped key and every version from the store, in one batch")
    func destroyed() async throws {
        let vault = try await TestVault.open()
        for number in 1...12 { try await vault.put("k", "v\(number)") }
        try await vault.put("other")
        let records = try vault.store.contents()
        let commits = vault.store.commits
        try await vault.vault.destroy(vault.administrator, try path("k"), if: .none)
        #expect(vault.store.commits == commits + 1)
        let left = try vault.store.contents()
        for kind in [RecordKind.keyHead, .wrappedKey, .version] {
            #expect(left.keys.filter { $0.bytes[0] == kind.rawValue }.count == 1)
        }
        #expect(records.count - left.count == 12)
        #expect(vault.log.lines.last == "intent destroy k")
        #expect(await code { try vault.get("k") } == .notFound)
        #expect(await code { try await vault.reopened().get("k") } == .notFound)
    }

    @Test("A key is destroyed from the trash as well")
    func destroyedFromTrash() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        _ = try await vault.vault.trash(vault.administrator, try path("k"), if: .none)
        try await vault.vault.destroy(vault.administrator, try path("k"), if: .none)
        #expect(await code { try vault.inspect("k") } == .notFound)
    }

    @Test("A destruction whose traces remain says so, is done, and is tried again by the next change")
    func traces() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        try await vault.vault.maintain()
        vault.store.fail(.tracesRemain)
        let error = await failure { try await vault.vault.destroy(vault.administrator, try path("k"), if: .none) }
        #expect(error?.code == .storeUnavailable)
        #expect(error?.detail.contains("erased") == true)
        #expect(await code { try vault.inspect("k") } == .notFound)
        #expect(vault.vault.status().state == .unsealed)
        let open = try vault.vault.opened()
        #expect(open.committer.oweErasure)
        try await vault.vault.maintain()
        #expect(!open.committer.oweErasure)
        #expect(vault.log.lines.suffix(2) == ["intent erase_traces", "intent record_usage"])
    }

    @Test("Traces of a change that promised nothing about them are no error")
    func othersTraces() async throws {
        let vault = try await TestVault.open()
        vault.store.fail(.tracesRemain)
        try await vault.put("k", "one")
        #expect(try vault.get("k") == "one")
        #expect(try await vault.reopened().get("k") == "one")
    }

    @Test("Maintenance of a sealed vault does nothing")
    func sealed() async throws {
        let vault = try await TestVault.open().restarted()
        #expect(try await vault.vault.maintain() == 0)
    }
}
