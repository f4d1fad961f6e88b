internal import Synchronization
internal import Vault

/// The verification that runs, or what the last one found. One for the whole console: they all find the same.
final class AuditCheckDesk: Sendable {
    enum State: Sendable {
        case none
        /// Entries that were looked at, and how many there are about.
        case running(UInt64, UInt64)
        case done(AuditReport, at: Int64)
        case failed(String)
        case stopped
    }

    private struct Work {
        var state: State = .none
        var task: Task<Void, Never>?
        /// Of the verification that may still say something.
        var number = 0
    }

    private let work = Mutex(Work())
    private let now: @Sendable () -> Int64

    init(now: @escaping @Sendable () -> Int64) { self.now = now }

    var state: State { work.withLock { $0.state } }

    /// Begins one, where none runs.
    func begin(
        _ vault: Vault, _ requester: Requester, known: (sequence: UInt64, hash: String)?, mayBeginLater: Bool
    ) {
        work.withLock { work in
            if case .running = work.state { return }
            work.state = .running(0, 0)
            work.number += 1
            let number = work.number
            work.task = Task { [self] in
                do throws(VaultError) {
                    let report = try await vault.verifyAudit(
                        requester, known: known, mayBeginLater: mayBeginLater
                    ) { [self] in set(.running($0, $1), number) }
                    set(.done(report, at: now()), number)
                } catch {
                    set(.failed(error.detail), number)
                }
            }
        }
    }

    /// Ends the one that runs, and with it what it holds: the access key of whoever began it.
    func stop() {
        let task = work.withLock { work -> Task<Void, Never>? in
            guard case .running = work.state else { return nil }
            work.state = .stopped
            work.number += 1
            return work.task.take()
        }
        task?.cancel()
    }

    private func set(_ state: State, _ number: Int) {
        work.withLock { work in
            guard work.number == number else { return }
            work.state = state
            if case .running = state { return }
            work.task = nil
        }
    }
}
