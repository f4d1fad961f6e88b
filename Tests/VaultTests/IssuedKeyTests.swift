import Audit
import IssuedKeys
import Outbound
import SecretMemory
import Testing

@testable import Vault

@Suite("Issued keys")
struct IssuedKeyTests {
    @Test("A request that is wrong is refused with its member named, and no key is made")
    func mistakes() async throws {
        let vault = try await TestVault.withTeams()
        let wrong: [(String, IssueRequest)] = [
            ("name", IssueRequest(name: "")), ("name", IssueRequest(name: "a\u{0}")),
            ("owner", IssueRequest(name: "a", owner: "\n")),
            ("description", IssueRequest(name: "a", description: "\u{7}")),
            ("scopes", IssueRequest(name: "a", scopes: ["admin"])),
            ("scopes", IssueRequest(name: "a", scopes: ["read", "read"])),
            ("networks", IssueRequest(name: "a", networks: [])),
            ("networks", IssueRequest(name: "a", networks: ["10.0.0.1/8"])),
            ("networks", IssueRequest(name: "a", networks: ["everywhere"])),
            ("limits", IssueRequest(name: "a", limits: ["10"])),
            ("limits", IssueRequest(name: "a", limits: ["1/s", "2/s"])),
            ("quota", IssueRequest(name: "a", quota: Quota(uses: 0))),
            ("quota", IssueRequest(name: "a", quota: Quota(uses: -1))),
            ("tier", IssueRequest(name: "a", tier: "none")),
            ("metadata", IssueRequest(name: "a", metadata: ["": "x"])),
            ("metadata", IssueRequest(name: "a", metadata: ["a b": "x"])),
            ("metadata", IssueRequest(name: "a", metadata: ["a": "\u{1B}"])),
            ("metadata", IssueRequest(name: "a", metadata: ["a": String(repeating: "x", count: 501)])),
            (
                "metadata",
                IssueRequest(
                    name: "a", metadata: Dictionary(uniqueKeysWithValues: (0..<33).map { ("m\($0)", "") }))
            ),
            (
                "metadata",
                IssueRequest(
                    name: "a",
                    metadata: Dictionary(
                        uniqueKeysWithValues: (0..<32).map { ("m\($0)", String(repeating: "x", count: 300)) }))
            ),
        ]
        let before = try vault.store.contents()
        for (field, request) in wrong {
            let error = await failure { try await vault.issue("shop", request) }
            #expect(error?.code == .invalidField)
            #expect(error?.field == field)
        }
        #expect(try vault.store.contents() == before)
        #expect(vault.log.lines.count == wrong.count)
        #expect(await code { try await vault.issue("none") } == .notFound)
    }

    @Test(
        "A lifetime that is nothing, negative or beyond all years is refused, never endless",
        arguments: [TestClock.start, TestClock.start - 1, 0, -1, .min, .max, Lifetime.latest + 1])
    func lifetimes(_ end: Int64) async throws {
        let vault = try await TestVault.withTeams()
        let error = await failure { try await vault.issue("shop", IssueRequest(name: "a", expires: .at(end))) }
        #expect(error?.field == "expires")
    }

    @Test("A key lives as long as its issuer says unless it says something else, to the exact millisecond")
    func lifetime() async throws {
        let vault = try await TestVault.open()
        try await vault.issuer("shop", lifetime: .hour)
        try await vault.issuer("long", lifetime: Lifetime.latest)
        let usual = try await vault.issue("shop")
        let endless = try await vault.issue("shop", IssueRequest(name: "a", expires: .never))
        let short = try await vault.issue("shop", IssueRequest(name: "a", expires: .at(TestClock.start + 5)))
        #expect(usual.record.expires == TestClock.start + .hour)
        #expect(endless.record.expires == nil)
        #expect(await failure { try await vault.issue("long") }?.field == "expires")
        vault.clock.advance(4)
        #expect(try await vault.verdict(short.text) == .valid)
        vault.clock.advance(1)
        #expect(try await vault.verdict(short.text) == .expired)
        vault.clock.advance(.hour - 6)
        #expect(try await vault.verdict(usual.text) == .valid)
        vault.clock.advance(1)
        #expect(try await vault.verdict(usual.text) == .expired)
        vault.clock.now = TestClock.start + 10_000 * .day
        #expect(try await vault.verdict(endless.text) == .valid)
    }

