import Audit
import Foundation
import IssuedKeys
import Policy
import Rotators
import SecretMemory
import Sealing
import Storage
import Synchronization
import Vault

@testable import Console

/// A console over a vault in memory, with clocks that tests set.
final class ConsoleScene: Sendable {
    static let passphrase = "correct horse battery staple"
    static let token = "the-one-time-token"

    let vault: Vault
    let console: Console
    let clock: TestClock
    let policies: TestPolicies
    private let folder: String

    /// A scene with a vault that is not made yet.
    ///
    /// - Parameter log: what the audit log is read back through.
    init(policies text: String? = nil, log: (AuditLogFolder) -> any AuditLog = { $0 }) throws {
        folder = "/tmp/ktc-" + String(UInt64.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let clock = TestClock()
        let policies = TestPolicies(text)
        var settings = AuditSettings()
        // A busy disk is waited for.
        settings.patience = 60_000
        var environment = VaultEnvironment(
            store: MemoryStore(), audit: try FileAuditSink(folder: folder, settings: settings), now: { clock.wall },
            policyFiles: { policies.files },
            costLimits: CostLimits(memoryKiB: 8...65_536, iterations: 1...3, parallelism: 1...4),
            defaultCosts: DerivationCosts(memoryKiB: 64, iterations: 1, parallelism: 1),
            initializationToken: WipedBytes(utf8: Self.token))
        environment.auditLog = log(AuditLogFolder(folder))
        environment.sealPatience = 300_000
        environment.rotatorKinds = [GenerateRotatorKind()]
        vault = try Vault(environment)
        console = Console(vault: vault, now: { clock.wall }, steady: { clock.steady })
        self.clock = clock
        self.policies = policies
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Everything that the audit log says.
    var auditText: String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.map { name in
            String(decoding: FileManager.default.contents(atPath: folder + "/" + name) ?? Data(), as: UTF8.self)
        }.joined()
    }

    /// Takes the folder of the audit log away, as a lost mount does, or puts it back.
    func moveAuditLog(away: Bool) throws {
        let elsewhere = folder + ".away"
        try FileManager.default.moveItem(atPath: away ? folder : elsewhere, toPath: away ? elsewhere : folder)
    }

    /// Changes the lines of the audit log's last file.
    func editAuditLog(_ body: (inout [String]) -> Void) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("audit-") }
        let path = folder + "/" + (names.max() ?? "")
        var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        body(&lines)
        try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: false, encoding: .utf8)
    }

    /// A scene with an open vault, and its first access key.
    static func opened(
        policies: String? = nil, log: (AuditLogFolder) -> any AuditLog = { $0 }
    ) async throws -> (scene: ConsoleScene, key: String) {
        let scene = try ConsoleScene(policies: policies, log: log)
        let made = try await scene.vault.initialize(
            scene.requester(nil), passphrase: try SecretBytes(utf8: Self.passphrase),
            token: WipedBytes(utf8: Self.token), acceptRecoveryCode: true, costs: RequestedCosts())
        guard case .done(_, let key) = made else { throw Unexpected() }
        return (scene, key.disclosedText() ?? "")
    }

    /// A scene with an open vault and a browser in which its administrator has signed in.
    static func signedIn(policies: String? = nil) async throws -> (scene: ConsoleScene, browser: Browser, key: String) {
        let (scene, key) = try await opened(policies: policies)
        let browser = Browser(scene)
        try await browser.signIn(key)
        return (scene, browser, key)
    }

    func requester(_ key: String?) -> Requester {
        Requester(
            credential: key.map { .accessKey(WipedBytes(utf8: $0)) } ?? .none, door: .network,
            address: try? IPAddress(parsing: "127.0.0.1"), route: "TEST")
    }

    /// An access key with these policies.
    func accessKey(_ administrator: String, _ policies: [String], name: String = "somebody") async throws -> String {
        let minted = try await vault.issue(
            requester(administrator), AccessKeyRequest(name: name, description: "", policies: policies))
        return minted.text.disclosedText() ?? ""
    }

    /// Stores a key as its administrator.
    func put(
        _ key: String, _ path: String, _ value: String = "the value", _ metadata: MetadataChange = MetadataChange()
    ) async throws {
        _ = try await vault.put(
            requester(key),
            KeyWrite(
                path: try ResourcePath(parsing: path),
                fields: [SecretField(name: "value", value: WipedBytes(utf8: value))], metadata: metadata))
    }

    struct Unexpected: Error {}
}

/// Time as tests say.
final class TestClock: Sendable {
    private let state = Mutex<(wall: Int64, steady: Int64)>((1_800_000_000_000, 5_000))

    var wall: Int64 { state.withLock { $0.wall } }
    var steady: Int64 { state.withLock { $0.steady } }

    func pass(_ milliseconds: Int64) {
        state.withLock {
            $0.wall += milliseconds
            $0.steady += milliseconds
        }
    }

    /// Somebody sets the wall clock; no time passes.
    func putForward(_ milliseconds: Int64) { state.withLock { $0.wall += milliseconds } }
}

/// Policy files that tests change.
final class TestPolicies: Sendable {
    private let text: Mutex<String?>

    init(_ text: String?) { self.text = Mutex(text) }

    var files: [(name: String, text: String)] { text.withLock { $0.map { [("test.yaml", $0)] } ?? [] } }
    func set(_ new: String) { text.withLock { $0 = new } }
}

extension SecretBytes {
    init(utf8 text: String) throws(SecretMemoryError) {
        try self = WipedBytes(utf8: text).withBytes { (bytes) throws(SecretMemoryError) in
            try SecretBytes(copying: bytes)
        }
    }
}
