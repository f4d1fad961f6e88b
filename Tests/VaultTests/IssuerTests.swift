import IssuedKeys
import Sealing
import Storage
import Testing

@testable import Vault

@Suite("Issuers")
struct IssuerTests {
    @Test("An issuer that is wrong is refused with its member named, and none is made")
    func mistakes() async throws {
        let vault = try await TestVault.open()
        func tier(_ name: String, _ limits: [String] = [], quota: Int64? = nil) -> IssuerTier {
            IssuerTier(name: name, limits: limits, quota: quota.map { Quota(uses: $0) })
        }
        let wrong: [(String, IssuerRequest)] = [
            ("name", IssuerRequest(name: "")), ("name", IssuerRequest(name: "Shop")),
            ("name", IssuerRequest(name: "a/b")), ("name", IssuerRequest(name: "-a")),
            ("name", IssuerRequest(name: "..")), ("name", IssuerRequest(name: String(repeating: "a", count: 65))),
            ("prefix", IssuerRequest(name: "shop", prefix: "Shop")),
            ("prefix", IssuerRequest(name: "shop", prefix: "a__b")),
            ("prefix", IssuerRequest(name: "9shop")), ("prefix", IssuerRequest(name: "shop-")),
            ("description", IssuerRequest(name: "shop", description: "\u{1B}[2J")),
            ("lifetime", IssuerRequest(name: "shop", lifetime: 0)),
            ("lifetime", IssuerRequest(name: "shop", lifetime: -1)),
            ("lifetime", IssuerRequest(name: "shop", lifetime: .max)),
            ("scopes", IssuerRequest(name: "shop", scopes: ["a", "a"])),
            ("scopes", IssuerRequest(name: "shop", scopes: [""])),
            ("scopes", IssuerRequest(name: "shop", scopes: ["a b"])),
            ("scopes", IssuerRequest(name: "shop", scopes: (0...256).map { "s\($0)" })),
            ("tiers", IssuerRequest(name: "shop", tiers: [tier("Free")])),
            ("tiers", IssuerRequest(name: "shop", tiers: [tier("free"), tier("free")])),
            ("tiers", IssuerRequest(name: "shop", tiers: [tier("free", ["10"])])),
            ("tiers", IssuerRequest(name: "shop", tiers: [tier("free", quota: 0)])),
            ("tiers", IssuerRequest(name: "shop", tiers: [tier("free", quota: Quota.mostUses + 1)])),
        ]
        let before = try vault.store.contents()
        for (field, request) in wrong {
            let error = await failure { try await vault.vault.createIssuer(vault.administrator, request) }
            #expect(error?.code == .invalidField)
            #expect(error?.field == field)
        }
        #expect(try vault.store.contents() == before)
        #expect(vault.log.lines.count == wrong.count)
    }

    @Test("Names and prefixes are one issuer's alone, and those of access keys nobody's")
    func unique() async throws {
        let vault = try await TestVault.open()
        try await vault.issuer("shop")
        let taken: [(String, IssuerRequest)] = [
            ("name", IssuerRequest(name: "shop", prefix: "other")),
            ("name", IssuerRequest(name: "keyturn", prefix: "other")),
            ("prefix", IssuerRequest(name: "other", prefix: "shop")),
            ("prefix", IssuerRequest(name: "other", prefix: "keyturn")),
        ]
        for (field, request) in taken {
            let error = await failure { try await vault.vault.createIssuer(vault.administrator, request) }
            #expect(error?.code == .alreadyExists)
            #expect(error?.field == field)
        }
    }

