internal import Synchronization
internal import Usage
internal import VaultAPI

/// Counts requests by route and class of status, and how long they took. As many numbers as there are routes: what a
/// client writes makes none.
final class RequestMetrics: Sendable {
    /// How a request ended, in the words of the audit log.
    enum Outcome: Int, CaseIterable, Sendable {
        case allowed, refused, failed

        var word: String { "\(self)" }

        /// - Parameter code: of the problem that was the reply; nil: it was none.
        init(_ code: String?) {
            guard let code else {
                self = .allowed
                return
            }
            switch ProblemCode(rawValue: code) {
            case .unauthorized, .refused, .hostRefused, .originRefused, .wrongPassphrase, .slowDown, .rateLimited:
                self = .refused
            default: self = .failed
            }
        }
    }

    /// One route's.
    struct Numbers: Sendable {
        private var replies = [UInt64](repeating: 0, count: 5 * Outcome.allCases.count)
        var durations = Histogram.standard

        /// Replies with a status of this class, 1 to 5, that ended so.
        subscript(_ statusClass: Int, _ outcome: Outcome) -> UInt64 {
            get { replies[Self.index(statusClass, outcome)] }
            set { replies[Self.index(statusClass, outcome)] = newValue }
        }

        private static func index(_ statusClass: Int, _ outcome: Outcome) -> Int {
            (min(max(statusClass, 1), 5) - 1) * Outcome.allCases.count + outcome.rawValue
        }
    }

    /// One route's, with a lock of its own.
    private final class Row: Sendable {
        let numbers = Mutex(Numbers())
    }

    /// By ``Operation/number``; the last is that of requests that reached no route.
    private let rows: [Row]
    private let problems = Mutex<[ProblemCode: UInt64]>([:])

    init() { rows = (0...Operation.allCases.count).map { _ in Row() } }

    private func row(_ operation: Operation?) -> Row { rows[operation?.number ?? rows.count - 1] }

    /// Counts a reply that has been decided on.
    func count(_ operation: Operation?, status: Int, code: String?, microseconds: Int64) {
        row(operation).numbers.withLock { numbers in
            numbers[status / 100, Outcome(code)] += 1
            numbers.durations.observe(microseconds)
        }
        guard let code = code.flatMap({ ProblemCode(rawValue: $0) }) else { return }
        problems.withLock { $0[code, default: 0] += 1 }
    }

    func numbers(_ operation: Operation?) -> Numbers { row(operation).numbers.withLock { $0 } }
    var problemCounts: [ProblemCode: UInt64] { problems.withLock { $0 } }
}
