import IssuedKeys
import SecretMemory
import Synchronization
import Testing

@testable import Vault

@Suite("Many callers of one issued key", .timeLimit(.minutes(20)))
struct HammerTests {
    @Test("While 64 callers hammer a key, no second has more than its limit, and nearly all of it gets through")
    func hammer() async throws {
        let test = try await TestVault.open()
        let administrator = test.administrator
        _ = try await test.vault.createIssuer(administrator, IssuerRequest(name: "shop"))
        let made = try await test.vault.issue(
            administrator, from: "shop", IssueRequest(name: "hammered", limits: ["100/s"]))
        let query = VerifyQuery(key: made.text)
        let start = test.clock.now
        var passed: [Int64] = []
        // Every caller asks once in each of 500 steps; so they ask 32,000 times in ten seconds, all at once.
        for _ in 0..<500 {
            test.clock.advance(20)
            let now = test.clock.now
            let count = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<64 {
                    group.addTask { try await test.vault.verify(administrator, query).code == .valid }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            passed += Array(repeating: now, count: count)
            if (now - start) % 1000 == 0 { test.vault.settleLeases() }
        }
        var first = 0
        for (last, time) in passed.enumerated() {
            while passed[first] <= time - 1000 { first += 1 }
            #expect(last - first < 100)
        }
        #expect(passed.count >= 950)
        #expect(passed.count <= 1000)
    }
}