    @Test("An issuer is kept, through a restart and a new root key, and says what it is")
    func kept() async throws {
        let vault = try await TestVault.open()
        let tiers = [
            IssuerTier(name: "pro", description: "for companies", limits: ["100/s", "1000000/d"]),
            IssuerTier(name: "free", limits: ["1/s"], quota: Quota(uses: 1000, refill: .monthly)),
        ]
        let made = try await vault.vault.createIssuer(
            vault.administrator,
            IssuerRequest(
                name: "shop-test", description: "Keys of the shop", lifetime: 90 * .day, scopes: ["write", "read"],
                tiers: tiers, environment: .test, visibility: .public))
        #expect(made.prefix == "shop_test")
        #expect(made.scopes == ["read", "write"])
        #expect(made.tiers == [tiers[1], tiers[0]])
        #expect(made.environment == .test)
        #expect(made.visibility == .public)
        #expect(made.lifetime == 90 * .day)
        #expect(made.createdBy.hasPrefix("access-key:"))
        #expect(try await vault.vault.rewrap(vault.administrator) > 0)
        let again = try await vault.reopened()
        #expect(try again.vault.issuer(again.administrator, "shop-test") == made)
        let names = try again.vault.issuers(again.administrator, limit: 10, cursor: nil).items.map(\.name)
        #expect(names == ["keyturn", "shop-test"])
        for bytes in try vault.store.contents().values { #expect(!bytes.contains(Array("shop".utf8))) }
    }

    @Test("A change is for keys that come, never for those that were issued")
    func changed() async throws {
        let vault = try await TestVault.open()
        let tier = IssuerTier(name: "free", limits: ["10/s"], quota: Quota(uses: 5))
        try await vault.issuer("shop", scopes: ["read", "write"], lifetime: 90 * .day, tiers: [tier])
        let old = try await vault.issue("shop", IssueRequest(name: "old", scopes: ["write"], tier: "free"))
        vault.clock.advance(1)
        let change = IssuerChange(
            description: "smaller", lifetime: .some(nil), scopes: ["read"],
            tiers: [IssuerTier(name: "free", limits: ["1/s"])])
        let changed = try await vault.vault.changeIssuer(vault.administrator, "shop", change)
        #expect(changed.scopes == ["read"])
        #expect(changed.lifetime == nil)
        #expect(changed.keys == 1)
        #expect(changed.updated == TestClock.start + 1)
        let kept = try vault.vault.issuedKey(vault.administrator, of: "shop", id: old.record.id)
        #expect(kept == old.record)
        #expect(kept.limits == ["10/s"])
        #expect(kept.quota == Quota(uses: 5))
        let new = try await vault.issue("shop", IssueRequest(name: "new", tier: "free")).record
        #expect(new.limits == ["1/s"])
        #expect(new.expires == nil)
        #expect(
            await failure { try await vault.issue("shop", IssueRequest(name: "x", scopes: ["write"])) }?.field
                == "scopes")
        #expect(await code { try await vault.vault.changeIssuer(vault.administrator, "keyturn", change) } == .conflict)
        #expect(await code { try await vault.vault.changeIssuer(vault.administrator, "none", change) } == .notFound)
    }

    @Test("An issuer goes when no key of it could be used, and takes those that ended with it")
    func deleted() async throws {
        let vault = try await TestVault.open()
        try await vault.issuer("shop")
        try await vault.issuer("other")
        let (engine, admin) = (vault.vault, vault.administrator)
        let kept = try await vault.issue("other", IssueRequest(name: "k", quota: Quota(uses: 5)))
        let key = try await vault.issue("shop", IssueRequest(name: "k", quota: Quota(uses: 5)))
        #expect(try await vault.verdict(key.text) == .valid)
        #expect(await code { try await engine.deleteIssuer(admin, "shop") } == .conflict)
        _ = try await engine.disable(admin, of: "shop", id: key.record.id)
        #expect(await code { try await engine.deleteIssuer(admin, "shop") } == .conflict)
        _ = try await engine.revoke(admin, of: "shop", id: key.record.id)
        try await engine.deleteIssuer(admin, "shop")
        #expect(try await vault.verdict(key.text) == .notFound)
        #expect(await code { try engine.issuer(admin, "shop") } == .notFound)
        #expect(await code { try await engine.deleteIssuer(admin, "shop") } == .notFound)
        #expect(await code { try await engine.deleteIssuer(admin, "keyturn") } == .conflict)
        #expect(try vault.store.count(of: .lease) == 0)
        #expect(try vault.store.count(of: .issuer) == 1)
        try await vault.issuer("shop")
        let again = try await vault.reopened()
        #expect(try await again.verdict(key.text) == .notFound)
        #expect(try await again.verdict(kept.text) == .valid)
    }