    @Test("A key says all that it was made with, through a restart, and its text is stored nowhere")
    func made() async throws {
        let vault = try await TestVault.open()
        let tier = IssuerTier(name: "free", limits: ["10/s, 600/m"], quota: Quota(uses: 1000, refill: .monthly))
        try await vault.issuer("shop", tiers: [tier])
        let request = IssueRequest(
            name: "Café", description: "the till", owner: "acme", scopes: ["write"],
            networks: ["192.0.2.0/24", "2001:db8::/32"],
            limits: ["5/s"], tier: "free", metadata: ["plan": "gold", "customer.id": "42"])
        let minted = try await vault.issue("shop", request)
        let record = minted.record
        #expect(minted.text.text.hasPrefix("shop_" + record.id))
        #expect(minted.text.text.utf8.count == 5 + 61)
        #expect(record.scopes == ["write"])
        #expect(record.limits == ["5/s"])
        #expect(record.quota == tier.quota)
        #expect(record.tier == "free")
        #expect(record.metadata == request.metadata)
        #expect(record.networks == request.networks)
        #expect(record.owner == "acme")
        let again = try await vault.reopened()
        #expect(try again.vault.issuedKey(again.administrator, of: "shop", id: record.id) == record)
        let secret = Array(minted.text.text.utf8.suffix(40))
        for bytes in try vault.store.contents().values {
            #expect(!bytes.contains(secret))
            #expect(!bytes.contains(Array("acme".utf8)))
        }
    }

    // MARK: Authority

