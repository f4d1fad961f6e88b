import Audit
import IssuedKeys
import SecretMemory
import StorageConformance
import Testing

@testable import Vault

@Suite("Limits of issued keys hold at every verification, and of access keys at every request")
struct VerifyLimitTests {
    @Test("With a limit of n never more than n pass, however many ask at once", arguments: ["50/s", "50/m"])
    func concurrent(_ limit: String) async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue("shop", IssueRequest(name: "a", limits: [limit]))
        let passed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var passed = 0
                    for _ in 0..<12 where (try? await vault.verdict(key.text)) == .valid { passed += 1 }
                    return passed
                }
            }
            return await group.reduce(0, +)
        }
        #expect(passed == 50)
    }

    @Test("Limits and quotas go on after a restart, kill or seal, and a slow key loses nothing")
    func restarted() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue("shop", IssueRequest(name: "a", limits: ["6/m"], quota: Quota(uses: 8)))
        for _ in 0..<3 { #expect(try await vault.verdict(key.text) == .valid) }
        let killed = try await vault.reopened()
        let answer = try await killed.verify(key.text)
        #expect(answer.windows.map(\.remaining) == [2])
        #expect(answer.quota?.remaining == 4)
        try await killed.seal()
        try await killed.unseal()
        #expect(try await killed.verify(key.text).quota?.remaining == 3)
        #expect(try await killed.verdict(key.text) == .valid)
        #expect(try await killed.verdict(key.text) == .rateLimited)
        vault.clock.advance(.day)
        let again = try await vault.reopened()
        #expect(try await again.verify(key.text, cost: 2).quota?.remaining == 0)
        #expect(try await again.verdict(key.text) == .quotaExceeded)
    }

    @Test("A kill at any commit under load gives nothing back, and forfeits no more than a second had")
    func killed() async throws {
        let vault = try await TestVault.withTeams(snapshots: true)
        let key = try await vault.issue("shop", IssueRequest(name: "a", quota: Quota(uses: 10_000)))
        var passed: Int64 = 0
        for burst in 0..<40 {
            for _ in 0..<20 { if try await vault.verdict(key.text) == .valid { passed += 1 } }
            if burst % 10 == 9 {
                let killed = try await vault.killed()
                let left = try #require(try await killed.verify(key.text, cost: 0).quota).used
                #expect(left >= passed)
                #expect(left <= passed + 400)
            }
            vault.clock.advance(50)
        }
        vault.clock.advance(1000)
        vault.vault.settleLeases()
        // The lease is given back behind everybody's back.
        var used: Int64?
        for _ in 0..<10_000 where used != passed {
            await Task.yield()
            vault.clock.advance(1000)
            vault.vault.settleLeases()
            used = try await vault.killed().verify(key.text, cost: 0).quota?.used
        }
        #expect(used == passed)
        #expect(passed == 800)
    }

    @Test("What cannot be made durable does not pass")
    func notDurable() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue("shop", IssueRequest(name: "a", quota: Quota(uses: 5)))
        let free = try await vault.issue("shop")
        vault.store.fail(.notWritten)
        #expect(await code { try await vault.verify(key.text) } == .storeUnavailable)
        #expect(try await vault.verdict(free.text) == .valid)
        #expect(try await vault.verify(key.text).quota?.remaining == 4)
        let admin = vault.administrator
        #expect(try vault.vault.verifyNow(admin, VerifyQuery(key: key.text)) == nil)
        #expect(try vault.vault.verifyNow(admin, VerifyQuery(key: free.text))?.valid == true)
        vault.log.fail()
        #expect(await code { try await vault.verify(free.text) } == .auditUnavailable)
        #expect(await code { try await vault.verify(key.text) } == .auditUnavailable)
    }

    @Test("A limit within a second counts as spent from a seal on, for no more than a second")
    func shortLimit() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue("shop", IssueRequest(name: "a", limits: ["5/s"]))
        #expect(try await vault.verdict(key.text) == .valid)
        try await vault.seal()
        try await vault.unseal()
        #expect(try await vault.verdict(key.text) == .rateLimited)
        vault.clock.advance(1025)
        #expect(try await vault.verify(key.text).windows.map(\.remaining) == [4])
    }

    @Test("A wall clock that goes back gives no use back")
    func back() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue(
            "shop", IssueRequest(name: "a", limits: ["2/m"], quota: Quota(uses: 3, refill: .monthly)))
        for _ in 0..<2 { #expect(try await vault.verdict(key.text) == .valid) }
        vault.clock.now = TestClock.start - 40 * .day
        #expect(try await vault.verdict(key.text) == .rateLimited)
        let again = try await vault.reopened()
        #expect(try await again.verdict(key.text) == .rateLimited)
        vault.clock.now = TestClock.start + .hour
        #expect(try await again.verdict(key.text) == .valid)
        #expect(try await again.verdict(key.text) == .quotaExceeded)
    }

    @Test("A request spends its access key's rate whatever becomes of it; the rest are told when to come back")
    func accessKeyRate() async throws {
        let vault = try await TestVault.open()
        let minted = try await vault.vault.issue(
            vault.administrator, AccessKeyRequest(name: "a", policies: ["reader"], limits: ["2/s"]))
        #expect(minted.record.limits == ["2/s"])
        var requester = Requester.key(minted.text)
        #expect(try vault.vault.spendNow(&requester))
        #expect(await code { try vault.get("none", as: requester) } == .notFound)
        #expect(try vault.vault.spendNow(&requester))
        vault.log.forget()
        let error = await failure { () throws -> Bool in
            var requester = Requester.key(minted.text)
            return try vault.vault.spendNow(&requester)
        }
        #expect(error?.code == .rateLimited)
        #expect(error?.retryAfter == 2)
        #expect(vault.log.lines == ["request refused request (rate_limited)"])
        #expect(vault.log.entries.first?.caller == .accessKey(id: minted.record.id, name: "a"))
        vault.clock.advance(1025)
        #expect(try vault.vault.spendNow(&requester))
    }

    @Test("A thousand refusals for the rate are a few lines in the log")
    func flood() async throws {
        let vault = try await TestVault.open()
        let minted = try await vault.vault.issue(
            vault.administrator, AccessKeyRequest(name: "a", policies: ["reader"], limits: ["1/s"]))
        vault.log.forget()
        for _ in 0..<1000 {
            var requester = Requester.key(minted.text)
            _ = try? vault.vault.spendNow(&requester)
        }
        vault.clock.advance(1000)
        vault.vault.flushRefusals()
        #expect(vault.log.entries.count == 2)
        #expect(vault.log.entries.last?.count == 998)
        #expect(vault.log.entries.last?.caller == .accessKey(id: minted.record.id, name: "a"))
    }

    @Test("Only who holds the whole key can spend its rate; who has none, or is not known, spends nothing")
    func strangers() async throws {
        let vault = try await TestVault.open()
        let minted = try await vault.vault.issue(
            vault.administrator,
            AccessKeyRequest(name: "a", policies: ["reader"], networks: ["192.0.2.0/24"], limits: ["1/m"]))
        var wrong = Array(minted.text.text)
        wrong[30] = wrong[30] == "a" ? "b" : "a"
        for var requester in [
            Requester.key(String(wrong)), .stranger, .unixUser("root"), vault.administrator,
            .key(minted.text, from: try IPAddress(parsing: "198.51.100.1")),
        ] {
            for _ in 0..<5 { try await vault.vault.spend(&requester) }
        }
        var holder = Requester.key(minted.text)
        #expect(try vault.vault.spendNow(&holder) == false)
        try await vault.vault.spend(&holder)
        let spent = await failure { () async throws in
            var holder = Requester.key(minted.text)
            try await vault.vault.spend(&holder)
        }
        #expect(spent?.code == .rateLimited)
        let again = try await vault.reopened()
        let still = await failure { () async throws in
            var holder = Requester.key(minted.text)
            try await again.vault.spend(&holder)
        }
        #expect(still?.code == .rateLimited)
    }

    @Test("What was worked out for one credential does not serve another")
    func presented() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        var requester = try await vault.caller("reader")
        #expect(try vault.vault.spendNow(&requester))
        #expect(try vault.get("k", as: requester) == "value")
        requester.credential = .accessKey(WipedBytes(utf8: "keyturn_none"))
        #expect(await code { try vault.get("k", as: requester) } == .unauthorized)
    }
}
