internal import Logging
internal import ServiceLifecycle
internal import Vault

/// What the vault wants done as time passes: counted refusals and leases are written every second, and every minute what has been
/// in the trash for its window is purged and the last uses are saved.
struct Upkeep: Service {
    let vault: Vault
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var seconds = 0
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
                vault.flushRefusals()
                vault.settleLeases()
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
}