    @Test("Another team's key by its id is not found, whatever is asked of it, nor is one under the wrong issuer")
    func otherTeams() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, shop) = (vault.vault, try await vault.caller("shop"))
        let bank = try await vault.caller("bank")
        let theirs = try await vault.issue("bank", as: bank)
        let mine = try await vault.issue("shop", as: shop)
        let id = theirs.record.id
        for (issuer, id) in [("bank", id), ("shop", id), ("none", id), ("bank", "nothing"), ("../bank", id)] {
            #expect(await code { try engine.issuedKey(shop, of: issuer, id: id) } == .notFound)
            #expect(await code { try await engine.revoke(shop, of: issuer, id: id) } == .notFound)
            #expect(await code { try await engine.disable(shop, of: issuer, id: id) } == .notFound)
            #expect(await code { try await engine.enable(shop, of: issuer, id: id) } == .notFound)
            #expect(await code { try await engine.roll(shop, of: issuer, id: id, overlap: nil) } == .notFound)
        }
        // What would tell one from the other: the whole error, and what is written.
        vault.log.forget()
        let there = await failure { try engine.issuedKey(shop, of: "bank", id: id) }
        let nowhere = await failure { try engine.issuedKey(shop, of: "bank", id: "000000000000") }
        #expect(there == nowhere)
        #expect(vault.log.entries.allSatisfy { $0.issuer == nil && $0.issuedKey == nil && $0.outcome == .failed })
        #expect(try await vault.verdict(theirs.text) == .valid)
        #expect(try engine.issuedKey(shop, of: "shop", id: mine.record.id).state == .active)
        let access = try await vault.mint(["reader"])
        #expect(await code { try engine.issuedKey(shop, of: "keyturn", id: access.record.id) } == .refused)
        #expect(await code { try engine.issuedKey(shop, of: "shop", id: access.record.id) } == .notFound)
        // Who may see access keys sees no other team's key by that way.
        for caller in [vault.administrator, try await vault.caller("keeper")] {
            #expect(await code { try engine.issuedKey(caller, of: "keyturn", id: id) } == .notFound)
            #expect(await code { try engine.issuedKeyReport(caller, of: "keyturn", id: id) } == .notFound)
            #expect(await code { try await engine.revoke(caller, of: "keyturn", id: id) } == .notFound)
            #expect(await code { try await engine.disable(caller, of: "keyturn", id: id) } == .notFound)
            #expect(await code { try await engine.roll(caller, of: "keyturn", id: id, overlap: nil) } == .notFound)
        }
        #expect(try await vault.verdict(theirs.text) == .valid)
    }

    @Test("Each action gives what it says: issue makes and enables, revoke ends, verify neither")
    func actions() async throws {
        let vault = try await TestVault.withTeams()
        let engine = vault.vault
        let key = try await vault.issue("shop")
        let id = key.record.id
        let (seller, guardian) = (try await vault.caller("seller"), try await vault.caller("guard"))
        let (gateway, reader) = (try await vault.caller("gateway"), try await vault.caller("reader"))
        for caller in [guardian, gateway, reader] {
            #expect(await code { try await vault.issue("shop", as: caller) } == .refused)
            #expect(await code { try await engine.importKeys(caller, into: "shop", []) } == .refused)
        }
        for caller in [seller, gateway, reader] {
            #expect(await code { try await engine.revokeAll(caller, of: "shop", owner: "x") } == .refused)
        }
        for caller in [guardian, gateway] {
            #expect(await code { try await engine.roll(caller, of: "shop", id: id, overlap: nil) } == .refused)
            #expect(await code { try await engine.enable(caller, of: "shop", id: id) } == .refused)
        }
        for caller in [seller, gateway] {
            #expect(await code { try await engine.revoke(caller, of: "shop", id: id) } == .refused)
            #expect(await code { try await engine.disable(caller, of: "shop", id: id) } == .refused)
        }
        #expect(await code { try engine.issuedKey(gateway, of: "shop", id: id) } == .refused)
        #expect(
            await code { try engine.issuedKeys(gateway, of: "shop", IssuedKeyFilter(), limit: 5, cursor: nil) }
                == .refused)
        #expect(await code { try await engine.revoke(reader, of: "shop", id: id) } == .notFound)
        #expect(await code { try await vault.issue("none", as: seller) } == .refused)
        #expect(try engine.issuedKey(seller, of: "shop", id: id).id == id)
        #expect(try await engine.disable(guardian, of: "shop", id: id).state == .disabled)
        #expect(try await engine.enable(seller, of: "shop", id: id).state == .active)
        #expect(try await engine.revoke(guardian, of: "shop", id: id).state == .revoked)
        #expect(await code { try await vault.issue("shop", as: .stranger) } == .unauthorized)
    }

    @Test(
        "Access keys are keys of the issuer `keyturn`: made, shown and ended by the same operations, under their own rules"
    )
    func accessKeys() async throws {
        let vault = try await TestVault.open()
        let engine = vault.vault
        let minted = try await vault.issue("keyturn", IssueRequest(name: "app", scopes: ["reader"], limits: ["5/s"]))
        #expect(minted.record.policies == ["reader"])
        #expect(minted.record.limits == ["5/s"])
        #expect(try engine.issuedKey(vault.administrator, of: "keyturn", id: minted.record.id) == minted.record)
        let desk = try await vault.caller("desk")
        #expect(
            await code { try await vault.issue("keyturn", IssueRequest(name: "a", scopes: ["reader"]), as: desk) }
                == .refused)
        for (field, request) in [
            ("tier", IssueRequest(name: "a", scopes: ["reader"], tier: "x")),
            ("quota", IssueRequest(name: "a", scopes: ["reader"], quota: Quota(uses: 1))),
            ("metadata", IssueRequest(name: "a", scopes: ["reader"], metadata: ["a": "b"])),
            ("policies", IssueRequest(name: "a", scopes: ["nothing"])),
        ] {
            #expect(await failure { try await vault.issue("keyturn", request) }?.field == field)
        }
        let imported = ImportedKey(sha256: sha256(of: "sk_old_1"), settings: IssueRequest(name: "a"))
        #expect(
            await failure { try await engine.importKeys(vault.administrator, into: "keyturn", [imported]) }?.field
                == "issuer")
        #expect(try await engine.revoke(vault.administrator, of: "keyturn", id: minted.record.id).state == .revoked)
        let listed = try engine.issuedKeys(
            vault.administrator, of: "keyturn", IssuedKeyFilter(state: .revoked), limit: 5, cursor: nil)
        #expect(listed.items.map(\.id) == [minted.record.id])
    }

    // MARK: Ending and rolling

    @Test("All keys of one owner are ended together, and nobody else's")
    func bulk() async throws {
        let vault = try await TestVault.withTeams()
        let engine = vault.vault
        var texts: [WipedBytes] = []
        for _ in 0..<5 { texts.append(try await vault.issue("shop", IssueRequest(name: "a", owner: "acme")).text) }
        let others = try await vault.issue("shop", IssueRequest(name: "a", owner: "acme2"))
        let elsewhere = try await vault.issue("bank", IssueRequest(name: "a", owner: "acme"))
        let ended = try await engine.revokeAll(vault.administrator, of: "shop", owner: "acme")
        #expect(ended.count == 5)
        #expect(ended == ended.sorted())
        for text in texts { #expect(try await vault.verdict(text) == .revoked) }
        #expect(try await vault.verdict(others.text) == .valid)
        #expect(try await vault.verdict(elsewhere.text) == .valid)
        #expect(try await engine.revokeAll(vault.administrator, of: "shop", owner: "acme") == [])
        #expect(
            await failure { try await engine.revokeAll(vault.administrator, of: "shop", owner: "") }?.field == "owner")
        #expect(await code { try await engine.revokeAll(vault.administrator, of: "none", owner: "acme") } == .notFound)
    }

    @Test("Each key that is ended with the others of its owner, or brought in with others, has a line of its own")
    func lines() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, admin) = (vault.vault, vault.administrator)
        for _ in 0..<3 { _ = try await vault.issue("shop", IssueRequest(name: "a", owner: "acme")) }
        vault.log.forget()
        let ended = try await engine.revokeAll(admin, of: "shop", owner: "acme")
        #expect(ended.count == 3)
        #expect(vault.log.lines == ended.map { "intent revoke_owner \($0)" })
        #expect(vault.log.entries.allSatisfy { $0.issuer == "shop" && $0.key == nil && $0.detail == nil })
        vault.log.forget()
        #expect(try await engine.revokeAll(admin, of: "shop", owner: "acme") == [])
        #expect(vault.log.lines == ["request revoke_owner"])
        vault.log.forget()
        let old = ["sk_old_1", "sk_old_2", "sk_old_3"].map {
            ImportedKey(sha256: sha256(of: $0), settings: IssueRequest(name: "old"))
        }
        let records = try await engine.importKeys(admin, into: "shop", old)
        #expect(records.count == 3)
        #expect(vault.log.lines == records.map { "intent import \($0.id)" })
        #expect(vault.log.entries.allSatisfy { $0.issuer == "shop" })
    }

    @Test("A roll makes a successor with the same settings; both share limits and quota, through a restart too")
    func rolled() async throws {
        let vault = try await TestVault.open()
        try await vault.issuer("shop")
        let old = try await vault.issue(
            "shop",
            IssueRequest(
                name: "a", owner: "acme", scopes: ["read"], networks: ["192.0.2.0/24"], quota: Quota(uses: 5),
                metadata: ["a": "b"]))
        #expect(try await vault.verdict(old.text, network: "192.0.2.1", cost: 2) == .valid)
        let new = try await vault.vault.roll(vault.administrator, of: "shop", id: old.record.id, overlap: .hour)
        #expect(new.record.metadata == ["a": "b"])
        #expect(new.record.owner == "acme")
        #expect(new.record.scopes == ["read"])
        #expect(new.record.quota == Quota(uses: 5))
        #expect(new.record.lineage == old.record.id)
        #expect(new.record.lastUsed == nil)
        #expect(try await vault.verify(new.text, network: "192.0.2.1").quota?.remaining == 2)
        #expect(try await vault.verify(old.text, network: "192.0.2.1").quota?.remaining == 1)
        let again = try await vault.reopened()
        #expect(try await again.verify(old.text, network: "192.0.2.1").quota?.remaining == 0)
        #expect(try await again.verdict(new.text, network: "192.0.2.1") == .quotaExceeded)
        vault.clock.advance(.hour)
        #expect(try await again.verdict(old.text, network: "192.0.2.1") == .expired)
    }

    // MARK: Keys of before

    @Test("A key that was made here is not brought in by its SHA-256, wherever to, not even once it was revoked")
    func madeHere() async throws {
        let vault = try await TestVault.withTeams()
        #expect(SHA256.digest(Array("sk_old_1".utf8)) == sha256(of: "sk_old_1"))
        let made = try await vault.issue("shop")
        let digest = SHA256.digest(Array(made.text.text.utf8))
        func refused(_ vault: TestVault) async {
            for issuer in ["shop", "bank"] {
                let error = await failure {
                    try await vault.vault.importKeys(
                        vault.administrator, into: issuer,
                        [
                            ImportedKey(sha256: sha256(of: "sk_old_1"), settings: IssueRequest(name: "old")),
                            ImportedKey(sha256: digest, settings: IssueRequest(name: "twin")),
                        ])
                }
                #expect(error?.code == .alreadyExists)
                #expect(error?.field == "keys[1].sha256")
            }
        }
        await refused(vault)
        _ = try await vault.vault.revoke(vault.administrator, of: "shop", id: made.record.id)
        let again = try await vault.reopened()
        await refused(again)
        #expect(try await again.verdict(WipedBytes(utf8: "sk_old_1")) == .notFound)
    }

    @Test("Keys that are known by their SHA-256 go on working, all of them or none are brought in")
    func imported() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, admin) = (vault.vault, vault.administrator)
        func key(_ text: String, prefix: String = "sk_old", scopes: [String] = ["read"]) -> ImportedKey {
            ImportedKey(
                sha256: sha256(of: text), prefix: prefix,
                settings: IssueRequest(name: "old", owner: "acme", scopes: scopes, limits: ["2/s"]))
        }
        let records = try await engine.importKeys(admin, into: "shop", [key("sk_old_1"), key("sk_old_2")])
        #expect(records.map(\.prefix) == ["sk_old", "sk_old"])
        #expect(records.allSatisfy { $0.imported == TestClock.start })
        let text = WipedBytes(utf8: "sk_old_1")
        let answer = try await vault.verify(text, scope: "read")
        #expect(answer.valid)
        #expect(answer.key?.id == records[0].id)
        #expect(try await vault.verdict(text, scope: "write") == .scopeDenied)
        #expect(try await vault.verdict(WipedBytes(utf8: "sk_old_3")) == .notFound)
        #expect(
            await failure { try await engine.importKeys(admin, into: "bank", [key("sk_old_3"), key("sk_old_1")]) }?
                .field == "keys[1].sha256")
        #expect(try await vault.verdict(WipedBytes(utf8: "sk_old_3")) == .notFound)
        let twice = await failure {
            try await engine.importKeys(admin, into: "shop", [key("sk_old_3"), key("sk_old_3")])
        }
        #expect(twice?.code == .alreadyExists)
        let short = ImportedKey(sha256: [1, 2, 3], settings: IssueRequest(name: "a"))
        #expect(await failure { try await engine.importKeys(admin, into: "shop", [short]) }?.field == "keys[0].sha256")
        for prefix in ["longer than 12", "a b", "é"] {
            let error = await failure {
                try await engine.importKeys(admin, into: "shop", [key("sk_old_3", prefix: prefix)])
            }
            #expect(error?.field == "keys[0].prefix")
        }
        #expect(
            await failure { try await engine.importKeys(admin, into: "shop", [key("sk_old_3", scopes: ["x"])]) }?.field
                == "keys[0].scopes")
        #expect(await failure { try await engine.importKeys(admin, into: "shop", []) }?.field == "keys")
        // Its id is in no text: what is made up from it is no key.
        #expect(try await vault.verdict(WipedBytes(utf8: "shop_" + records[0].id)) == .notFound)
        let again = try await vault.reopened()
        vault.clock.advance(2000)
        #expect(try await again.verdict(text) == .valid)
        _ = try await again.vault.revoke(admin, of: "shop", id: records[0].id)
        #expect(try await again.verdict(text) == .revoked)
        let new = try await again.vault.roll(admin, of: "shop", id: records[1].id, overlap: .hour)
        #expect(new.record.imported == nil)
        #expect(new.text.text.hasPrefix("shop_"))
        #expect(try await again.verdict(new.text) == .valid)
        #expect(try await again.verdict(WipedBytes(utf8: "sk_old_2")) == .valid)
    }
}
