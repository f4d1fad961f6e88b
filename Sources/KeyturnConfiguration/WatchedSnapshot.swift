internal import Synchronization

/// The snapshot of the moment, and who wants to know of the next.
final class WatchedSnapshot: Sendable {
    private struct State {
        var snapshot: KeyturnConfigSnapshot
        var watchers: [Int: @Sendable (KeyturnConfigSnapshot) -> Void] = [:]
        var next = 0
    }

    private let state: Mutex<State>

    init(_ first: KeyturnConfigSnapshot) { state = Mutex(State(snapshot: first)) }

    var snapshot: KeyturnConfigSnapshot { state.withLock { $0.snapshot } }

    /// Calls `tell` with the snapshot of the moment and with each after it, in order.
    ///
    /// - Parameter tell: must not come back here.
    func watch(_ tell: @escaping @Sendable (KeyturnConfigSnapshot) -> Void) -> Int {
        state.withLock { state in
            state.next += 1
            state.watchers[state.next] = tell
            tell(state.snapshot)
            return state.next
        }
    }

    func stopWatching(_ number: Int) { state.withLock { _ = $0.watchers.removeValue(forKey: number) } }

    /// Nobody is told where nothing has changed.
    func put(_ snapshot: KeyturnConfigSnapshot) {
        state.withLock { state in
            guard snapshot != state.snapshot else { return }
            state.snapshot = snapshot
            for tell in state.watchers.values { tell(snapshot) }
        }
    }

    func finish() { state.withLock { $0.watchers = [:] } }
}
