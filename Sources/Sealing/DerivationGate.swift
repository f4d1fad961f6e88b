internal import Dispatch
internal import Synchronization

/// Lets one derivation run at a time, on a thread of its own, since each takes a great deal of memory and all cores.
package final class DerivationGate: Sendable {
    private struct State {
        var line: DerivationLine<CheckedContinuation<SealingError?, Never>>
        var lastNumber: UInt64 = 0
    }

    private let state: Mutex<State>
    private let worker = DispatchQueue(label: "keyturn.derivation")

    /// - Parameter room: how many may wait in each lane.
    package init(room: Int = 8) { state = Mutex(State(line: DerivationLine(room: room))) }

    /// Runs `work` when it is its turn.
    ///
    /// - Throws: ``SealingError/tooManyDerivations``, ``SealingError/derivationCancelled`` where the task was cancelled
    ///   while it waited, and what `work` throws. Work that has begun is not interrupted.
    package func run<Result: Sendable>(
        _ lane: DerivationLane, _ work: @escaping @Sendable () throws(SealingError) -> Result
    ) async throws(SealingError) -> Result {
        if let refusal = await waitForTurn(lane) { throw refusal }
        defer { state.withLock { $0.line.leave() }?.resume(returning: nil) }
        return try await withCheckedContinuation { continuation in
            worker.async {
                do throws(SealingError) {
                    continuation.resume(returning: Swift.Result<Result, SealingError>.success(try work()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }.get()
    }

    /// Nil once it is the caller's turn, or why it will not be.
    private func waitForTurn(_ lane: DerivationLane) async -> SealingError? {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let entry = state.withLock {
                    state -> DerivationLine<CheckedContinuation<SealingError?, Never>>.Entry? in
                    // The flag is set before the handler below runs, so that one of the two sees the cancellation.
                    Task.isCancelled ? nil : state.line.enter(lane, number: number, ticket: continuation)
                }
                switch entry {
                case .starts: continuation.resume(returning: nil)
                case .waits: break
                case .refused: continuation.resume(returning: .tooManyDerivations)
                case nil: continuation.resume(returning: .derivationCancelled)
                }
            }
        } onCancel: {
            state.withLock { $0.line.withdraw(number) }?.resume(returning: .derivationCancelled)
        }
    }
}
