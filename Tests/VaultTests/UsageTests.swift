import Audit
import Policy
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("When keys were last used, and by whom")
struct UsageTests {
    @Test("A key is used when its values are served, and by nothing else")
    func touched() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let app = Requester.unixUser("payments")
        _ = try vault.inspect("k")
        _ = try vault.list()
        _ = await code { try vault.get("k", as: app) }
        _ = await code { try vault.get("k", field: "none") }
        #expect(try vault.inspect("k").lastUsed == nil)
        try await vault.put("payments/k")
        vault.clock.advance(.second)
        _ = try vault.get("payments/k", as: app)
        let metadata = try vault.inspect("payments/k")
        #expect(metadata.lastUsed == TestClock.start + .second)
        #expect(metadata.lastUsedBy == "unix-user:1000")
    }

    @Test("It is written down by maintenance, once, and found after a restart")
    func kept() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let minted = try await vault.mint(["reader"])
        vault.clock.advance(.minute)
        _ = try vault.get("k", as: .key(minted.text))
        vault.log.forget()
        try await vault.vault.maintain()
        #expect(vault.log.lines == ["intent record_usage"])
        let commits = vault.store.commits
        try await vault.vault.maintain()
        #expect(vault.store.commits == commits)
        let again = try await vault.reopened()
        #expect(try again.inspect("k").lastUsed == TestClock.start + .minute)
        #expect(try again.inspect("k").lastUsedBy == "access-key:\(minted.record.id)")
        let record = try again.vault.accessKey(again.administrator, id: minted.record.id)
        #expect(record.lastUsed == TestClock.start + .minute)
        #expect(record.lastUsedFrom == "192.0.2.7")
    }

    @Test("What could not be written down is written down the next time")
    func failed() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        vault.clock.advance(.minute)
        _ = try vault.get("k")
        vault.store.fail(.notWritten)
        #expect(await code { try await vault.vault.maintain() } == .storeUnavailable)
        try await vault.vault.maintain()
        #expect(try await vault.reopened().inspect("k").lastUsed == TestClock.start + .minute)
    }

    @Test("A use while it is being written down is not lost, and later versions keep it")
    func meanwhile() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        for _ in 0..<3 {
            vault.clock.advance(.second)
            _ = try vault.get("k")
            async let kept = vault.vault.maintain()
            vault.clock.advance(.second)
            _ = try vault.get("k")
            _ = try await kept
        }
        try await vault.put("k", "two")
        #expect(try vault.inspect("k").lastUsed == TestClock.start + 6 * .second)
        try await vault.vault.maintain()
        #expect(try await vault.reopened().inspect("k").lastUsed == TestClock.start + 6 * .second)
    }

    @Test("A clock that is put back does not take a use back")
    func clockBack() async throws {
        let vault = try await TestVault.open()
        vault.clock.advance(.day)
        try await vault.put("k")
        _ = try vault.get("k")
        vault.clock.now = TestClock.start
        _ = try vault.get("k")
        #expect(try vault.inspect("k").lastUsed == TestClock.start + .day)
    }

    @Test("A clock before 1970 or beyond the year 9999 stops nothing", arguments: [Int64.min, -1, .max])
    func impossibleClocks(_ time: Int64) async throws {
        let vault = try await TestVault.open()
        vault.clock.now = time
        try await vault.put("k", "one", overlap: 400 * .day)
        try await vault.put("k", "two", overlap: 400 * .day)
        _ = try await vault.vault.trash(vault.administrator, try path("k"), if: .none)
        _ = try await vault.vault.restore(vault.administrator, try path("k"))
        let minted = try await vault.mint(["reader"])
        _ = try await vault.vault.roll(vault.administrator, id: minted.record.id, overlap: nil)
        _ = await code { try await vault.unseal("wrong", as: .stranger) }
        try await vault.vault.maintain()
        #expect(try await vault.reopened().get("k") == "two")
    }
}
