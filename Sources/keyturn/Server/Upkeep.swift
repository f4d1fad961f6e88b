internal import Logging
internal import ServiceLifecycle
internal import Vault

/// What the vault wants done as time passes: every second counted refusals and leases are written and the vault head is
/// sealed over the audit log, and every minute what has been in the trash for its window is purged and the last uses are
/// saved.
struct Upkeep: Service {
    let vault: Vault
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var seconds = 0
            while !Task.isCancelled {
                do { try await Ticks.second() } catch { return }
                vault.flushRefusals()
                vault.settleLeases()
                await anchor()
                vault.maintainAuditIndex()
                seconds += 1
                guard seconds % 60 == 0 else { continue }
                do throws(VaultError) {
                    let purged = try await vault.maintain()
                    if purged > 0 { logger.info("purged from the trash", metadata: ["keys": "\(purged)"]) }
                } catch {
                    logger.warning("upkeep failed", metadata: ["code": "\(error.code.rawValue)"])
                }
            }
        }
    }

    private func anchor() async {
        do throws(VaultError) { try await vault.anchor() } catch {
            // Sealed meanwhile: there is nothing to cover.
            guard error.code != .sealed else { return }
            logger.warning("the vault head was not sealed", metadata: ["code": "\(error.code.rawValue)"])
        }
    }
}
