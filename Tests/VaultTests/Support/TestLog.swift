@testable import Audit
import Synchronization

/// An audit log in memory: it keeps every entry, and refuses when it is told to.
final class TestLog: AuditSink {
    private struct State {
        var entries: [AuditEntry] = []
        var head = AuditHead.start
        var failure: AuditError.Reason?
        /// How many entries are taken before `failure` begins.
        var takes = 0
        var reserved: [Bool] = []
        var durabilities: [AuditDurability] = []
    }

    private let state = Mutex(State())

    /// What was written since ``forget()``.
    var entries: [AuditEntry] { state.withLock { $0.entries } }

    /// The entries in brief: `intent write payments/stripe`, `request refused list refused`.
    var lines: [String] { entries.map(\.brief) }

    /// Everything that is in the log, as the file would have it.
    var text: String { entries.map { String(decoding: $0.lineBody, as: UTF8.self) }.joined(separator: "\n") }

    /// Whether the reserve was allowed for each entry.
    var usedReserve: [Bool] { state.withLock { $0.reserved } }
    var synced: [Bool] {
        state.withLock { state in
            state.durabilities.map { durability in
                if case .synced = durability { return true }
                return false
            }
        }
    }

    /// Refuses every entry, after `takes` more have been taken.
    func fail(_ reason: AuditError.Reason = .full, after takes: Int = 0) {
        state.withLock { state in
            state.failure = reason
            state.takes = takes
        }
    }

    func recover() { state.withLock { $0.failure = nil } }

    func forget() {
        state.withLock { state in
            state.entries = []
            state.reserved = []
            state.durabilities = []
        }
    }

    // MARK: AuditSink

    func append(
        _ entry: AuditEntry, durability: AuditDurability, mayUseReserve: Bool,
        completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void
    ) {
        completion(
            state.withLock { state in
                if let failure = state.failure {
                    guard state.takes > 0 else { return .failure(AuditError(sink: "test", failure)) }
                    state.takes -= 1
                }
                state.entries.append(entry)
                state.reserved.append(mayUseReserve)
                state.durabilities.append(durability)
                state.head = AuditHead(
                    sequence: state.head.sequence + 1, hash: .blake2b(state.head.hash.bytes + entry.lineBody))
                return .success(state.head)
            })
    }

    func sync(completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void) {
        completion(.success(head))
    }

    var head: AuditHead { state.withLock { $0.head } }

    var health: AuditHealth {
        state.withLock { state in
            AuditHealth(
                name: "test", written: state.head, synced: state.head, unsyncedFor: 0, waiting: 0,
                failure: state.failure, reserve: 0, fullReserve: 0)
        }
    }

    func close() {}
}

extension AuditEntry {
    /// Kind, outcome where it is not `allowed`, action, target and code.
    var brief: String {
        var words = [kind.rawValue]
        if outcome != .allowed { words.append(outcome.rawValue) }
        words.append(action.text)
        if let key { words.append(key) }
        if let issuedKey { words.append(issuedKey) }
        if let code { words.append("(\(code.text))") }
        return words.joined(separator: " ")
    }
}
