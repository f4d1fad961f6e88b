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
}
