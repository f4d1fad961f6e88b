internal import Synchronization
internal import Usage
internal import VaultAPI

/// Counts requests by route and class of status, and how long they took. As many numbers as there are routes: what a
/// client writes makes none.
final class RequestMetrics: Sendable {
    /// One route's.
    struct Numbers: Sendable {
        /// Replies of 1xx to 5xx.
        var statuses = [UInt64](repeating: 0, count: 5)
        var durations = Histogram.standard
    }

    /// One route's, with a lock of its own.
    private final class Row: Sendable {
        let numbers = Mutex(Numbers())
    }

    /// The row of requests that reached no route stands under nil.
    private let rows: [Operation?: Row]
    private let problems = Mutex<[ProblemCode: UInt64]>([:])

    init() {
        var rows: [Operation?: Row] = [nil: Row()]
        for operation in Operation.allCases { rows[operation] = Row() }
        self.rows = rows
    }

    /// Counts a reply that has been decided on.
    func count(_ operation: Operation?, status: Int, code: String?, microseconds: Int64) {
        rows[operation]?.numbers.withLock { numbers in
            numbers.statuses[min(max(status / 100, 1), 5) - 1] += 1
            numbers.durations.observe(microseconds)
        }
        guard let code = code.flatMap({ ProblemCode(rawValue: $0) }) else { return }
        problems.withLock { $0[code, default: 0] += 1 }
    }

    func numbers(_ operation: Operation?) -> Numbers { rows[operation]?.numbers.withLock { $0 } ?? Numbers() }
    var problemCounts: [ProblemCode: UInt64] { problems.withLock { $0 } }
}
