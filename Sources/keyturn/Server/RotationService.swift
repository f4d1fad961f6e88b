internal import ServiceLifecycle
internal import Vault

/// Has rotations happen in their time: the vault is asked every second, and at once where something has changed. Where
/// nothing is due that costs next to nothing, however many keys are rotated.
struct RotationService: Service {
    let vault: Vault

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        vault.rotateDue()
                        do { try await Ticks.second() } catch { return }
                    }
                }
                group.addTask {
                    while !Task.isCancelled {
                        await vault.rotationsChanged()
                        vault.rotateDue()
                    }
                }
            }
        }
    }
}
