internal import Synchronization

/// The wait of one retrieval for its key to change: how long it may take, and the way to end it early.
package final class RetrievalWait: Sendable {
    /// How long at most, in milliseconds.
    package let milliseconds: Int64
    private let state = Mutex(State())

    private struct State {
        var isOver = false
        var ended: ContinuousClock.Instant?
        var wake: (@Sendable () -> Void)?
    }

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Ends it: the retrieval is answered with what is there now. Whoever waits no longer is not disturbed.
    package func end() {
        let wake = state.withLock { state in
            state.isOver = true
            return state.wake.take()
        }
        wake?()
    }

    /// When somebody was told who had waited; nil where nobody waited.
    package var ended: ContinuousClock.Instant? { state.withLock { $0.ended } }

    var isOver: Bool { state.withLock { $0.isOver } }

    /// The waiting begins.
    ///
    /// - Parameter wake: called once where ``end()`` is, or was.
    func begin(_ wake: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if !state.isOver { state.wake = wake }
            return state.isOver
        }
        if isOver { wake() }
    }

    func finish() {
        state.withLock { state in
            state.wake = nil
            state.ended = .now
        }
    }
}
