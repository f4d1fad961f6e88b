internal import Audit
internal import Logging
internal import Server
internal import ServiceLifecycle
internal import UnixSignals
internal import Vault

/// On SIGHUP, reads the policy files, the provider files and the TLS certificate again. What fails leaves what was in force, and says
/// so. Before that, an audit log that can only go on in a new file does.
struct ReloadOnHangup: Service {
    let vault: Vault
    let server: KeyturnServer
    let rotation: RotationParts
    let audit: FileAuditSink
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals { await reload() }
        }
    }

    private func reload() async {
        reopenLog()
        do throws(VaultError) {
            try await vault.reloadPolicies()
            logger.notice("policies reloaded")
        } catch {
            logger.error("the policies were NOT reloaded; the set from before stays in force")
            for line in [error.detail] + error.lines.filter({ !error.detail.contains($0) }) { logger.error("\(line)") }
        }
        do throws(Failure) {
            try rotation.reloadProviders()
        } catch {
            logger.error("the provider files were NOT reloaded; those from before stay in force: \(error.sentence)")
        }
        do throws(ServerSettingError) {
            try server.reloadCertificates()
        } catch {
            logger.error("the TLS certificate was NOT reloaded; the one from before stays in use: \(error)")
        }
    }

    private func reopenLog() {
        switch audit.health.failure {
        case .missing?, .replaced?, .truncated?, .inputOutput?: break
        default: return
        }
        do throws(AuditError) {
            try audit.reopen(time: WallClock.milliseconds())
            vault.noteLogReopened()
            logger.notice("the audit log goes on in a new file")
        } catch {
            logger.error("the audit log was NOT reopened: \(error)")
        }
    }
}
