import Audit
import IssuedKeys
import SecretMemory
import Storage
import StorageConformance
import Testing

@testable import Vault

@Suite("Access keys")
struct AccessKeyTests {
    @Test("A request that is wrong is refused with its member named, and no key is made")
    func mistakes() async throws {
        let vault = try await TestVault.open()
        let long = String(repeating: "x", count: 201)
        let wrong: [(String, AccessKeyRequest)] = [
            ("name", AccessKeyRequest(name: "", policies: ["auditor"])),
            ("name", AccessKeyRequest(name: long, policies: ["auditor"])),
            ("name", AccessKeyRequest(name: "a\nb", policies: ["auditor"])),
            ("owner", AccessKeyRequest(name: "a", owner: long, policies: ["auditor"])),
            ("description", AccessKeyRequest(name: "a", description: "\u{7}", policies: ["auditor"])),
            ("policies", AccessKeyRequest(name: "a", policies: [])),
            ("policies", AccessKeyRequest(name: "a", policies: Array(repeating: "auditor", count: 65))),
            ("policies", AccessKeyRequest(name: "a", policies: ["unknown"])),
            ("policies", AccessKeyRequest(name: "a", policies: ["auditor", "not a name"])),
            ("policies", AccessKeyRequest(name: "a", policies: [""])),
            ("networks", AccessKeyRequest(name: "a", policies: ["auditor"], networks: [])),
            ("networks", AccessKeyRequest(name: "a", policies: ["auditor"], networks: ["10.0.0.0/8", "anywhere"])),
            ("networks", AccessKeyRequest(name: "a", policies: ["auditor"], networks: ["10.0.0.1/8"])),
        ]
        let before = try vault.store.contents()
        for (field, request) in wrong {
            let error = await failure { try await vault.vault.issue(vault.administrator, request) }
            #expect(error?.code == .invalidField)
            #expect(error?.field == field)
        }
        #expect(try vault.store.contents() == before)
        #expect(vault.log.lines.count == wrong.count)
    }

    @Test(
        "A lifetime that is nothing, negative or beyond all years is refused, never endless",
        arguments: [TestClock.start, TestClock.start - 1, 0, -1, .min, .max, Lifetime.latest + 1])
    func lifetimes(_ end: Int64) async throws {
        let vault = try await TestVault.open()
        let error = await failure { try await vault.mint(["auditor"], expires: end) }
        #expect(error?.code == .invalidField)
        #expect(error?.field == "expires")
    }

    @Test("A key is good to the last millisecond of its life and not in the next, whatever the clock does then")
    func boundary() async throws {
        let vault = try await TestVault.open()
        let key = try await vault.caller("reader", expires: TestClock.start + .hour)
        try await vault.put("k")
        vault.clock.advance(.hour - 1)
        #expect(try vault.get("k", as: key) == "value")
        vault.clock.advance(1)
        #expect(await code { try vault.get("k", as: key) } == .unauthorized)
        try await vault.put("k")
        vault.clock.now = TestClock.start
        #expect(await code { try vault.get("k", as: key) } == .unauthorized)
        let again = try await vault.reopened()
        #expect(await code { try again.get("k", as: key) } == .unauthorized)
    }

    @Test("The text is shown once, and is in no record that is stored")
    func shownOnce() async throws {
        let vault = try await TestVault.open()
        let minted = try await vault.mint(["payments-service"], name: "shop", networks: ["192.0.2.0/24"])
        let record = try vault.vault.accessKey(vault.administrator, id: minted.record.id)
        #expect(record.name == "shop")
        #expect(record.policies == ["payments-service"])
        #expect(record.networks == ["192.0.2.0/24"])
        #expect(record.state == .active)
        #expect(record.createdBy.hasPrefix("access-key:"))
        #expect(record.lineage == record.id)
        let secret = Array(minted.text.text.utf8.suffix(40))
        for bytes in try vault.store.contents().values { #expect(!bytes.contains(secret)) }
        #expect(minted.text.text.hasPrefix("keyturn_" + record.id))
    }

    @Test("A revoked key is refused from the moment that the revocation returns, and stays so")
    func revoked() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let minted = try await vault.mint(["reader"])
        let key = Requester.key(minted.text)
        #expect(try vault.get("k", as: key) == "value")
        let record = try await vault.vault.revoke(vault.administrator, id: minted.record.id)
        #expect(record.state == .revoked)
        #expect(await code { try vault.get("k", as: key) } == .unauthorized)
        let (engine, admin, id) = (vault.vault, vault.administrator, minted.record.id)
        #expect(await code { try await engine.enable(admin, id: id) } == .conflict)
        #expect(await code { try await engine.disable(admin, id: id) } == .conflict)
        #expect(await code { try await engine.roll(admin, id: id, overlap: nil) } == .conflict)
        vault.clock.advance(.day)
        #expect(try await engine.revoke(admin, id: id).revoked == TestClock.start)
        #expect(await code { try await vault.reopened().get("k", as: key) } == .unauthorized)
    }

