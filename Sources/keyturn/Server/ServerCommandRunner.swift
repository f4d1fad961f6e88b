internal import Audit
internal import CProcess
internal import Glibc
internal import CWipingAllocator
internal import Logging
internal import Notices
internal import SQLiteStorage
internal import SecretMemory
internal import Server
internal import ServiceLifecycle
internal import UnixSignals
internal import Vault
internal import VaultAPI

/// Puts a server together from its parts and runs it: the only place that knows which store and which audit sink.
enum ServerCommandRunner {
    static func run(_ settings: ServerSettings) async throws {
        let logger = logger(settings)
        try protect(settings, logger)
        raiseFileLimit()
        // Whatever is wrong with the settings is told before there is anything to clean up.
        let environment = Surroundings.environment
        let configuration = try configuration(
            settings, inherited: try InheritedSockets.find(environment: environment))
        let credential = try settings.unattended.map { (unattended) throws(Failure) in
            try UnsealCredential(unattended, environment: environment)
        }
        try await refusingSettings { try configuration.check() }
        let held = try otherLoopback(configuration)
        defer { withExtendedLifetime(held) {} }
        try checkPolicies(settings)
        let rotation = try RotationParts(settings)

        let folder = try refusing("data folder \(settings.data)") { try SQLiteStorage.DataFolder(settings.data) }
        let audit = try openLog(settings)
        defer { audit.close() }
        if audit.repairedBytes > 0 {
            logger.warning("the audit log ended in a torn line, which was cut back")
        }
        let store = try refusing("store in \(settings.data)") { try SQLiteStore(folder: folder) }
        defer { store.close() }

        let vault = try makeVault(settings, store: store, audit: audit, rotation)
        rotation.serve(vault)
        let manager = ServiceManager(environment: environment)
        let server = try makeServer(configuration, vault, logger, manager, credential)
        try await serve(vault, server, rotation, audit, logger, manager)
    }

    // MARK: Parts

    private static func makeVault(
        _ settings: ServerSettings, store: SQLiteStore, audit: FileAuditSink, _ rotation: RotationParts
    ) throws -> Vault {
        let policies = PolicySource(settings)
        let token = try freshToken(settings, store)
        var environment = VaultEnvironment(
            store: store, audit: audit, now: WallClock.milliseconds, policyFiles: policies.read,
            availableKiB: { SystemMemory.now()?.availableKiB }, initializationToken: token?.text,
            initialized: { token?.remove() })
        environment.auditLog = AuditLogFolder(settings.audit)
        environment.trashWindow = settings.trashWindow
        environment.rotatorKinds = rotation.kinds
        environment.issuerDesk = rotation.issuers
        environment.notices = { [notices = rotation.notices] notice in notices.post(notice) }
        environment.usableKiB = { SystemMemory.now()?.usableKiB }
        do {
            return try Vault(environment)
        } catch {
            throw Failure(refusedStart: error)
        }
    }

    /// A token while there is no vault; none, and no file, once there is one.
    private static func freshToken(_ settings: ServerSettings, _ store: SQLiteStore) throws -> InitializationToken? {
        let hasVault = try refusing("store in \(settings.data)") { try Vault.exists(in: store) }
        guard !hasVault else {
            InitializationToken.remove(folder: settings.data)
            return nil
        }
        return try InitializationToken(folder: settings.data)
    }

