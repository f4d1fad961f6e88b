import Audit
import IssuedKeys
import SecretMemory
import StorageConformance
import Testing

@testable import Vault

@Suite("Verifying issued keys")
struct VerifyKeyTests {
    @Test("What is wrong is told in the order of the contract, the first that applies")
    func order() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, admin) = (vault.vault, vault.administrator)
        let key = try await vault.issue(
            "shop",
            IssueRequest(
                name: "a", scopes: ["read"], expires: .at(TestClock.start + .hour), networks: ["192.0.2.0/24"],
                limits: ["1/s"], quota: Quota(uses: 2)))
        func verdict(_ scope: String?, _ network: String?, cost: Int64 = 1) async throws -> VerifyCode {
            try await vault.verdict(key.text, scope: scope, network: network, cost: cost)
        }
        #expect(try await verdict("read", "192.0.2.9") == .valid)
        #expect(try await verdict("read", "192.0.2.9") == .rateLimited)
        vault.clock.advance(2000)
        #expect(try await verdict("read", "192.0.2.9", cost: 2) == .rateLimited)
        #expect(try await verdict("read", "192.0.2.9") == .valid)
        #expect(try await verdict("read", "192.0.2.9") == .rateLimited)
        vault.clock.advance(2000)
        #expect(try await verdict("read", "192.0.2.9") == .quotaExceeded)
        #expect(try await verdict("write", "192.0.2.9") == .scopeDenied)
        #expect(try await verdict("write", "198.51.100.1") == .networkDenied)
        #expect(try await verdict("read", nil) == .networkDenied)
        #expect(try await verdict("read", "::ffff:192.0.2.9") == .quotaExceeded)
        _ = try await engine.disable(admin, of: "shop", id: key.record.id)
        #expect(try await verdict("write", "198.51.100.1") == .disabled)
        _ = try await engine.revoke(admin, of: "shop", id: key.record.id)
        #expect(try await verdict("write", "198.51.100.1") == .revoked)
        vault.clock.advance(.hour)
        #expect(try await verdict("write", "198.51.100.1") == .expired)
        var wrong = Array(key.text.text)
        wrong[30] = wrong[30] == "a" ? "b" : "a"
        #expect(try await vault.verdict(WipedBytes(utf8: String(wrong))) == .notFound)
    }

    @Test(
        "A wrong secret, an unknown id, a wrong checksum, no key at all and another issuer's key: one answer, which tells nothing"
    )
    func notFound() async throws {
        let vault = try await TestVault.withTeams()
        let gateway = try await vault.caller("gateway")
        let key = try await vault.issue("shop", IssueRequest(name: "a", quota: Quota(uses: 5)))
        let bank = try await vault.issue("bank")
        let access = try await vault.mint(["reader"])
        let other = try await TestVault.withTeams().issue("shop")
        let unknown = try IssuedKeyText.mint(prefix: "shop", random: SystemRandom()).text
        let wrongSecret = WipedBytes(utf8: try Forgery.sameID(as: key.text.text))
        var texts = [bank.text, access.text, other.text, unknown, wrongSecret, WipedBytes(utf8: "")]
        for text in [
            "x", "shop_", String(key.text.text.dropLast()), key.text.text + "0", String(repeating: "k", count: 5000),
        ] {
            texts.append(WipedBytes(utf8: text))
        }
        for text in texts {
            #expect(try await vault.verify(text, as: gateway) == Verification(code: .notFound))
        }
        #expect(try await vault.verify(key.text, as: gateway).quota?.remaining == 4)
        #expect(try await vault.verify(bank.text).code == .valid)
        #expect(try await vault.verify(access.text).key?.scopes == ["reader"])
    }

    @Test("An unknown id and a wrong secret take the same steps, and leave the same line")
    func steps() async throws {
        let vault = try await TestVault.withTeams()
        let gateway = try await vault.caller("gateway")
        let key = try await vault.issue()
        let unknown = try IssuedKeyText.mint(prefix: "shop", random: SystemRandom()).text
        let wrong = WipedBytes(utf8: try Forgery.sameID(as: key.text.text))
        #expect(try IssuedKeyText.parse(wrong).id.text == key.record.id)
        struct Steps: Equatable {
            var answer: Verification?
            var clockReads: Int
            var storeReads: Int
            var commits: Int
            var line: String
        }
        func steps(_ text: WipedBytes) throws -> Steps {
            vault.log.forget()
            let (reads, commits, clock) = (vault.store.reads, vault.store.commits, vault.clock.reads)
            let answer = try vault.vault.verifyNow(gateway, VerifyQuery(key: text))
            let entry = try #require(vault.log.entries.first)
            return Steps(
                answer: answer, clockReads: vault.clock.reads - clock, storeReads: vault.store.reads - reads,
                commits: vault.store.commits - commits,
                line: "\(entry.brief) \(entry.issuer ?? "-") \(entry.detail?.text ?? "-") \(vault.log.entries.count)")
        }
        let expected = try steps(unknown)
        #expect(expected.answer == Verification(code: .notFound) && expected.line == "request verify shop NOT_FOUND 1")
        #expect(try steps(wrong) == expected)
        // A key that is right takes more, so that this can fail.
        #expect(try steps(key.text) != expected)
    }

    @Test("Who may verify nothing is refused, whatever the key; who names an issuer that he may not verify, too")
    func authority() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue("shop")
        for policy in ["reader", "seller", "guard"] {
            let caller = try await vault.caller(policy)
            for text in [key.text, WipedBytes(utf8: "nothing")] {
                #expect(await code { try await vault.verify(text, as: caller) } == .refused)
            }
        }
        let gateway = try await vault.caller("gateway")
        for issuer in ["bank", "none", "", "../shop"] {
            #expect(await code { try await vault.verify(key.text, issuer: issuer, as: gateway) } == .refused)
        }
        #expect(try await vault.verify(key.text, issuer: "shop", as: gateway).valid)
        #expect(try await vault.verify(key.text, issuer: "bank").code == .notFound)
        #expect(await code { try await vault.verify(key.text, as: .stranger) } == .unauthorized)
        for cost in [-1, VerifyQuery.mostCost + 1, .max, .min] {
            #expect(await failure { try await vault.verify(key.text, cost: cost) }?.field == "cost")
        }
    }

    @Test("A valid key tells all that its verifier needs")
    func told() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue(
            "shop",
            IssueRequest(
                name: "till", owner: "acme", scopes: ["read"], limits: ["10/s", "100/m"],
                quota: Quota(uses: 1000, refill: .monthly), metadata: ["plan": "gold"]))
        let answer = try await vault.verify(key.text, scope: "read", network: "2001:db8::5", cost: 3)
        #expect(answer.valid)
        #expect(answer.key?.id == key.record.id)
        #expect(answer.key?.owner == "acme")
        #expect(answer.key?.metadata == ["plan": "gold"])
        #expect(answer.windows.map(\.remaining) == [7, 97])
        #expect(answer.windows.map(\.reset) == [1025, 61_500])
        #expect(answer.quota?.remaining == 997)
        #expect(answer.quota?.reset == 31 * .day)
        #expect(answer.retryAfter == nil)
        let refused = try await vault.verify(key.text, cost: 8)
        #expect(refused.code == .rateLimited)
        #expect(refused.retryAfter == 1025)
        #expect(refused.windows.map(\.remaining) == [7, 97])
        let record = try vault.vault.issuedKey(vault.administrator, of: "shop", id: key.record.id)
        #expect(record.lastUsed == TestClock.start)
        #expect(record.lastUsedFrom == "2001:db8::5")
        #expect(try await vault.verify(key.text, cost: 0).quota?.remaining == 997)
    }

    @Test("Each verification is in the log with the key's id and what became of it, and no text of any key is")
    func audited() async throws {
        let vault = try await TestVault.withTeams()
        let gateway = try await vault.caller("gateway")
        let key = try await vault.issue("shop", IssueRequest(name: "a", limits: ["1/s"]))
        let bank = try await vault.issue("bank")
        vault.log.forget()
        _ = try await vault.verify(key.text, as: gateway)
        _ = try await vault.verify(key.text, as: gateway)
        _ = try await vault.verify(bank.text, as: gateway)
        _ = try await vault.verify(WipedBytes(utf8: "shop_x"), as: gateway)
        let entries = vault.log.entries
        #expect(entries.map { $0.detail?.text } == ["VALID", "RATE_LIMITED", "NOT_FOUND", "NOT_FOUND"])
        #expect(entries.map(\.issuedKey) == [key.record.id, key.record.id, nil, nil])
        #expect(entries.map(\.issuer) == ["shop", "shop", nil, nil])
        #expect(entries.allSatisfy { $0.action.text == "verify" && $0.outcome == .allowed })
        #expect(!vault.log.text.contains(key.text.text.suffix(43)))
    }

    @Test("A batch answers each key for itself, in order, up to a hundred")
    func batch() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue("shop", IssueRequest(name: "a", quota: Quota(uses: 3)))
        let queries = [key.text, WipedBytes(utf8: "x"), key.text, key.text, key.text].map { VerifyQuery(key: $0) }
        let answers = try await vault.vault.verify(vault.administrator, all: queries)
        #expect(answers.map(\.code) == [.valid, .notFound, .valid, .valid, .quotaExceeded])
        let many = Array(repeating: VerifyQuery(key: key.text), count: 101)
        for wrong in [[], many] {
            #expect(await failure { try await vault.vault.verify(vault.administrator, all: wrong) }?.field == "keys")
        }
        #expect(try await vault.vault.verify(vault.administrator, all: many.dropLast()).count == 100)
        let foreign = queries + [VerifyQuery(key: key.text, issuer: "bank")]
        let gateway = try await vault.caller("gateway")
        #expect(await code { try await vault.vault.verify(gateway, all: foreign) } == .refused)
    }

    @Test("A revocation that has returned is in force for every verification that follows, under load")
    func revokedUnderLoad() async throws {
        let vault = try await TestVault.withTeams()
        for _ in 0..<10 {
            let key = try await vault.issue("shop", IssueRequest(name: "a", limits: ["1000000/s"]))
            async let load: Void = {
                for _ in 0..<100 { _ = try? await vault.verdict(key.text) }
            }()
            _ = try await vault.vault.revoke(vault.administrator, of: "shop", id: key.record.id)
            #expect(try await vault.verdict(key.text) == .revoked)
            await load
        }
    }

    @Test("While the vault is sealed no key is verified")
    func sealed() async throws {
        let vault = try await TestVault.withTeams()
        let key = try await vault.issue("shop", IssueRequest(name: "a", quota: Quota(uses: 5)))
        try await vault.seal()
        #expect(await code { try await vault.verify(key.text) } == .sealed)
        let admin = vault.administrator
        #expect(await code { try vault.vault.verifyNow(admin, VerifyQuery(key: key.text)) } == .sealed)
    }

    // MARK: Limits

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
                let killed = try await vault.reopened(vault.store.crashed(after: vault.store.commits))
                let left = try #require(try await killed.verify(key.text, cost: 0).quota).used
                #expect(left >= passed)
                #expect(left <= passed + 400)
            }
            vault.clock.advance(50)
        }
        vault.clock.advance(1000)
        vault.vault.settleLeases()
        // The lease is given back behind everybody's back.
        let before = vault.store.commits
        for _ in 0..<1_000_000 where vault.store.commits == before { await Task.yield() }
        let idle = try await vault.reopened(vault.store.crashed(after: vault.store.commits))
        #expect(try await idle.verify(key.text, cost: 0).quota?.used == passed)
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

    // MARK: Access keys

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
