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

/// A folder of its own for an audit log in files.
private final class LogFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("usage-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

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

@Suite("What was counted is kept")
struct UsageKeptTests {
    /// A vault whose log is a file, so that it can be read back.
    private func vault(
        _ store: any RecordStore, _ folder: LogFolder, _ sink: FileAuditSink, _ clock: TestClock
    ) throws -> Vault {
        var environment = VaultEnvironment(
            store: store, audit: sink, now: { clock.now }, policyFiles: { () throws(VaultError) in [] },
            costLimits: TestVault.limits, defaultCosts: TestVault.costs)
        let path = folder.path
        environment.auditEntries = { (first, body) throws(AuditError) in
            try AuditReader(folder: path).forEach(from: first, body)
        }
        return try Vault(environment)
    }

    private func reads(_ vault: Vault, _ admin: Requester) throws -> UInt64 {
        try vault.usage(admin, .key(try path("k")), by: .hour, in: UsageSpan()).total.reads
    }

    private func read(_ vault: Vault, _ admin: Requester, times: Int) throws {
        for _ in 0..<times { _ = try vault.retrieve(admin, ValueQuery(path: try path("k"))) }
    }

    @Test("After a crash everything is counted once, saved or not; after a seal too")
    func crash() async throws {
        let (store, clock, folder) = (MemoryStore(), TestClock(), try LogFolder())
        var sink = try FileAuditSink(folder: folder.path)
        var engine = try vault(store, folder, sink, clock)
        let made = try await engine.initialize(
            .operatorAlone, passphrase: secret(TestVault.passphrase), token: nil, acceptRecoveryCode: true,
            costs: RequestedCosts())
        guard case .done(_, let text) = made else { throw Unexpected("not initialised") }
        let admin = Requester.key(text)
        _ = try await engine.put(admin, KeyWrite(path: try path("k"), fields: [SecretField("value", "v")]))
        try read(engine, admin, times: 3)
        for (saves, before) in [(false, 3), (true, 6), (false, 9)] as [(Bool, UInt64)] {
            // As if it had been killed: nothing is said to the old engine.
            sink.close()
            sink = try FileAuditSink(folder: folder.path)
            engine = try vault(store, folder, sink, clock)
            _ = await code { try engine.retrieve(admin, ValueQuery(path: try path("k"))) }
            _ = try await engine.unseal(
                .operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil, acceptDamage: false)
            #expect(try reads(engine, admin) == before)
            try read(engine, admin, times: 2)
            if saves { try await engine.maintain() }
            try read(engine, admin, times: 1)
        }
        try await engine.seal(.operatorAlone)
        #expect(await code { try reads(engine, admin) } == .sealed)
        _ = try await engine.unseal(
            .operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil, acceptDamage: false)
        #expect(try reads(engine, admin) == 12)
        sink.close()
        // Another log: what is counted stays, and what comes is counted.
        let other = try LogFolder()
        sink = try FileAuditSink(folder: other.path)
        engine = try vault(store, other, sink, clock)
        _ = try await engine.unseal(
            .operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil, acceptDamage: false)
        try read(engine, admin, times: 1)
        #expect(try reads(engine, admin) == 13)
        sink.close()
    }

    @Test("Saving costs nothing where nothing was counted, and what could not be saved is saved the next time")
    func saving() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        vault.clock.advance(.minute)
        _ = try vault.get("k")
        vault.store.fail(.notWritten)
        #expect(await code { try await vault.vault.maintain() } == .storeUnavailable)
        try await vault.vault.maintain()
        let commits = vault.store.commits
        try await vault.vault.maintain()
        #expect(vault.store.commits == commits)
        let again = try await vault.reopened()
        #expect(try again.reads("k") == 1)
    }

    @Test("Damaged pages lose statistics, and nothing else; the log says so")
    func damaged() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        vault.clock.advance(.minute)
        _ = try vault.get("k")
        try await vault.vault.maintain()
        let rows = try vault.store.rows(of: .usage)
        #expect(rows.count >= 3)
        for row in rows {
            var bytes = try #require(try vault.store.read(row))
            bytes[bytes.count - 1] ^= 1
            try vault.store.tamper([row: bytes])
        }
        let again = try await vault.reopened()
        #expect(try again.get("k") == "value")
        #expect(again.log.lines.contains("event failed usage_lost (store_damaged)"))
        #expect(try again.inspect("k").lastUsed == TestClock.start + .minute)
        try await again.vault.maintain()
        #expect(try await again.reopened().reads("k") == 1)
    }

    @Test("A page that stands in another's place is not believed")
    func swapped() async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        _ = try vault.get("k")
        try await vault.vault.maintain()
        let rows = try vault.store.rows(of: .usage)
        let one = try #require(try vault.store.read(rows[0]))
        let two = try #require(try vault.store.read(rows[1]))
        try vault.store.tamper([rows[0]: two, rows[1]: one])
        let again = try await vault.reopened()
        #expect(again.log.lines.contains("event failed usage_lost (store_damaged)"))
    }

    @Test("A vault that is open read-only writes no page")
    func readOnly() async throws {
        let vault = try await TestVault.open()
        for key in ["k", "broken"] { try await vault.put(key) }
        try await vault.vault.maintain()
        let heads = try vault.store.rows(of: .keyHead)
        try vault.store.tamper([heads[0]: nil])
        let again = try vault.restarted()
        _ = try await again.unseal(acceptDamage: true)
        let commits = again.store.commits
        _ = await code { try again.get("k") }
        _ = await code { try again.get("broken") }
        try await again.vault.maintain()
        try await again.seal()
        #expect(again.store.commits == commits)
    }

    @Test("Another data key and another root key keep what was counted", arguments: [false, true])
    func rekeyed(_ rekeys: Bool) async throws {
        let vault = try await TestVault.open()
        try await vault.put("k")
        _ = try vault.get("k")
        try await vault.vault.maintain()
        let before = try vault.store.contents().filter { $0.key.bytes[0] == RecordKind.usage.rawValue }
        if rekeys {
            _ = try await vault.vault.rekey(vault.administrator, authorizations: [try await vault.leave()])
        } else {
            _ = try await vault.vault.rotateKeyring(vault.administrator)
            _ = try await vault.vault.rewrap(vault.administrator)
        }
        let after = try vault.store.contents().filter { $0.key.bytes[0] == RecordKind.usage.rawValue }
        #expect(
            before.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
                == after.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        #expect(before.allSatisfy { after[$0.key] != $0.value })
        #expect(try await vault.reopened().reads("k") == 1)
    }
}
