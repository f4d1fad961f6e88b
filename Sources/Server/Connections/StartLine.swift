internal import NIOCore
internal import Synchronization

/// Where listeners wait for one another: none serves before all are bound, so that nothing is ever half started.
final class StartLine: Sendable {
    private let state: Mutex<State>
    private let count: Int
    private let complete: AsyncStream<Never>
    private let arrivals: AsyncStream<Never>.Continuation

    private struct State {
        var bound: [Int: any Channel] = [:]
        var outcome: Bool?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// - Parameter count: how many listeners there are.
    init(count: Int) {
        self.count = count
        state = Mutex(State())
        (complete, arrivals) = AsyncStream.makeStream()
    }

    /// Whether requests are answered.
    var isOpen: Bool { state.withLock { $0.outcome == true } }

    /// A listener is bound. Returns when all are, and ``open()`` or ``close()`` was called.
    func arrive(_ index: Int, _ channel: any Channel) async {
        await withCheckedContinuation { continuation in
            let isDecided = state.withLock { state in
                state.bound[index] = channel
                if state.bound.count == count { arrivals.finish() }
                guard state.outcome == nil else { return true }
                state.waiting.append(continuation)
                return false
            }
            if isDecided { continuation.resume() }
        }
    }

    /// Waits until every listener has arrived.
    ///
    /// - Throws: `CancellationError` where one of them will not.
    func allBound() async throws -> [Int: any Channel] {
        for await _ in complete {}
        let bound = state.withLock { $0.bound }
        guard bound.count == count else { throw CancellationError() }
        return bound
    }

    func open() { decide(true) }

    /// Lets everybody go who waits, to serve nothing.
    func close() { decide(false) }

    private func decide(_ outcome: Bool) {
        let waiting = state.withLock { state in
            if state.outcome != true || !outcome { state.outcome = outcome }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
