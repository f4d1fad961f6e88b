internal import Server
internal import ServiceLifecycle
internal import Vault

/// Tells the service manager how the vault is and, where it keeps a watchdog, that every event loop works. A full disk is
/// no reason to be started anew, which would seal the vault.
struct SignsOfLife: Service {
    let vault: Vault
    let server: KeyturnServer
    let manager: ServiceManager

    func run() async throws {
        // Three signs in the time that it waits, and the state within a second or so.
        let pause = Duration.microseconds(Int64(min(manager.watchdog ?? 3_000_000, 3_000_000) / 3))
        await cancelWhenGracefulShutdown {
            var told: String?
            while !Task.isCancelled {
                do { try await Task.sleep(for: pause) } catch { return }
                if manager.watchdog != nil {
                    do { try await server.beat() } catch { return }
                    manager.say(.alive)
                }
                let status = Self.status(of: vault)
                if status != told { manager.say(status: status) }
                told = status
            }
        }
    }

    static func status(of vault: Vault) -> String {
        let status = vault.status()
        switch status.state {
        case .uninitialized: return "no vault yet: keyturn init"
        case .sealed: return "sealed: keyturn unseal"
        case .unsealed: return status.readOnly ? "unsealed, read-only" : "unsealed"
        }
    }
}
