import Dispatch
import Synchronization

/// Runs `body` on `count` threads at once, with their numbers, and returns when all have ended.
package func concurrently(_ count: Int, _ body: @Sendable @escaping (Int) -> Void) {
    let group = DispatchGroup()
    for number in 0..<count { DispatchQueue(label: "test \(number)").async(group: group) { body(number) } }
    group.wait()
}

/// Counts across threads.
package final class Wins: Sendable {
    private let value = Mutex(0)
    package init() {}
    package func add() { value.withLock { $0 += 1 } }
    package var count: Int { value.withLock { $0 } }
}
