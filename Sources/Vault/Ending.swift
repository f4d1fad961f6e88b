internal import Dispatch
internal import Synchronization

/// Tells when something has ended: a session, say, with which every key it held is gone from memory.
final class Ending: Sendable {
    private struct State {
        var isGone = false
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    func signal() {
        let waiting = state.withLock { state in
            state.isGone = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: true) }
    }

    /// Waits for the end without holding a thread.
    ///
    /// - Returns: false where it had not come after that time.
    func wait(milliseconds: Int) async -> Bool {
        await withCheckedContinuation { continuation in
            let number = state.withLock { state -> Int? in
                if state.isGone { return nil }
                state.last += 1
                state.waiting[state.last] = continuation
                return state.last
            }
            guard let number else { return continuation.resume(returning: true) }
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { self.giveUp(number) }
        }
    }

    private func giveUp(_ number: Int) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: false)
    }
}
