import Policy
import Sealing
import SecretMemory
import StorageConformance
import Testing

@testable import Vault

/// What stays in memory of a key that was read.
@Suite("Keys between two retrievals")
struct KeptKeyTests {
    private func entry(_ vault: TestVault, _ path: String = "k") throws -> KeyEntry {
        try #require(try vault.vault.opened().session.key(path))
    }

    private func values(_ vault: TestVault, _ query: ValueQuery) throws -> RetrievedValues {
        guard case .values(let values) = try vault.vault.retrieve(vault.administrator, query) else {
            throw Unexpected("unchanged")
        }
        return values
    }

    @Test("After a seal nothing opens a version, though somebody holds what did")
    func sealed() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let held = try entry(vault)
        #expect(held.cached.ownKey == nil)
        _ = try vault.get("k")
        #expect(held.cached.ownKey?.ownKey != nil)
        try await vault.seal()
        #expect(held.cached.ownKey?.ownKey == nil)
        try await vault.unseal()
        #expect(try vault.get("k") == "value")
        #expect(try entry(vault).cached.ownKey?.ownKey != nil)
    }

    @Test("A key that was destroyed is not opened by what was kept of it, nor is one that takes its path")
    func destroyed() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k", "one")
        _ = try vault.get("k")
        _ = try await vault.vault.trash(vault.administrator, try path("k"), if: .none)
        _ = try await vault.vault.destroy(vault.administrator, try path("k"), if: .none)
        #expect(try vault.vault.opened().session.key("k") == nil)
        #expect(await code { try vault.get("k") } == .notFound)
        try await vault.put("k", "two")
        #expect(try entry(vault).cached.ownKey == nil)
        #expect(try vault.get("k") == "two")
    }

    @Test("Wrapping a key anew, and giving it another key of its own, forget what was kept")
    func wrapped() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        _ = try vault.get("k")
        _ = try await vault.vault.rewrap(vault.administrator)
        #expect(try entry(vault).cached.ownKey == nil)
        #expect(try vault.get("k") == "value")
        let leave = try await vault.leave()
        _ = try await vault.vault.rekey(vault.administrator, authorizations: [leave])
        #expect(try entry(vault).cached.ownKey == nil)
        #expect(try vault.get("k") == "value")
    }

    @Test("What nobody retrieves is not kept: a look at the whole store keeps nothing")
    func verified() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let report = try await vault.vault.verifyStore(vault.administrator)
        #expect(report.damaged.isEmpty && report.children == 2)
        #expect(try entry(vault).cached.ownKey == nil)
    }

    @Test("After each change a value comes with the tag and the number of its own version")
    func tags() async throws {
        let vault = try await TestVault.open()
        var tags: Set<String> = []
        for number: UInt32 in 1...3 {
            try await vault.put("k", "value \(number)", overlap: .day)
            for _ in 0..<2 {
                let found = try values(vault, ValueQuery(path: path("k")))
                #expect(found.version == number && found.stage == .current)
                #expect(found.fields.first?.value.disclosedText() == "value \(number)")
                #expect(found.etag == "\(found.keyID)-\(number)-current-all")
                tags.insert(found.etag)
            }
        }
        let field = try values(vault, ValueQuery(path: path("k"), field: "value"))
        let previous = try values(vault, ValueQuery(path: path("k"), version: .previous))
        #expect(field.etag == "\(field.keyID)-3-current-value" && previous.etag == "\(field.keyID)-2-previous-all")
        tags.formUnion([field.etag, previous.etag])
        #expect(tags.count == 5)
    }
}
