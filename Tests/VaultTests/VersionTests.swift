import SecretMemory
import Sealing
import Storage
import Testing

@testable import Vault

@Suite("Versions, stages and ends")
struct VersionTests {
    @Test("A version that is not there is refused")
    func missing() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one")
        #expect(await failure { try vault.get("k", .number(2)) }?.field == "version")
        #expect(await code { try vault.get("k", .number(0)) } == .noSuchVersion)
        #expect(await code { try vault.get("k", .number(.max)) } == .noSuchVersion)
        let error = await failure { try vault.get("k", .previous) }
        #expect(error?.code == .noSuchVersion)
        #expect(error?.field == "stage")
    }

    @Test("What was current is previous after a new version, and the one before has no stage")
    func stages() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one")
        try await vault.put("k", "two")
        let metadata = try await vault.put("k", "three")
        #expect(try vault.get("k") == "three")
        #expect(try vault.get("k", .previous) == "two")
        #expect(try vault.get("k", .number(1)) == "one")
        #expect(metadata.versions.map(\.number) == [1, 2, 3])
        #expect(metadata.versions.map(\.stage) == [nil, .previous, .current])
        #expect(metadata.previousUntil == nil)
    }

    @Test("The previous version is honoured until its overlap ends, at that very millisecond no more")
    func overlap() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one")
        let metadata = try await vault.put("k", "two", overlap: .hour)
        #expect(metadata.previousUntil == TestClock.start + .hour)
        vault.clock.advance(.hour - 1)
        #expect(try vault.get("k", .previous) == "one")
        vault.clock.advance(1)
        #expect(await code { try vault.get("k", .previous) } == .noSuchVersion)
        #expect(try vault.inspect("k").previous == nil)
        #expect(try vault.inspect("k").versions.map(\.stage) == [nil, .current])
        #expect(try vault.get("k", .number(1)) == "one")
    }

    @Test("A key is served to the last millisecond of its life and not in the next")
    func expiry() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one", metadata: .init(expires: .some(TestClock.start + .day)))
        vault.clock.advance(.day - 1)
        #expect(try vault.get("k") == "one")
        #expect(try vault.inspect("k").state == .active)
        vault.clock.advance(1)
        #expect(await code { try vault.get("k") } == .expired)
        #expect(await code { try vault.get("k", .number(1)) } == .expired)
        let query = ValueQuery(path: try path("k"))
        #expect(await code { try vault.vault.retrieve(vault.administrator, all: [query]) } == .expired)
        #expect(try vault.inspect("k").state == .expired)
    }

    @Test("An end is not undone by a clock that is put back, nor by a restart")
    func clockBack() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one", metadata: .init(expires: .some(TestClock.start + .day)))
        vault.clock.advance(2 * .day)
        try await vault.put("other")
        vault.clock.now = TestClock.start
        #expect(await code { try vault.get("k") } == .expired)
        let again = try await vault.reopened()
        #expect(await code { try again.get("k") } == .expired)
    }

    @Test("A new version clears an end that has passed, and leaves one that has not")
    func renewal() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one", metadata: .init(expires: .some(TestClock.start + .day)))
        #expect(try await vault.put("k", "two").expires == TestClock.start + .day)
        vault.clock.advance(.day)
        #expect(try await vault.put("k", "three").expires == nil)
        #expect(try vault.get("k") == "three")
    }

    @Test("Other metadata can be changed while a key is expired, and another end given")
    func changeExpired() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one", metadata: .init(expires: .some(TestClock.start + .day)))
        vault.clock.advance(.day)
        let admin = vault.administrator
        _ = try await vault.vault.change(admin, try path("k"), .init(name: "renamed"), if: .none)
        #expect(await code { try vault.get("k") } == .expired)
        _ = try await vault.vault.change(admin, try path("k"), .init(expires: .some(nil)), if: .none)
        #expect(try vault.get("k") == "one")
    }

    @Test("Ten versions are kept; older ones are erased, and their numbers never used again")
    func kept() async throws {
        let vault = try await TestVault.open()
        for number in 1...15 { try await vault.put("k", "v\(number)") }
        #expect(try vault.inspect("k").versions.map(\.number) == Array(6...15))
        #expect(await code { try vault.get("k", .number(5)) } == .noSuchVersion)
        #expect(try vault.get("k", .number(6)) == "v6")
        #expect(try vault.store.count(of: .version) == 10)
    }

    @Test("A retrieval by etag is told that nothing changed, until something does")
    func etags() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one")
        let query = ValueQuery(path: try path("k"))
        guard case .values(let first) = try vault.vault.retrieve(vault.administrator, query) else {
            throw Unexpected("no values")
        }
        #expect(try isUnchanged(vault, query, [first.etag]))
        #expect(try !isUnchanged(vault, query, ["other", "*"]))
        let field = ValueQuery(path: try path("k"), field: "value")
        #expect(try !isUnchanged(vault, field, [first.etag]))
        try await vault.put("k", "two")
        #expect(try !isUnchanged(vault, query, [first.etag]))
        let previous = ValueQuery(path: try path("k"), version: .number(1))
        #expect(try !isUnchanged(vault, previous, [first.etag]))
    }

    private func isUnchanged(_ vault: TestVault, _ query: ValueQuery, _ etags: [String]) throws -> Bool {
        if case .unchanged = try vault.vault.retrieve(vault.administrator, query, unless: etags) { return true }
        return false
    }

    @Test("Values of every size come back after a restart, from the store and from memory")
    func sizes() async throws {
        let vault = try await TestVault.open()
        for size in [1, 400, 512, 513, 10_000] {
            try await vault.put("k\(size)", String(repeating: "a", count: size))
            try await vault.put("k\(size)", String(repeating: "b", count: size))
        }
        let again = try await vault.reopened()
        for _ in 0..<2 {
            for size in [1, 400, 512, 513, 10_000] {
                #expect(try again.get("k\(size)") == String(repeating: "b", count: size))
                #expect(try again.get("k\(size)", .previous) == String(repeating: "a", count: size))
            }
        }
    }
}