    private static func configuration(
        _ settings: ServerSettings, inherited: [ServerConfiguration.InheritedSocket]
    ) throws -> ServerConfiguration {
        if settings.listenWasNamed, inherited.contains(where: { $0.address != nil }) {
            throw Failure.usage("--listen: a socket on a network was handed over already; leave this setting out")
        }
        if settings.socket != nil, inherited.contains(where: { $0.address == nil }) {
            throw Failure.usage("--socket: a local socket was handed over already; leave this setting out")
        }
        do {
            var configuration = ServerConfiguration(
                dataFolder: settings.data, listen: try Server.ListenAddress(parsing: settings.listen.description),
                tls: settings.tls.map { .init(certificate: $0.certificate, key: $0.key) },
                socket: settings.socket.map { .init(path: $0) }, allowedHosts: settings.allowedHosts,
                trustedProxies: settings.trustedProxies)
            configuration.inherited = inherited
            configuration.limits.connections = settings.connections
            configuration.hasConsole = settings.hasConsole
            return configuration
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }

    private static func otherLoopback(_ configuration: ServerConfiguration) throws(Failure) -> HeldLoopback? {
        do throws(ServerSettingError) { return try HeldLoopback(for: configuration) } catch {
            throw Failure(.failed, "--\(error)")
        }
    }

    private static func checkPolicies(_ settings: ServerSettings) throws {
        do throws(VaultError) {
            try Vault.check(policies: try PolicySource(settings).read())
        } catch {
            throw Failure(refusedStart: error)
        }
    }

    private static func makeServer(
        _ configuration: ServerConfiguration, _ vault: Vault, _ logger: Logger, _ manager: ServiceManager,
        _ credential: UnsealCredential?
    ) throws -> KeyturnServer {
        do {
            return try KeyturnServer(
                configuration: configuration, vault: vault, logger: logger, now: WallClock.milliseconds,
                onReady: { addresses in
                    logger.notice(
                        "serving",
                        metadata: [
                            "version": "\(Release.version)", "state": "\(vault.status().state.rawValue)",
                            "url": "\(addresses.url ?? "none")", "operator": "\(addresses.operatorSocket)",
                            "socket": "\(addresses.socket ?? "none")",
                        ])
                    await credential?.open(vault, logger)
                    manager.say(.ready, status: SignsOfLife.status(of: vault))
                },
                onStopped: {
                    manager.say(.stopping, status: "stopping")
                    await vault.sealAtEnd()
                })
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }

    private static func serve(
        _ vault: Vault, _ server: KeyturnServer, _ rotation: RotationParts, _ audit: FileAuditSink, _ logger: Logger,
        _ manager: ServiceManager
    ) async throws {
        var quiet = logger
        quiet.logLevel = .error
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: Upkeep(vault: vault, logger: logger)),
                .init(service: RotationService(vault: vault)),
                .init(service: SinkWatch(vault: vault, logger: logger)),
                .init(service: NoticeService(notices: rotation.notices)),
                .init(
                    service: ReloadOnHangup(
                        vault: vault, server: server, rotation: rotation, audit: audit, logger: logger)),
                .init(service: SignsOfLife(vault: vault, server: server, manager: manager)),
                .init(service: server),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        // A client that does not read its reply does not keep the keys in memory.
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        try await refusingSettings { try await ServiceGroup(configuration: configuration).run() }
        logger.notice("sealed and stopped")
    }

    // MARK: The process

    private static func logger(_ settings: ServerSettings) -> Logger {
        var logger = Logger(label: "keyturn") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
        return logger
    }

    /// Says what of this process is protected; refuses to hold keys where nothing can be.
    private static func protect(_ settings: ServerSettings, _ logger: Logger) throws {
        let protection = ProcessProtection.harden()
        for line in protection.report { logger.notice("\(line)") }
        logger.notice(
            keyturn_allocator_in_force() != 0
                ? "freed memory: wiped" : "freed memory: NOT wiped; another allocator is in force")
        if protection.canLockNothing, !settings.allowUnlockedMemory {
            throw Failure(
                .failed, "no memory can be locked, so keys may reach the swap space",
                hints: [
                    "raise the limit on locked memory (ulimit -l, LimitMEMLOCK=) or, where swap is off or encrypted, start with --allow-unlocked-memory"
                ])
        }
    }

    /// Many connections need many descriptors.
    private static func raiseFileLimit() {
        var soft: CUnsignedLongLong = 0
        var hard: CUnsignedLongLong = 0
        guard unsafe keyturn_get_limit(keyturn_limit_nofile(), &soft, &hard) == 0, soft < hard else { return }
        _ = keyturn_set_soft_limit(keyturn_limit_nofile(), min(hard, 65_536))
    }

    private static func refusingSettings(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as ServerSettingError { throw Failure(.failed, "\(error)") }
    }

    /// Runs `body`; its error ends the start, with `what` in front.
    private static func refusing<R>(_ what: String, _ body: () throws -> R) throws -> R {
        do { return try body() } catch let failure as Failure { throw failure } catch {
            throw Failure(.failed, "\(what): \(error)")
        }
    }

    private static func openLog(_ settings: ServerSettings) throws -> FileAuditSink {
        var log = AuditSettings()
        log.patience = settings.auditPatience
        do throws(AuditError) {
            return try FileAuditSink(folder: settings.audit, settings: log, further: settings.auditSinks)
        } catch {
            let hints = error.damage.map { Failure.damagedLog($0.file, in: settings.audit) } ?? []
            throw Failure(.failed, "audit folder \(settings.audit): \(error)", hints: hints)
        }
    }
}

extension Failure {
    /// Why the engine does not begin. What the sentence says already is not said again.
    fileprivate init(refusedStart error: VaultError) {
        self.init(.usage, error.detail, hints: error.lines.filter { !error.detail.contains($0) })
    }

    /// What to do about a log whose last file cannot be gone on with.
    fileprivate static func damagedLog(_ file: String, in folder: String) -> [String] {
        [
            "see what is wrong with: keyturn audit verify --log \(folder)",
            "then put the right file in its place, or move this one away with: mv \(folder)/\(file) SOMEWHERE",
            "and go on without it, once the server runs, with: keyturn unseal --accept-log",
        ]
    }
}
