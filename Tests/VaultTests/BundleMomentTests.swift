import Audit
import IssuedKeys
import Policy
import Sealing
import SecretMemory
import Storage
import StorageConformance
import Synchronization
import Testing

@testable import Vault

@Suite("Bundles")
struct BundleMomentTests {
    @Test("While two keys are written together, a bundle never holds one from before and one from after")
    func oneMoment() async throws {
        let vault = try await TestVault.open()
        let paths = ["app/a", "app/b", "app/large"]
        // One of them too large to stay in memory, so that the store is read for it.
        @Sendable func write(_ round: Int) async throws {
            let writes = try paths.map { name in
                KeyWrite(
                    path: try path(name),
                    fields: [
                        SecretField("value", "\(round)"),
                        SecretField("filling", String(repeating: "x", count: name == "app/large" ? 2_000 : 1)),
                    ])
            }
            _ = try await vault.vault.importKeys(vault.administrator, writes, replace: true)
        }
        try await write(0)
        let queries = try paths.map { ValueQuery(path: try path($0), field: "value") }
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                for round in 1...200 { try await write(round) }
                return 0
            }
            for _ in 0..<3 {
                group.addTask {
                    var seen: Set<String> = []
                    while !seen.contains("200") {
                        let values = try vault.vault.retrieve(vault.administrator, all: queries)
                        let texts = values.map { $0.fields.first?.value.text ?? "" }
                        #expect(Set(texts).count == 1, "\(texts)")
                        seen.insert(texts[0])
                        await Task.yield()
                    }
                    return seen.count
                }
            }
            var most = 0
            for try await count in group { most = max(most, count) }
            // Read in the middle of it, and not only before and after.
            #expect(most > 2)
        }
    }

    @Test("One key that is missing or refused leaves the whole bundle out")
    func allOrNothing() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe", "sk_1")
        try await vault.put("other/key", "v")
        let caller = try await vault.caller("payments-service")
        for (second, expected) in [("payments/none", VaultError.Code.notFound), ("other/key", .refused)] {
            let queries = try ["payments/stripe", second].map { ValueQuery(path: try path($0)) }
            let error = await failure { try vault.vault.retrieve(caller, all: queries) }
            #expect(error?.code == expected)
            #expect(error?.field == second)
        }
    }
}