    @Test("Only who administers makes, changes or removes an issuer")
    func authority() async throws {
        let vault = try await TestVault.withTeams()
        let team = try await vault.caller("shop")
        let engine = vault.vault
        #expect(await code { try await engine.createIssuer(team, IssuerRequest(name: "mine")) } == .refused)
        #expect(await code { try await engine.changeIssuer(team, "shop", IssuerChange(scopes: [])) } == .refused)
        #expect(await code { try await engine.deleteIssuer(team, "shop") } == .refused)
        #expect(await code { try await engine.deleteIssuer(.stranger, "shop") } == .unauthorized)
    }

    @Test("A team knows of its own issuer and no other; a refusal is one whether or not the issuer exists")
    func seen() async throws {
        let vault = try await TestVault.withTeams()
        let engine = vault.vault
        for policy in ["shop", "gateway", "seller", "guard"] {
            let caller = try await vault.caller(policy)
            #expect(try engine.issuers(caller, limit: 10, cursor: nil).items.map(\.name) == ["shop"])
            #expect(try engine.issuer(caller, "shop").name == "shop")
            for name in ["bank", "none", "keyturn", "", "../shop"] {
                #expect(await code { try engine.issuer(caller, name) } == .refused)
            }
        }
        let reader = try await vault.caller("reader")
        #expect(await code { try engine.issuers(reader, limit: 10, cursor: nil) } == .refused)
        #expect(await code { try engine.issuer(reader, "shop") } == .refused)
        #expect(await failure { try engine.issuers(vault.administrator, limit: 0, cursor: nil) }?.field == "limit")
        let first = try engine.issuers(vault.administrator, limit: 2, cursor: nil)
        #expect(first.items.map(\.name) == ["bank", "keyturn"])
        #expect(try engine.issuers(vault.administrator, limit: 2, cursor: first.cursor).items.map(\.name) == ["shop"])
    }

    @Test("A damaged, swapped, missing or old issuer, issued key or lease is found at unseal")
    func tampered() async throws {
        for kind in [RecordKind.issuer, .issuedKey, .lease] {
            let vault = try await TestVault.withTeams()
            let key = try await vault.issue("shop", IssueRequest(name: "k", quota: Quota(uses: 5)))
            let other = try await vault.issue("bank", IssueRequest(name: "k", quota: Quota(uses: 5)))
            for text in [key.text, other.text] { #expect(try await vault.verdict(text) == .valid) }
            let before = try vault.store.contents()
            #expect(try await vault.verdict(key.text) == .valid)
            _ = try await vault.vault.changeIssuer(vault.administrator, "shop", IssuerChange(description: "x"))
            _ = try await vault.vault.disable(vault.administrator, of: "shop", id: key.record.id)
            let after = try vault.store.contents()
            let rows = try vault.store.rows(of: kind)
            let changed = try #require(rows.first { before[$0] != after[$0] })
            let another = try #require(rows.first { $0 != changed })
            for tampering in [
                [changed: before[changed]], [changed: nil], [changed: after[another]],
                [changed: after[another], another: after[changed]],
            ] as [[RecordKey: [UInt8]?]] {
                try vault.store.tamper(tampering)
                #expect(await code { try await vault.reopened() } == .storeDamaged)
                try vault.store.tamper([changed: after[changed], another: after[another]])
            }
            _ = try await vault.reopened()
        }
    }
}
