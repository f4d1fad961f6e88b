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

@Suite("What was counted is kept")
struct UsageKeptTests {
    /// A vault whose log is a file, so that it can be read back.
    private func vault(
        _ store: any RecordStore, _ folder: LogFolder, _ sink: FileAuditSink, _ clock: TestClock
    ) throws -> Vault {
        var environment = VaultEnvironment(
            store: store, audit: sink, now: { clock.now }, policyFiles: { () throws(VaultError) in [] },
            costLimits: TestVault.limits, defaultCosts: TestVault.costs)
        environment.auditLog = AuditLogFolder(folder.path)
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
        var sink = try FileAuditSink(folder: folder.path, settings: .patient)
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
            sink = try FileAuditSink(folder: folder.path, settings: .patient)
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
        sink = try FileAuditSink(folder: other.path, settings: .patient)
        engine = try vault(store, other, sink, clock)
        _ = try await engine.unseal(
            .operatorAlone, passphrase: secret(TestVault.passphrase), slot: nil, acceptDamage: false, acceptLog: true)
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

    @Test("Damaged pages lose statistics, and nothing else; the log says so, and what it still has is counted again")
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
        #expect(try await again.reopened().reads("k") == 2)
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

extension AuditSettings {
    /// A machine that is busy elsewhere is no failure.
    fileprivate static var patient: AuditSettings {
        var settings = AuditSettings()
        settings.patience = 600_000
        return settings
    }
}
