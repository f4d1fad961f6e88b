import Dispatch
import Storage
import StorageConformance
import Synchronization

/// A store whose commits wait while it is closed, so that a test decides what comes together.
final class Hold: RecordStore {
    private struct State {
        var isClosed = false
        var holdsAfterwards = false
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
    ///
    /// - Parameter afterwards: whether they wait once they are in the store, before anybody knows.
    func shut(afterwards: Bool = false) {
        state.withLock { state in
            state.isClosed = true
            state.holdsAfterwards = afterwards
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
        let afterwards = state.withLock { $0.holdsAfterwards }
        if afterwards { try wrapped.commit(batch) }
        hold()
        if !afterwards { try wrapped.commit(batch) }
    }

    private func hold() {
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
    }

    func read(_ key: RecordKey) throws(StorageError) -> [UInt8]? { try wrapped.read(key) }

    func scan(
        from: RecordKey?, through: RecordKey?, _ body: (RecordKey, borrowing RawSpan) throws(StorageError) -> Bool
    ) throws(StorageError) { try wrapped.scan(from: from, through: through, body) }

    func checkIdentity() throws(StorageError) { try wrapped.checkIdentity() }
    func close() { wrapped.close() }
}

/// Runs tasks on a thread that none of the others needs, where they may wait.
final class OwnThread: TaskExecutor {
    private let queue = DispatchQueue(label: "own thread")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
