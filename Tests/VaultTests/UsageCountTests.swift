import Audit
import Foundation
import IssuedKeys
import Policy
import SecretMemory
import Sealing
import Storage
import StorageConformance
import Testing
import Usage

@testable import Vault

extension TestVault {
    func report(
        _ target: UsageTarget, by step: UsageBook.Step = .day, as requester: Requester? = nil
    ) throws -> UsageReport {
        try vault.usage(requester ?? administrator, target, by: step, in: UsageSpan())
    }

    func reads(_ key: String) throws -> UInt64 { try report(.key(try path(key))).total.reads }
}

extension Requester {
    fileprivate static func stranger(at address: String) throws -> Requester {
        Requester(credential: .none, door: .network, address: try IPAddress(parsing: address), route: "GET /test")
    }
}

@Suite("What the engine counts")
struct UsageCountTests {
    @Test("Usage is told to auditors, and of one key to those who may inspect it")
    func permission() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe")
        let reader = try await vault.caller("reader")
        let lister = try await vault.caller("lister")
        let auditor = try await vault.caller("auditor")
        let key = UsageTarget.key(try path("payments/stripe"))
        for target in [UsageTarget.all, key, .caller("unix-user:1"), .issuer("keyturn"), .issuedKey("x")] {
            #expect(await code { try vault.report(target, as: reader) } == .refused)
            #expect(await code { try vault.report(target, as: .stranger) } == .unauthorized)
            #expect(await code { try vault.report(target, as: auditor) } == nil)
        }
        #expect(await code { try vault.report(key, as: lister) } == nil)
        #expect(await code { try vault.report(.all, as: lister) } == .refused)
        #expect(
            await code { try vault.vault.topUsage(lister, .keys, by: .reads, in: UsageSpan(), limit: 1) } == .refused)
        #expect(await code { try vault.vault.unused(lister, .issuedKeys, for: 1, limit: 1) } == .refused)
        #expect(try vault.vault.unused(reader, .keys, for: 0, limit: 9).items.isEmpty)
        #expect(try vault.vault.unused(lister, .keys, for: 0, limit: 9).items.map(\.name) == ["payments/stripe"])
        vault.log.forget()
        _ = await code { try vault.report(key, as: reader) }
        _ = try vault.report(key, as: auditor)
        #expect(
            vault.log.lines == ["request refused usage payments/stripe (refused)", "request usage payments/stripe"])
        try await vault.seal()
        #expect(await code { try vault.report(key) } == .sealed)
    }

    @Test("Reads, other actions and refusals count for the key, the caller and its access key")
    func counted() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe")
        let minted = try await vault.mint(["payments-service"], name: "shop")
        let app = Requester.key(minted.text)
        for _ in 0..<3 { _ = try vault.get("payments/stripe", as: app) }
        _ = await code { try vault.get("payments/stripe", field: "none", as: app) }
        _ = await code { try vault.get("payments/none", as: app) }
        _ = await code { try vault.get("other", as: app) }
        let key = try vault.report(.key(try path("payments/stripe")))
        #expect(key.total.reads == 3)
        #expect(key.total.actions == 1)
        #expect(key.total.refusals == ["not_found": 1])
        #expect(key.lastUsed == TestClock.start)
        #expect(key.readers.map(\.caller) == ["access-key:\(minted.record.id)"])
        #expect(key.readers.map(\.name) == ["shop"])
        for target in [UsageTarget.caller(minted.record.id), .caller("shop"), .issuedKey(minted.record.id)] {
            let report = try vault.report(target)
            #expect(report.total.reads == 3)
            #expect(report.total.refusals == ["not_found": 2, "refused": 1])
            #expect(report.label == "shop")
        }
        #expect(try vault.report(.key(try path("payments/none"))).total.isEmpty)
        #expect(try vault.report(.key(try path("other"))).total.isEmpty)
        #expect(await code { try vault.report(.caller("nobody")) } == .invalidField)
    }

    @Test("The successor of an access key is the same caller, and another key")
    func rolled() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        let first = try await vault.mint(["reader"])
        _ = try vault.get("k", as: .key(first.text))
        let next = try await vault.vault.roll(vault.administrator, id: first.record.id, overlap: .hour)
        _ = try vault.get("k", as: .key(next.text))
        #expect(try vault.report(.caller(next.record.id)).total.reads == 2)
        #expect(try vault.report(.issuedKey(first.record.id)).total.reads == 1)
        #expect(try vault.report(.issuedKey(next.record.id)).total.reads == 1)
    }

    @Test("A verification counts by its code for the key, its issuer and whoever asked, also after a restart")
    func verified() async throws {
        let vault = try await TestVault.open()
        _ = try await vault.issuer()
        let minted = try await vault.issue()
        for _ in 0..<2 { _ = try await vault.verify(minted.text) }
        _ = try await vault.verify(minted.text, scope: "none")
        let counted: [String: UInt64] = ["VALID": 2, "SCOPE_DENIED": 1]
        #expect(try vault.vault.gauges(.stranger(at: "127.0.0.1")).verifications == counted)
        #expect(await code { try vault.vault.gauges(.stranger) } == .unauthorized)
        try await vault.vault.maintain()
        let again = try await vault.reopened()
        for target in [UsageTarget.issuedKey(minted.record.id), .issuer("shop")] {
            #expect(try again.report(target).total.verifications == counted)
        }
        let top = try again.vault.topUsage(
            again.administrator, .issuedKeys, by: .verifications, in: UsageSpan(), issuer: "shop", limit: 5)
        #expect(top.items.map(\.name) == [minted.record.id])
        #expect(top.items.first?.issuer == "shop")
        let other = try again.vault.topUsage(
            again.administrator, .issuedKeys, by: .verifications, in: UsageSpan(), issuer: "other", limit: 5)
        #expect(other.items.isEmpty)
    }

    @Test("A key says how it was used and what it has left, to those who manage it")
    func report() async throws {
        let vault = try await TestVault.withTeams()
        let (engine, seller) = (vault.vault, try await vault.caller("seller"))
        let key = try await vault.issue(
            "shop", IssueRequest(name: "a", limits: ["3/h"], quota: Quota(uses: 9)), as: seller)
        let id = key.record.id
        let empty = try engine.issuedKeyReport(seller, of: "shop", id: id)
        #expect(empty.record == key.record && empty.total.isEmpty && empty.hours.isEmpty && empty.days.isEmpty)
        #expect(empty.windows.map(\.remaining) == [3] && empty.quota?.remaining == 9)
        for _ in 0..<2 { _ = try await vault.verify(key.text) }
        vault.clock.advance(2 * .day)
        for cost: Int64 in [1, 1, 5] { _ = try await vault.verify(key.text, cost: cost) }
        let report = try engine.issuedKeyReport(seller, of: "shop", id: id)
        #expect(report.total.verifications == ["VALID": 4, "RATE_LIMITED": 1])
        #expect(report.hours.map(\.counts.verifications) == [["VALID": 2, "RATE_LIMITED": 1]])
        #expect(report.days.map(\.counts.verifications) == [["VALID": 2], ["VALID": 2, "RATE_LIMITED": 1]])
        #expect(report.windows.map(\.remaining) == [1] && report.quota?.remaining == 5)
        #expect(report.record.lastUsed == vault.clock.now)
        // The same by the ways of usage, for those who manage the issuer, and nobody else's.
        let span = UsageSpan()
        #expect(try vault.report(.issuedKey(id), as: seller).total == report.total)
        #expect(try vault.report(.issuer("shop"), as: seller).total.verified == 5)
        #expect(
            try engine.topUsage(seller, .issuedKeys, by: .verifications, in: span, issuer: "shop", limit: 9)
                .items.map(\.name) == [id])
        #expect(try engine.unused(seller, .issuedKeys, for: .day, issuer: "shop", limit: 9).items.isEmpty)
        #expect(try engine.expiring(seller, .issuedKeys, within: .day, issuer: "shop", limit: 9).items.isEmpty)
        for other in ["bank", "gateway", "reader"] {
            let caller = try await vault.caller(other)
            #expect(await code { try engine.issuedKeyReport(caller, of: "shop", id: id) } != nil)
            #expect(await code { try vault.report(.issuedKey(id), as: caller) } == .refused)
            #expect(await code { try vault.report(.issuer("shop"), as: caller) } == .refused)
            #expect(
                await code {
                    try engine.topUsage(caller, .issuedKeys, by: .verifications, in: span, issuer: "shop", limit: 9)
                } == .refused)
            #expect(
                await code { try engine.unused(caller, .issuedKeys, for: 1, issuer: "shop", limit: 9) } == .refused)
        }
        for issuer in [nil, "bank", "keyturn"] {
            #expect(
                await code {
                    try engine.topUsage(seller, .issuedKeys, by: .reads, in: span, issuer: issuer, limit: 9)
                } == .refused)
        }
        // Of an access key its requests.
        let access = try await vault.mint(["reader"])
        try await vault.put("k")
        _ = try vault.get("k", as: .key(access.text))
        let its = try engine.issuedKeyReport(vault.administrator, of: "keyturn", id: access.record.id)
        #expect(its.total.reads == 1 && its.days.count == 1 && its.windows.isEmpty && its.quota == nil)
    }

    @Test("Prefixes of lists are no keys, and strangers leave no names")
    func noNames() async throws {
        let vault = try await TestVault.open()
        try await vault.put("payments/stripe")
        _ = try vault.list(KeyQuery(prefix: "payments"))
        for _ in 0..<50 { _ = await code { try vault.get("payments/stripe", as: .stranger) } }
        #expect(try vault.report(.key(try path("payments"))).total.isEmpty)
        #expect(try vault.reads("payments/stripe") == 0)
        vault.clock.advance(2 * .second)
        vault.vault.flushRefusals()
        #expect(try vault.report(.all).total.refusals["unauthorized"] == 50)
    }

    @Test("A key is in use while somebody makes sure of the value that it has")
    func unchanged() async throws {
        let vault = try await TestVault.open()
        try await vault.put("kept")
        let query = ValueQuery(path: try path("kept"))
        guard case .values(let known) = try vault.vault.retrieve(vault.administrator, query) else {
            throw Unexpected("no values")
        }
        vault.clock.advance(25 * .day)
        guard case .unchanged = try vault.vault.retrieve(vault.administrator, query, unless: [known.etag]) else {
            throw Unexpected("other values")
        }
        #expect(try vault.vault.unused(vault.administrator, .keys, for: 20 * .day, limit: 10).items.isEmpty)
        #expect(try vault.reads("kept") == 2)
    }

    @Test("Lists name what nobody read, and what is about to expire")
    func lists() async throws {
        let vault = try await TestVault.open()
        try await vault.put("never")
        try await vault.put("old")
        _ = try vault.get("old")
        vault.clock.advance(20 * .day)
        try await vault.put("young", metadata: MetadataChange(expires: vault.clock.now + 5 * .day))
        try await vault.put("read", metadata: MetadataChange(expires: vault.clock.now + 50 * .day))
        vault.clock.advance(11 * .day / 10)
        _ = try vault.get("read")
        let unused = try vault.vault.unused(vault.administrator, .keys, for: 20 * .day, limit: 10)
        #expect(unused.items.map(\.name) == ["never", "old"])
        #expect(unused.items.map(\.lastUsed) == [nil, TestClock.start])
        #expect(try vault.vault.unused(vault.administrator, .keys, for: 20 * .day, limit: 1).count == 2)
        #expect(await code { try vault.vault.unused(vault.administrator, .keys, for: 1, limit: 0) } == .invalidField)
        #expect(await code { try vault.vault.unused(vault.administrator, .callers, for: 1, limit: 9) } == .invalidField)
        let expiring = try vault.vault.expiring(vault.administrator, .keys, within: 30 * .day, limit: 10)
        #expect(expiring.items.map(\.name) == ["young"])
        let top = try vault.vault.topUsage(vault.administrator, .keys, by: .reads, in: UsageSpan(), limit: 5)
        #expect(top.items.map(\.name) == ["old", "read"])
    }

    @Test("A list that is cut has the first by time and name, with their texts, and says how many there are")
    func cut() async throws {
        let vault = try await TestVault.open()
        let (engine, now) = (vault.vault, vault.clock.now)
        for (name, days) in [("d", 3), ("c", 1), ("a", 3), ("b", 3), ("z", 9)] as [(String, Int64)] {
            try await vault.put(
                "payments/\(name)", metadata: MetadataChange(name: "Key \(name)", expires: now + days * .day))
        }
        let all = try engine.expiring(vault.administrator, .keys, within: 7 * .day, limit: 10)
        #expect(all.items.map(\.label) == ["Key c", "Key a", "Key b", "Key d"] && all.count == 4)
        #expect(all.items.compactMap(\.expires) == [now + .day, now + 3 * .day, now + 3 * .day, now + 3 * .day])
        let first = try engine.expiring(vault.administrator, .keys, within: 7 * .day, limit: 2)
        #expect(first.items == Array(all.items.prefix(2)) && first.count == 4)
        vault.clock.advance(2 * .hour)
        _ = try vault.get("payments/a")
        vault.clock.advance(2 * .hour)
        let unused = try engine.unused(vault.administrator, .keys, for: 3 * .hour, limit: 2)
        #expect(unused.items.map(\.name) == ["payments/b", "payments/c"] && unused.count == 4)
        let later = try await vault.mint(["reader"], expires: vault.clock.now + 2 * .day)
        let sooner = try await vault.mint(["reader"], expires: vault.clock.now + .day)
        let keys = try engine.expiring(vault.administrator, .issuedKeys, within: 7 * .day, limit: 10)
        #expect(keys.items.map(\.name) == [sooner.record.id, later.record.id] && keys.count == 2)
        #expect(try engine.unused(vault.administrator, .issuedKeys, for: .day, limit: 10).items.isEmpty)
    }

    @Test("Whoever deletes a key is told who read it within a day, and nobody else is named")
    func deleting() async throws {
        let vault = try await TestVault.open()
        for key in ["payments/a", "payments/b"] { try await vault.put(key) }
        _ = try vault.get("payments/a", as: .unixUser("payments"))
        vault.clock.advance(2 * .day)
        _ = try vault.get("payments/a")
        let engine = vault.vault
        let trashed = try await engine.trashTelling(vault.administrator, try path("payments/a"), if: .none)
        #expect(trashed.readBy.count == 1)
        #expect(trashed.readBy[0].caller.hasPrefix("access-key:"))
        let readers = try await engine.destroyTelling(vault.administrator, try path("payments/b"), if: .none)
        #expect(readers.isEmpty)
        try await vault.put("payments/b")
        #expect(try await engine.destroyTelling(vault.administrator, try path("payments/b"), if: .none).isEmpty)
    }
}
