internal import CWipingAllocator
internal import Glibc
internal import Logging
internal import Policy
internal import SQLiteStorage
internal import SecretMemory
internal import Server
internal import ServiceLifecycle
internal import UnixSignals
internal import Vault

/// Keyturn's server without its audit log, so that a benchmark can tell what the log costs. It is a program of its own,
/// which nothing installs, because a setting of the real one that switches the log off would be a way to do so.
///
///     UnauditedServer DATA POLICIES HOST:PORT
@main
enum UnauditedServer {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else {
            print("usage: UnauditedServer DATA POLICIES HOST:PORT")
            exit(2)
        }
        _ = ProcessProtection.harden()
        guard keyturn_allocator_in_force() != 0 else { throw Unfair() }
        var logger = Logger(label: "unaudited") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .info

        let policies = arguments[2]
        let store = try SQLiteStore(folder: try DataFolder(arguments[1]))
        defer { store.close() }
        var environment = VaultEnvironment(
            store: store, audit: NoAudit(), now: now,
            policyFiles: { () throws(VaultError) in
                do { return try PolicyFolder.read(policies) } catch {
                    throw VaultError(.policiesRefused, "the policy files cannot be read", lines: ["\(error)"])
                }
            }, availableKiB: { SystemMemory.now()?.availableKiB })
        environment.usableKiB = { SystemMemory.now()?.usableKiB }
        let vault = try Vault(environment)
        let server = try KeyturnServer(
            configuration: ServerConfiguration(
                dataFolder: arguments[1], listen: try ListenAddress(parsing: arguments[3])),
            vault: vault, logger: logger, now: now, onStopped: { await vault.sealAtEnd() })
        try await ServiceGroup(services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
    }

    /// Milliseconds since 1970.
    @Sendable private static func now() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Freed memory is not wiped here, as it is in the real server.
    private struct Unfair: Error {}
}