    @Test("While a key is revoked under load not one request more is accepted once the revocation has returned")
    func revokedUnderLoad() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        for _ in 0..<20 {
            let minted = try await vault.mint(["reader"])
            async let reads: Void = {
                for _ in 0..<50 { _ = await code { try vault.get("k", as: .key(minted.text)) } }
            }()
            _ = try await vault.vault.revoke(vault.administrator, id: minted.record.id)
            #expect(await code { try vault.get("k", as: .key(minted.text)) } == .unauthorized)
            await reads
        }
    }

    @Test("A key that is switched off is refused until it is switched on")
    func disabled() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let minted = try await vault.mint(["reader"])
        let key = Requester.key(minted.text)
        #expect(try await vault.vault.disable(vault.administrator, id: minted.record.id).state == .disabled)
        #expect(await code { try vault.get("k", as: key) } == .unauthorized)
        let again = try await vault.reopened()
        #expect(await code { try again.get("k", as: key) } == .unauthorized)
        #expect(try await again.vault.enable(vault.administrator, id: minted.record.id).state == .active)
        #expect(try again.get("k", as: key) == "value")
    }

    @Test("An id that is there for nobody is not found", arguments: ["", "x", "000000000000", "../../etc", "é"])
    func unknown(_ id: String) async throws {
        let vault = try await TestVault.open()
        let (engine, admin) = (vault.vault, vault.administrator)
        #expect(await code { try engine.accessKey(admin, id: id) } == .notFound)
        #expect(await code { try await engine.revoke(admin, id: id) } == .notFound)
        #expect(await code { try await engine.enable(admin, id: id) } == .notFound)
        #expect(await code { try await engine.roll(admin, id: id, overlap: nil) } == .notFound)
    }

    // MARK: Rolling

    @Test("A roll makes a successor with the same settings; the old key is honoured to the end of the overlap")
    func rolled() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let old = try await vault.mint(["reader"], expires: TestClock.start + 90 * .day, networks: ["192.0.2.0/24"])
        vault.clock.advance(10 * .day)
        let new = try await vault.vault.roll(vault.administrator, id: old.record.id, overlap: .hour)
        #expect(new.record.policies == ["reader"])
        #expect(new.record.networks == ["192.0.2.0/24"])
        #expect(new.record.predecessor == old.record.id)
        #expect(new.record.lineage == old.record.id)
        #expect(new.record.expires == TestClock.start + 100 * .day)
        let record = try vault.vault.accessKey(vault.administrator, id: old.record.id)
        #expect(record.state == .rolled)
        #expect(record.successor == new.record.id)
        vault.clock.advance(.hour - 1)
        #expect(try vault.get("k", as: .key(old.text)) == "value")
        vault.clock.advance(1)
        #expect(await code { try vault.get("k", as: .key(old.text)) } == .unauthorized)
        #expect(try vault.get("k", as: .key(new.text)) == "value")
    }

    @Test("An overlap never lengthens the life of the old key")
    func overlapWithinLife() async throws {
        let vault = try await TestVault.open()
        let old = try await vault.mint(["reader"], expires: TestClock.start + .minute)
        let new = try await vault.vault.roll(vault.administrator, id: old.record.id, overlap: .hour)
        vault.clock.advance(.minute)
        #expect(await code { try vault.get("k", as: .key(old.text)) } == .unauthorized)
        #expect(await code { try vault.get("k", as: .key(new.text)) } == .unauthorized)
    }

    @Test("A rolled key cannot be rolled again, its successor can; the line keeps its name")
    func rolledTwice() async throws {
        let vault = try await TestVault.open()
        let first = try await vault.mint(["reader"])
        let (engine, admin) = (vault.vault, vault.administrator)
        let second = try await engine.roll(admin, id: first.record.id, overlap: nil)
        #expect(await code { try await engine.roll(admin, id: first.record.id, overlap: nil) } == .conflict)
        let third = try await engine.roll(admin, id: second.record.id, overlap: nil)
        #expect(third.record.lineage == first.record.id)
    }

    @Test("Keys that are switched off or expired are not rolled", arguments: [true, false])
    func notRolled(_ disabled: Bool) async throws {
        let vault = try await TestVault.open()
        let minted = try await vault.mint(["reader"], expires: TestClock.start + 5)
        if disabled { _ = try await vault.vault.disable(vault.administrator, id: minted.record.id) }
        if !disabled { vault.clock.advance(5) }
        let rolled = await code { try await vault.vault.roll(vault.administrator, id: minted.record.id, overlap: nil) }
        #expect(rolled == .conflict)
    }

    @Test(
        "An overlap that is nothing, negative, too long or beyond numbers is refused",
        arguments: [
            0, -1, 400 * Int64.day + 1, .max, .min,
        ])
    func overlaps(_ overlap: Int64) async throws {
        let vault = try await TestVault.open()
        let id = try await vault.mint(["reader"]).record.id
        let error = await failure { try await vault.vault.roll(vault.administrator, id: id, overlap: overlap) }
        #expect(error?.field == "overlap")
    }

    @Test("A roll near the end of all years ends there")
    func latest() async throws {
        let vault = try await TestVault.open()
        let old = try await vault.mint(["reader"], expires: Lifetime.latest)
        vault.clock.advance(.day)
        let new = try await vault.vault.roll(vault.administrator, id: old.record.id, overlap: nil)
        #expect(new.record.expires == Lifetime.latest)
    }

    // MARK: Listing

    @Test("Pages of every size neither skip nor repeat", arguments: 1...6)
    func paging(_ limit: Int) async throws {
        let vault = try await TestVault.open()
        for number in 0..<4 { _ = try await vault.mint(["reader"], name: "key \(number)") }
        var (cursor, ids): (String?, [String]) = (nil, [])
        repeat {
            let page = try vault.vault.accessKeys(
                vault.administrator, state: nil, words: [], limit: limit, cursor: cursor)
            #expect(page.items.count <= limit)
            ids += page.items.map(\.id)
            cursor = page.cursor
        } while cursor != nil
        #expect(ids.count == 5)
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 5)
    }

    @Test("A list is narrowed by state and words, and a limit below one refused")
    func narrowing() async throws {
        let vault = try await TestVault.open()
        let shop = try await vault.mint(["reader"], name: "Shop front")
        _ = try await vault.mint(["reader"], name: "billing")
        _ = try await vault.vault.revoke(vault.administrator, id: shop.record.id)
        func names(_ state: AccessKeyState?, _ words: [String]) throws -> [String] {
            try vault.vault.accessKeys(vault.administrator, state: state, words: words, limit: .max, cursor: nil)
                .items.map(\.name).sorted()
        }
        #expect(try names(.revoked, []) == ["Shop front"])
        #expect(try names(.active, []) == ["billing", "first administrator"])
        #expect(try names(nil, ["SHOP", "front"]) == ["Shop front"])
        #expect(try names(nil, ["shop", "billing"]) == [])
        #expect(try names(nil, [String(shop.record.id.prefix(6))]) == ["Shop front"])
        for limit in [0, -1] {
            let error = await failure {
                try vault.vault.accessKeys(vault.administrator, state: nil, words: [], limit: limit, cursor: nil)
            }
            #expect(error?.field == "limit")
        }
    }
}
