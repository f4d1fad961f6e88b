import Audit
import Foundation
import IssuedKeys
import Logging
import NIOCore
import NIOPosix
import Rotators
import SecretMemory
import Sealing
import ServiceLifecycle
import Storage
import Synchronization
import Vault

@testable import Server

/// A server over a vault in memory, with its audit log in a temporary folder: everything real, and everything its own.
final class RunningServer: Sendable {
    static let passphrase = "correct horse battery staple"

    let folder: TemporaryFolder
    let vault: Vault
    let server: KeyturnServer
    let addresses: KeyturnServer.Addresses
    let log: RecordedLog
    let audit: FileAuditSink
    /// In force once they are reloaded.
    let policies: PolicyTexts
    let stopped: Mutex<Bool>

    private init(
        folder: TemporaryFolder, vault: Vault, server: KeyturnServer, addresses: KeyturnServer.Addresses,
        log: RecordedLog, audit: FileAuditSink, policies: PolicyTexts, stopped: consuming Mutex<Bool>
    ) {
        self.policies = policies
        self.audit = audit
        self.folder = folder
        self.vault = vault
        self.server = server
        self.addresses = addresses
        self.log = log
        self.stopped = stopped
    }

    var port: RawClient.Place { .port(addresses.port ?? 0) }
    var operatorSocket: RawClient.Place { .local(addresses.operatorSocket) }
    var socket: RawClient.Place { .local(addresses.socket ?? "") }

    func client() throws -> RawClient { try RawClient(port) }
    func client(_ place: RawClient.Place) throws -> RawClient { try RawClient(place) }

    /// Everything that the audit log says.
    var auditText: String {
        let folder = folder.path + "/audit"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.map { name in
            String(decoding: FileManager.default.contents(atPath: folder + "/" + name) ?? Data(), as: UTF8.self)
        }.joined()
    }

    /// Makes the vault through the operator's socket and gives the first access key.
    func initialize() throws -> String {
        let reply = try client(operatorSocket).ask(
            "POST", "/v1/seal:initialize?accept_recovery_code=true", body: Self.passphrase)
        guard let key = reply.json["access_key"] as? String else { throw RawClient.NoReply(received: reply.text) }
        return key
    }

    static func vault(
        _ folder: TemporaryFolder, policies: PolicyTexts = PolicyTexts([]), audit: (any AuditSink)? = nil,
        now: @escaping @Sendable () -> Int64 = RunningServer.now, steady: (@Sendable () -> Int64)? = nil
    ) throws -> Vault {
        var environment = VaultEnvironment(
            store: MemoryStore(), audit: try audit ?? sink(folder),
            now: now, policyFiles: { policies.all.withLock { $0 } },
            costLimits: CostLimits(memoryKiB: 8...65_536, iterations: 1...3, parallelism: 1...4),
            defaultCosts: DerivationCosts(memoryKiB: 64, iterations: 1, parallelism: 1),
            initializationToken: WipedBytes(utf8: "the-one-time-token"))
        environment.auditLog = AuditLogFolder(folder.path + "/audit")
        environment.rotatorKinds = [GenerateRotatorKind(), UnreachableRotatorKind()]
        environment.sealPatience = 300_000
        if let steady { environment.steady = steady }
        return try Vault(environment)
    }

    /// An audit log that waits for a busy disk.
    private static func sink(_ folder: TemporaryFolder) throws -> FileAuditSink {
        var settings = AuditSettings()
        settings.patience = 60_000
        return try FileAuditSink(folder: folder.path + "/audit", settings: settings)
    }

    /// The wall clock, in milliseconds since 1970.
    @Sendable static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// Runs `body` with a server that listens on every kind of door, and stops it gracefully afterwards.
    static func run(
        policies: [(name: String, text: String)] = [], tls: ServerConfiguration.TLSFiles? = nil,
        _ change: (inout ServerConfiguration) -> Void = { _ in },
        directory: UserDirectory = UserDirectory { "user\($0)" }, level: Logger.Level = .trace,
        now: @escaping @Sendable () -> Int64 = RunningServer.now, steady: (@Sendable () -> Int64)? = nil,
        _ body: @escaping @Sendable (RunningServer) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let audit = try sink(folder)
        defer { audit.close() }
        let policies = PolicyTexts(policies)
        let vault = try vault(folder, policies: policies, audit: audit, now: now, steady: steady)
        var configuration = ServerConfiguration(
            dataFolder: try folder.folder("data"), listen: try ListenAddress(parsing: "127.0.0.1:0"), tls: tls,
            socket: .init(path: try folder.folder("run", mode: 0o755) + "/app.sock"))
        // The machine may be busy with other tests; a client gives up before, so that what closes is not the time.
        configuration.limits.firstByte = .minutes(30)
        configuration.limits.idle = .minutes(30)
        configuration.limits.request = .minutes(30)
        configuration.limits.sealingRequest = .minutes(30)
        configuration.limits.reply = .minutes(30)
        change(&configuration)
        let log = RecordedLog()
        let logger = Logger(label: "test") { _ in RecordedLog.Handler(log: log, logLevel: level) }
        let ready = AsyncStream<KeyturnServer.Addresses>.makeStream()
        let stopped = Box()
        let server = try KeyturnServer(
            configuration: configuration, vault: vault, logger: logger, directory: directory,
            now: now,
            onReady: { ready.continuation.yield($0) }, onStopped: { stopped.value.withLock { $0 = true } })
        let quiet = Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(configuration: .init(services: [server], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { ready.continuation.finish() }
                try await group.run()
            }
            if let addresses = await ready.stream.first(where: { _ in true }) {
                let running = RunningServer(
                    folder: folder, vault: vault, server: server, addresses: addresses, log: log, audit: audit,
                    policies: policies, stopped: Mutex(false))
                do {
                    // Test bodies block on sockets: they have a thread of their own.
                    try await Self.onThread { try await body(running) }
                } catch {
                    await group.triggerGracefulShutdown()
                    try? await tasks.waitForAll()
                    throw error
                }
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
        if !stopped.value.withLock({ $0 }) { throw NotStopped() }
        await vault.sealAtEnd()
    }

    private struct NotStopped: Error {}
    private final class Box: Sendable { let value = Mutex(false) }

    private static func onThread(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await Task(executorPreference: BlockingThread.shared) { try await body() }.value
    }
}

/// Runs tasks that block, each on a thread of its own, so that they do not take the server's.
final class BlockingThread: TaskExecutor {
    static let shared = BlockingThread()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        Thread.detachNewThread { job.runSynchronously(on: executor) }
    }
}

/// Everything that was logged, at every level.
final class RecordedLog: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    struct Handler: LogHandler {
        let log: RecordedLog
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            log.lines.withLock { $0.append("\(event.level) \(event.message) \(all)") }
        }
    }
}

/// The policy files of a server, which a test may change.
final class PolicyTexts: Sendable {
    let all: Mutex<[(name: String, text: String)]>
    init(_ texts: [(name: String, text: String)]) { all = Mutex(texts) }
}
