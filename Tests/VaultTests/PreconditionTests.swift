import Testing

@testable import Vault

@Suite("Compare and set")
struct PreconditionTests {
    @Test("A write for a key that must not be there is refused where one is, in the trash too")
    func absent() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one", if: .absent)
        let error = await failure { try await vault.put("k", "two", if: .absent) }
        #expect(error?.code == .preconditionFailed)
        #expect(error?.field == "If-None-Match")
        _ = try await vault.vault.trash(vault.administrator, try path("k"), if: .none)
        #expect(await code { try await vault.put("k", "two", if: .absent) } == .preconditionFailed)
        try await vault.vault.destroy(vault.administrator, try path("k"), if: .none)
        try await vault.put("k", "three", if: .absent)
    }

    @Test("A write for another state of the key is refused, and changes nothing")
    func matches() async throws {
        let vault = try await TestVault.open()
        let first = try await vault.put("k", "one")
        let second = try await vault.put("k", "two", if: .matches(["unknown", first.etag]))
        let error = await failure { try await vault.put("k", "three", if: .matches([first.etag])) }
        #expect(error?.code == .preconditionFailed)
        #expect(error?.field == "If-Match")
        #expect(try vault.get("k") == "two")
        #expect(try vault.inspect("k").etag == second.etag)
    }

    @Test("A star matches any key, and none that is not there")
    func star() async throws {
        let vault = try await TestVault.open()
        #expect(await code { try await vault.put("k", if: .matches(["*"])) } == .preconditionFailed)
        #expect(await code { try await vault.put("k", if: .matches([])) } == .preconditionFailed)
        try await vault.put("k")
        try await vault.put("k", if: .matches(["*"]))
        #expect(await code { try await vault.put("k", if: .matches([])) } == .preconditionFailed)
    }

    @Test("Every kind of change gives another etag, though the clock stands still, and nothing else does")
    func etags() async throws {
        let vault = try await TestVault.open()
        let (engine, admin, key) = (vault.vault, vault.administrator, try path("k"))
        var etags = [try await vault.put("k").etag]
        etags.append(try await vault.put("k").etag)
        etags.append(try await engine.change(admin, key, .init(name: "n"), if: .none).etag)
        etags.append(try await engine.trash(admin, key, if: .none).etag)
        etags.append(try await engine.restore(admin, key).etag)
        #expect(Set(etags).count == 5)
        _ = try vault.get("k")
        vault.clock.advance(.minute)
        _ = try vault.get("k")
        try await engine.maintain()
        _ = try await engine.rewrap(admin)
        #expect(try vault.inspect("k").etag == etags.last)
        #expect(try await vault.reopened().inspect("k").etag == etags.last)
    }

    @Test("A change, the trash and a destruction heed the etag as well")
    func others() async throws {
        let vault = try await TestVault.open()
        let (engine, admin, key) = (vault.vault, vault.administrator, try path("k"))
        let stale = try await vault.put("k").etag
        let etag = try await vault.put("k").etag
        let old = Precondition.matches([stale])
        #expect(await code { try await engine.change(admin, key, .init(name: "x"), if: old) } == .preconditionFailed)
        #expect(await code { try await engine.trash(admin, key, if: old) } == .preconditionFailed)
        #expect(await code { try await engine.destroy(admin, key, if: old) } == .preconditionFailed)
        #expect(try vault.inspect("k").etag == etag)
        try await engine.destroy(admin, key, if: .matches([etag]))
        #expect(await code { try vault.inspect("k") } == .notFound)
    }

    @Test("Of many writers that expect the same state exactly one succeeds")
    func race() async throws {
        let vault = try await TestVault.open()
        let etag = try await vault.put("k", "start").etag
        let winners = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask {
                    await code { try await vault.put("k", "writer \(number)", if: .matches([etag])) } == nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
        #expect(try vault.inspect("k").versions.count == 2)
    }

    @Test("A key made anew at a path that was destroyed is another key")
    func anew() async throws {
        let vault = try await TestVault.open()
        let first = try await vault.put("k")
        try await vault.vault.destroy(vault.administrator, try path("k"), if: .none)
        let second = try await vault.put("k")
        #expect(first.id != second.id)
        #expect(second.versions.map(\.number) == [1])
        #expect(await code { try await vault.put("k", if: .matches([first.etag])) } == .preconditionFailed)
    }
}
