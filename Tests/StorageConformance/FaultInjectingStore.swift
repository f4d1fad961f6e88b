package import Storage
import Synchronization

/// A store that fails when it is told to, and remembers what it held at every commit.
///
/// Like a real one it refuses everything once the outcome of a commit is in doubt, until ``reopen()``.
///
/// ```swift
/// let store = FaultInjectingStore()
/// store.fail(.outcomeUnknown(applied: true), atCommit: 3)
/// // …run the engine: its third commit from here on ends in doubt…
/// for boundary in 0..<store.snapshots.count { let crashed = store.crashed(after: boundary); … }
/// ```
package final class FaultInjectingStore: RecordStore {
    /// How a commit fails.
    package enum CommitFault: Sendable, Equatable, CaseIterable {
        /// Nothing is written, and the store goes on.
        case notWritten
        /// Everything is written, and the store does not know it.
        case outcomeUnknownApplied
        /// Nothing is written, and the store does not know it.
        case outcomeUnknownLost
        /// Everything is written, but deleted bytes remain in the files.
        case tracesRemain
        /// The file has been replaced; nothing is written, and everything is refused.
        case replaced
    }

    private struct State {
        var commits = 0
        var reads = 0
        var commitFaults: [Int: CommitFault] = [:]
        var readFaults: [Int: StorageError] = [:]
        var refusal: StorageError?
        var snapshots: [[RecordKey: [UInt8]]] = []
    }

    private let wrapped: any RecordStore
    private let keepsSnapshots: Bool
    private let state = Mutex(State())
    /// One commit at a time, so that each snapshot belongs to one.
    private let turn = Mutex(())

    /// - Parameter keepsSnapshots: whether the contents are copied at the start and after each commit; for small stores.
    package init(_ wrapped: any RecordStore = MemoryStore(), keepsSnapshots: Bool = true) {
        self.wrapped = wrapped
        self.keepsSnapshots = keepsSnapshots
        if keepsSnapshots { keepSnapshot() }
    }

    // MARK: - What the test says

    /// The `nth` commit from now (1 is the next) fails as told.
    package func fail(_ fault: CommitFault, atCommit nth: Int = 1) {
        state.withLock { $0.commitFaults[$0.commits + nth] = fault }
    }

    /// The `nth` read or scan from now (1 is the next) throws `error`.
    package func failRead(_ error: StorageError = .damaged(reason: "injected"), at nth: Int = 1) {
        state.withLock { $0.readFaults[$0.reads + nth] = error }
    }

    /// The next look finds that the file was replaced.
    package func replaceFile() { state.withLock { $0.refusal = .replaced } }

    /// Ends what the store refuses for, as a new opening would.
    package func reopen() { state.withLock { $0.refusal = nil } }

    // MARK: - What the test asks

    /// Calls of `commit`, failed ones included.
    package var commits: Int { state.withLock { $0.commits } }
    /// Calls of `read` and `scan`.
    package var reads: Int { state.withLock { $0.reads } }
    /// What was stored at the start, and after each commit that had an effect.
    package var snapshots: [[RecordKey: [UInt8]]] { state.withLock { $0.snapshots } }

    /// A store as a crash after that many effective commits would have left it.
    package func crashed(after commits: Int) -> MemoryStore { MemoryStore(snapshots[commits]) }

    // MARK: - RecordStore

    package func read(_ key: RecordKey) throws(StorageError) -> [UInt8]? {
        try countRead()
        return try wrapped.read(key)
    }

    package func scan(
        from: RecordKey?, through: RecordKey?,
        _ body: (RecordKey, borrowing RawSpan) throws(StorageError) -> Bool
    ) throws(StorageError) {
        try countRead()
        try wrapped.scan(from: from, through: through, body)
    }

    package func commit(_ batch: RecordBatch) throws(StorageError) {
        try turn.withLock { (_) throws(StorageError) in
            let fault = try state.withLock { (state) throws(StorageError) in
                state.commits += 1
                if let refusal = state.refusal { throw refusal }
                return state.commitFaults.removeValue(forKey: state.commits)
            }
            switch fault {
            case .notWritten: throw .notWritten(reason: "injected")
            case .replaced: throw refuse(with: .replaced)
            case .outcomeUnknownLost:
                try checkExpectations(of: batch)
                throw refuse(with: .outcomeUnknown(reason: "injected"))
            case nil, .tracesRemain, .outcomeUnknownApplied: break
            }
            try wrapped.commit(batch)
            if keepsSnapshots { keepSnapshot() }
            if fault == .tracesRemain { throw .tracesRemain }
            if fault == .outcomeUnknownApplied { throw refuse(with: .outcomeUnknown(reason: "injected")) }
        }
    }

    package func checkIdentity() throws(StorageError) {
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
        try wrapped.checkIdentity()
    }

    package func close() { wrapped.close() }

    private func countRead() throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            state.reads += 1
            if let refusal = state.refusal { throw refusal }
            if let fault = state.readFaults.removeValue(forKey: state.reads) { throw fault }
        }
    }

    /// A conflict is found before anything is written, so no fault of the disk hides it.
    private func checkExpectations(of batch: RecordBatch) throws(StorageError) {
        try wrapped.commit(RecordBatch(expectations: batch.expectations))
    }

    private func refuse(with error: StorageError) -> StorageError {
        state.withLock { $0.refusal = error }
        return error
    }

    private func keepSnapshot() {
        guard let all = try? wrapped.all() else { return }
        let contents = Dictionary(uniqueKeysWithValues: all)
        state.withLock { $0.snapshots.append(contents) }
    }
}
