internal import Audit
internal import Glibc
internal import Logging
internal import Sealing
internal import SecretMemory
internal import Server
internal import ServiceLifecycle
internal import Storage
internal import Synchronization
internal import Vault

/// The server behind a vault for tests.
struct RunningVault: Sendable {
    let addresses: KeyturnServer.Addresses
    private let group: ServiceGroup
    private let task: Task<Void, any Error>
    private let audit: FileAuditSink
    private let clock: TestClock

    /// - Throws: ``KeyturnTestVaultError``.
    static func start(in folder: TestFolder, policies: [String: String]) async throws -> RunningVault {
        let texts = policies.sorted { $0.key < $1.key }.map { (name: $0.key, text: $0.value) }
        do throws(VaultError) {
            try Vault.check(policies: texts)
        } catch {
            throw KeyturnTestVaultError([error.detail] + error.lines)
        }
        var settings = AuditSettings()
        // The disk of a machine that runs tests may be busy with others.
        settings.patience = 60_000
        let audit = try FileAuditSink(folder: folder.path + "/audit", settings: settings)
        let clock = TestClock()
        var environment = VaultEnvironment(
            store: MemoryStore(), audit: audit, now: { clock.now }, policyFiles: { texts },
            costLimits: CostLimits(memoryKiB: 8...64, iterations: 1...1, parallelism: 1...1),
            defaultCosts: DerivationCosts(memoryKiB: 8, iterations: 1, parallelism: 1))
        environment.auditLog = AuditLogFolder(folder.path + "/audit")
        environment.sealPatience = 60_000
        let vault = try Vault(environment)
        let configuration = ServerConfiguration(
            dataFolder: try folder.make("data", mode: 0o700), listen: try ListenAddress(parsing: "127.0.0.1:0"),
            socket: .init(path: try folder.make("run", mode: 0o755) + "/keyturn.sock"))
        let quiet = Logger(label: "keyturn") { _ in SwiftLogNoOpLogHandler() }
        let (ready, continuation) = AsyncStream<KeyturnServer.Addresses>.makeStream()
        let server = try KeyturnServer(
            configuration: configuration, vault: vault, logger: quiet, now: { clock.now },
            onReady: { continuation.yield($0) }, onStopped: { await vault.sealAtEnd() })
        let group = ServiceGroup(configuration: .init(services: [server], logger: quiet))
        let task = Task {
            defer { continuation.finish() }
            try await group.run()
        }
        guard let addresses = await ready.first(where: { _ in true }) else {
            audit.close()
            do {
                try await task.value
            } catch {
                throw KeyturnTestVaultError(["the vault did not start: \(error)"])
            }
            throw KeyturnTestVaultError(["the vault did not start"])
        }
        return RunningVault(addresses: addresses, group: group, task: task, audit: audit, clock: clock)
    }

    /// Lets the vault's clock run ahead of the system's.
    func advance(by milliseconds: Int64) { clock.advance(by: milliseconds) }

    func stop() async {
        await group.triggerGracefulShutdown()
        try? await task.value
        audit.close()
    }
}

/// The system's clock, or one that is ahead of it.
private final class TestClock: Sendable {
    private let lead = Atomic<Int64>(0)

    /// Milliseconds since 1970.
    var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000 + lead.load(ordering: .relaxed)
    }

    func advance(by milliseconds: Int64) { lead.add(milliseconds, ordering: .relaxed) }
}
