import Audit
import IssuedKeys
import SecretMemory
import Testing

@testable import Vault

@Suite("Issued keys are listed and found")
struct IssuedKeyListTests {
    @Test("A list is narrowed by state, words, name, owner, prefix, end and use")
    func narrowed() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, admin) = (vault.vault, vault.administrator)
        let till = try await vault.issue(
            "shop", IssueRequest(name: "Till", owner: "acme", expires: .at(TestClock.start + 10 * .day)))
        let web = try await vault.issue(
            "shop", IssueRequest(name: "Web", description: "the till's site", owner: "umbrella"))
        _ = try await engine.importKeys(
            admin, into: "shop",
            [ImportedKey(sha256: sha256(of: "sk_old_1"), prefix: "sk_old", settings: IssueRequest(name: "Old"))])
        vault.clock.advance(.day)
        #expect(try await vault.verdict(web.text) == .valid)
        func names(_ filter: IssuedKeyFilter) throws -> [String] {
            try engine.issuedKeys(admin, of: "shop", filter, limit: 10, cursor: nil).items.map(\.name).sorted()
        }
        #expect(try names(IssuedKeyFilter()) == ["Old", "Till", "Web"])
        #expect(try names(IssuedKeyFilter(words: ["TILL"])) == ["Till", "Web"])
        #expect(try names(IssuedKeyFilter(name: "till")) == [])
        #expect(try names(IssuedKeyFilter(name: "Till")) == ["Till"])
        #expect(try names(IssuedKeyFilter(owner: "acme")) == ["Till"])
        #expect(try names(IssuedKeyFilter(prefix: String(till.record.id.prefix(5)))) == ["Till"])
        #expect(try names(IssuedKeyFilter(prefix: "shop_\(till.record.id.prefix(4))")) == ["Till"])
        #expect(try names(IssuedKeyFilter(prefix: "shop_\(till.record.id)")) == ["Till"])
        #expect(try names(IssuedKeyFilter(prefix: "shop_\(till.record.id)0")) == [])
        #expect(try names(IssuedKeyFilter(prefix: "shop_")) == ["Till", "Web"])
        #expect(try names(IssuedKeyFilter(prefix: "shopping")) == [])
        #expect(try names(IssuedKeyFilter(prefix: "sk_")) == ["Old"])
        #expect(try names(IssuedKeyFilter(expiringBefore: TestClock.start + 10 * .day)) == [])
        #expect(try names(IssuedKeyFilter(expiringBefore: TestClock.start + 11 * .day)) == ["Till"])
        #expect(try names(IssuedKeyFilter(unusedSince: TestClock.start + .hour)) == ["Old", "Till"])
        #expect(try names(IssuedKeyFilter(state: .revoked)) == [])
        _ = try await engine.revoke(admin, of: "shop", id: till.record.id)
        #expect(try names(IssuedKeyFilter(state: .revoked, owner: "acme")) == ["Till"])
        #expect(try names(IssuedKeyFilter(expiringBefore: TestClock.start + 11 * .day)) == [])
        #expect(
            await failure { try engine.issuedKeys(admin, of: "shop", IssuedKeyFilter(), limit: 0, cursor: nil) }?.field
                == "limit")
        #expect(
            await code { try engine.issuedKeys(admin, of: "none", IssuedKeyFilter(), limit: 1, cursor: nil) }
                == .notFound)
    }

    @Test("Pages of every size neither skip nor repeat", arguments: 1...7)
    func paging(_ limit: Int) async throws {
        let vault = try await TestVault.withTeams()
        for number in 0..<6 { _ = try await vault.issue("shop", IssueRequest(name: "key \(number)")) }
        _ = try await vault.issue("bank")
        var (cursor, ids): (String?, [String]) = (nil, [])
        repeat {
            let page = try vault.vault.issuedKeys(
                vault.administrator, of: "shop", IssuedKeyFilter(), limit: limit, cursor: cursor)
            #expect(page.items.count <= limit)
            ids += page.items.map(\.id)
            cursor = page.cursor
        } while cursor != nil
        #expect(ids.count == 6)
        #expect(ids == ids.sorted())
    }

    @Test("A leaked key is found by its text or its beginning, by those who may end it")
    func leaked() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, admin) = (vault.vault, vault.administrator)
        let key = try await vault.issue("shop")
        let shop = try await vault.caller("guard")
        func found(_ text: String, as caller: Requester) throws -> [FoundKey] {
            try engine.find(caller, text: WipedBytes(utf8: text))
        }
        let text = key.text.text
        for caller in [admin, shop] {
            #expect(try found(text, as: caller) == [FoundKey(record: key.record, isWhole: true)])
            for length in [9, 12, 17, 30] {
                let some = try found(String(text.prefix(length)), as: caller)
                #expect(some.map(\.record.id) == [key.record.id])
                #expect(some.map(\.isWhole) == [false])
            }
        }
        let mistyped = text.dropLast() + (text.last == "0" ? "1" : "0")
        #expect(try found(String(mistyped), as: admin).first?.isWhole == false)
        #expect(try found("shop_0000", as: admin) == [])
        for short in ["", "shop", "shop_", "shop_abc", "_____"] {
            #expect(await failure { try found(short, as: admin) }?.field == "key")
        }
        #expect(try found(text, as: try await vault.caller("bank")) == [])
        #expect(await code { try found(text, as: try await vault.caller("gateway")) } == .refused)
        _ = try await engine.importKeys(
            admin, into: "shop", [ImportedKey(sha256: sha256(of: "sk_old_1"), settings: IssueRequest(name: "a"))])
        #expect(try found("sk_old_1", as: shop).first?.isWhole == true)
        // Of a key that was brought in there is what was given to recognise it by, and nothing else.
        #expect(await failure { try found("sk_old_2", as: shop) }?.field == "key")
        let old = try await engine.importKeys(
            admin, into: "shop",
            [ImportedKey(sha256: sha256(of: "sk_old_2"), prefix: "sk_old_2abcd", settings: IssueRequest(name: "b"))])
        for text in ["sk_o", "sk_old", "sk_old_2abcd", "sk_old_2abcdef"] {
            for caller in [admin, shop] {
                let some = try found(text, as: caller)
                #expect(some.map(\.record.id) == old.map(\.id))
                #expect(some.map(\.isWhole) == [false])
            }
        }
        #expect(await failure { try found("sk_", as: shop) }?.field == "key")
        #expect(await failure { try found("sk_old_3", as: shop) }?.field == "key")
        #expect(await failure { try found("sk_old", as: try await vault.caller("bank")) }?.field == "key")
        // A short one says nothing of a text that goes on after it.
        _ = try await engine.importKeys(
            admin, into: "shop",
            [ImportedKey(sha256: sha256(of: "sk_old_3"), prefix: "rk_old", settings: IssueRequest(name: "c"))])
        #expect(try found("rk_old", as: shop).map(\.record.name) == ["c"])
        #expect(try found("rk_old_of_another", as: shop) == [])
        #expect(try found(vault.administratorText.text, as: admin).first?.record.issuer == "keyturn")
        #expect(try found(vault.administratorText.text, as: shop) == [])
        #expect(!vault.log.text.contains(text.suffix(40)))
    }

    @Test("Of many keys that were brought in and begin alike, those whose ids come first are found")
    func many() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, admin) = (vault.vault, vault.administrator)
        let guardian = try await vault.caller("guard")
        func bringIn(_ count: Int, into issuer: String, _ mark: UInt8) async throws -> [String] {
            let keys = (0..<count).map { number in
                ImportedKey(
                    sha256: [mark, UInt8(number)] + [UInt8](repeating: 0, count: 30), prefix: "sk_many",
                    settings: IssueRequest(name: "old", owner: "acme"))
            }
            return try await engine.importKeys(admin, into: issuer, keys).map(\.id)
        }
        func found(by caller: Requester) throws -> [String] {
            try engine.find(caller, text: WipedBytes(utf8: "sk_many")).map(\.record.id)
        }
        let shop = try await bringIn(250, into: "shop", 1)
        let bank = try await bringIn(20, into: "bank", 2)
        #expect(try found(by: admin) == Array((shop + bank).sorted().prefix(VaultLimits.found)))
        #expect(try found(by: guardian) == Array(shop.sorted().prefix(VaultLimits.found)))
        let again = try await vault.reopened()
        #expect(
            try again.vault.find(admin, text: WipedBytes(utf8: "sk_many")).map(\.record.id)
                == Array((shop + bank).sorted().prefix(VaultLimits.found)))
        _ = try await again.vault.revokeAll(admin, of: "shop", owner: "acme")
        try await again.vault.deleteIssuer(admin, "shop")
        let rest = try again.vault.find(admin, text: WipedBytes(utf8: "sk_many")).map(\.record.id)
        #expect(rest == bank.sorted())
    }
}
