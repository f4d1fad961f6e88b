import Dispatch
import Storage
import StorageConformance
import Synchronization

/// A store whose commits wait while it is closed, so that a test decides what comes together.
final class Hold: RecordStore {
    private struct State {
        var isClosed = false
        var commits = 0
        var held: [DispatchSemaphore] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let wrapped: any RecordStore
    private let state = Mutex(State())

    init(_ wrapped: any RecordStore) { self.wrapped = wrapped }

    /// Commits that were begun since ``shut()``.
    var commits: Int { state.withLock { $0.commits } }

    /// From now on commits wait.
    func shut() {
        state.withLock { state in
            state.isClosed = true
            state.commits = 0
        }
    }

    /// Lets commits go on.
    func open() {
        let held = state.withLock { state in
            state.isClosed = false
            defer { state.held = [] }
            return state.held
        }
        for semaphore in held { semaphore.signal() }
    }

    /// Returns once a commit waits.
    func reached() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.held.isEmpty { state.watchers.append(continuation) }
                return !state.held.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }

    func contents() throws -> [RecordKey: [UInt8]] { Dictionary(uniqueKeysWithValues: try wrapped.all()) }

    func commit(_ batch: RecordBatch) throws(StorageError) {
        let (semaphore, watchers) = state.withLock { state in
            state.commits += 1
            guard state.isClosed else { return (nil as DispatchSemaphore?, [CheckedContinuation<Void, Never>]()) }
            let semaphore = DispatchSemaphore(value: 0)
            state.held.append(semaphore)
            defer { state.watchers = [] }
            return (semaphore, state.watchers)
        }
        for watcher in watchers { watcher.resume() }
        semaphore?.wait()
        try wrapped.commit(batch)
    }

    func read(_ key: RecordKey) throws(StorageError) -> [UInt8]? { try wrapped.read(key) }

    func scan(
        from: RecordKey?, through: RecordKey?, _ body: (RecordKey, borrowing RawSpan) throws(StorageError) -> Bool
    ) throws(StorageError) { try wrapped.scan(from: from, through: through, body) }

    func checkIdentity() throws(StorageError) { try wrapped.checkIdentity() }
    func close() { wrapped.close() }
}
