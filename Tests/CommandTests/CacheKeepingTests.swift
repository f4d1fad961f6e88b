import Foundation
import KeyturnClient
import KeyturnTesting
import Testing

@testable import keyturn

@Suite("The cache of a program that runs", .timeLimit(.minutes(20)))
struct CacheKeepingTests {
    @Test("A value that is refused does not come back with what is confirmed of another, or with the list")
    func refusedBeside() {
        var keeping = CacheKeeping()
        keeping.refuse(.value(path: "shop/b"))
        #expect(keeping.step == .leave)
        keeping.answer(.value(path: "shop/a"))
        keeping.answer(.paths)
        #expect(keeping.step == .leave)
        keeping.refuse(.value(path: "shop/a"))
        keeping.answer(.value(path: "shop/b"))
        #expect(keeping.step == .leave)
    }

    @Test("A list that is refused is not made good by the values")
    func refusedList() {
        var keeping = CacheKeeping()
        keeping.refuse(.paths)
        keeping.answer(.value(path: "shop/a"))
        #expect(keeping.step == .leave)
    }

    @Test("What was refused at once is to be fetched at once, whatever is confirmed one by one")
    func refusedTogether() {
        var keeping = CacheKeeping()
        keeping.refuse(.everything)
        keeping.answer(.value(path: "shop/a"))
        keeping.answer(.paths)
        #expect(keeping.step == .fetch)
    }

    @Test("Values are kept while nothing is refused, and again once everything that was refused is answered")
    func answered() {
        var keeping = CacheKeeping()
        #expect(keeping.step == .keep)
        keeping.refuse(.value(path: "shop/a"))
        keeping.refuse(.value(path: "shop/a"))
        keeping.refuse(.paths)
        keeping.answer(.value(path: "shop/a"))
        #expect(keeping.step == .leave)
        keeping.answer(.paths)
        #expect(keeping.step == .keep)
    }

    @Test("Whoever gets everything is refused nothing")
    func fetched() {
        var keeping = CacheKeeping()
        keeping.refuse(.value(path: "shop/a"))
        keeping.refuse(.value(path: "shop/b"))
        keeping.refuse(.paths)
        keeping.refuse(.everything)
        keeping.answer(.everything)
        #expect(keeping.step == .keep)
    }

    @Test("A key that is taken away is in no cache from then on, while the vault confirms the other one all the time")
    func follows() async throws {
        let folder = "/tmp/keyturn-cache-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let policies = ["shop.yaml": "policy: shop\nrules:\n  - {allow: [retrieve], keys: [\"shop/**\"]}\n"]
        func isKept() -> Bool { FileManager.default.fileExists(atPath: folder + "/cache") }
        try await KeyturnTestVault.run(policies: policies) { test in
            try await test.put("shop/a", "one")
            try await test.put("shop/b", "two")
            let vault = try KeyturnVault(try await test.settings(policies: ["shop"]))
            let plan = RunPlan(variables: [try EnvBinding("A=shop/a"), try EnvBinding("B=shop/b")])
            let cache = try ValueCache(
                path: folder + "/cache", limit: 86_400_000, address: vault.address.description, plan: plan)
            let provision = Provision(vault: vault, plan: plan, cache: cache)
            let values = try await provision.fetch()
            #expect(isKept())
            // What is the same is confirmed once a second, and kept anew each time.
            var pacing = ValueFollower.Pacing()
            pacing.wait = 1
            let loop = ChangeLoop(provision: provision, upkeep: 0, pacing: pacing) { _ in }
            let following = Task { await loop.run(from: values) }
            try await test.delete("shop/b")
            for _ in 0..<6_000 where isKept() { try await Task.sleep(for: .milliseconds(20)) }
            #expect(!isKept())
            var cameBack = false
            for _ in 0..<60 where !cameBack {
                try await Task.sleep(for: .milliseconds(50))
                cameBack = isKept()
            }
            #expect(!cameBack)
            following.cancel()
            await following.value
            await vault.close()
        }
    }
}
