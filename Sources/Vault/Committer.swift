internal import Dispatch
internal import SecretMemory
internal import Sealing
internal import Storage
internal import Synchronization

/// The one place where anything is changed: it takes all the changes that wait, checks each against memory,
/// seals one vault head over them and gives the store one atomic batch. Memory changes only when that succeeded.
///
/// A commit whose outcome is in doubt, or a store that is not what it was, ends the session.
final class Committer: Sendable {
    private struct Change: Sendable {
        var draft: AuditDraft
        /// Applies the change to the copy it is given, and keeps its result; an error refuses this change alone.
        var prepare: @Sendable (inout Staging) throws(VaultError) -> Void
        /// Called once: nil after a durable commit.
        var finish: @Sendable (Failure?) -> Void
    }

    /// Why a change was not made.
    private struct Failure: Error {
        var error: VaultError
        /// Whether the audit log says so already, or cannot.
        var isAudited: Bool
    }

    private struct Queue {
        var waiting: [Change] = []
        var running = false
        var closed = false
    }

    /// Changes that share one commit at the most.
    private static let batchLimit = 256

    private let queue = Mutex<Queue>(Queue())
    private let worker = DispatchQueue(label: "keyturn.committer")
    private let session: Session
    private let children: ChildReader
    private let trail: AuditTrail
    private let now: @Sendable () -> Timestamp
    private let random: any RandomSource
    private let counters: EngineCounters
    /// Whether bytes that were to be gone may still stand in the store's files: the next commit tries again.
    private let owesErasure = Atomic<Bool>(false)

    init(
        session: Session, children: ChildReader, trail: AuditTrail, now: @escaping @Sendable () -> Timestamp,
        random: any RandomSource, counters: EngineCounters
    ) {
        self.counters = counters
        self.session = session
        self.children = children
        self.trail = trail
        self.now = now
        self.random = random
    }

    /// Makes one change, together with whatever else waits, and returns when it is durable.
    ///
    /// - Parameter draft: what the audit log says of it: an intent before the commit, and `failed` where that fails; a
    ///   line of its own where nothing came to be committed.
    func commit<R: Sendable>(
        _ draft: AuditDraft, _ prepare: @escaping @Sendable (inout Staging) throws(VaultError) -> R
    ) async throws(VaultError) -> R {
        let result: Result<R, Failure> = await withCheckedContinuation { continuation in
            let made = Made<R>()
            let change = Change(
                draft: draft,
                prepare: { (staging: inout Staging) throws(VaultError) in made.set(try prepare(&staging)) },
                finish: { failure in
                    if let failure {
                        continuation.resume(returning: .failure(failure))
                    } else if let value = made.take() {
                        continuation.resume(returning: .success(value))
                    } else {
                        let error = VaultError(.internal, "a change left no result")
                        continuation.resume(returning: .failure(Failure(error: error, isAudited: true)))
                    }
                })
            enqueue(change)
        }
        do throws(Failure) { return try result.get() } catch {
            if !error.isAudited { try trail.answered(draft, code: error.error.code) }
            throw error.error
        }
    }

    /// Whether an erasure is still to be done.
    var oweErasure: Bool { owesErasure.load(ordering: .relaxed) }

    /// How many changes wait for the next commit.
    var waitingCount: Int { queue.withLock { $0.waiting.count } }

    /// Whether no commit is under way, and none waits.
    var isIdle: Bool { queue.withLock { !$0.running } }

    /// Refuses what waits and what comes from now on. A commit under way goes on, and is answered.
    func abandon() {
        let left = queue.withLock { queue in
            queue.closed = true
            defer { queue.waiting = [] }
            return queue.waiting
        }
        for change in left { change.finish(Failure(error: .sealed(), isAudited: false)) }
    }

    private func enqueue(_ change: Change) {
        if session.readOnly {
            let error = VaultError(.readOnly, "the vault was opened with damage and accepts no change")
            return change.finish(Failure(error: error, isAudited: false))
        }
        let (start, refused) = queue.withLock { queue in
            if queue.closed { return (false, true) }
            queue.waiting.append(change)
            defer { queue.running = true }
            return (!queue.running, false)
        }
        if refused { change.finish(Failure(error: .sealed(), isAudited: false)) }
        if start { worker.async { self.drain() } }
    }

    private func drain() {
        while true {
            let changes = queue.withLock { queue in
                let taken = Array(queue.waiting.prefix(Self.batchLimit))
                queue.waiting.removeFirst(taken.count)
                if taken.isEmpty { queue.running = false }
                return taken
            }
            if changes.isEmpty { return }
            commit(changes)
        }
    }

    private func commit(_ changes: [Change]) {
        let before = session.core.head
        var staging = Staging(session: session, now: max(now(), before.timeMark), random: random, children: children)
        var prepared: [Change] = []
        for var change in changes {
            var attempt = staging
            do throws(VaultError) {
                try change.prepare(&attempt)
                change.draft.note(attempt.takeNote())
                staging = attempt
                prepared.append(change)
            } catch {
                change.finish(Failure(error: error, isAudited: false))
            }
        }
        guard staging.changed else { return finishUnchanged(prepared) }
        let drafts = prepared.map(\.draft)
        do throws(VaultError) {
            let audited = try trail.intend(drafts, generation: staging.generation)
            let head = try staging.sealedHead(audit: audited, created: before.created)
            var batch = staging.batch(head: head, expecting: before.bytes)
            if oweErasure { batch.erasesTraces = true }
            let tracesRemain = try write(batch) { staging.apply(to: &$0, head: head) }
            for change in prepared {
                let failure = Failure(error: Self.tracesRemain, isAudited: true)
                change.finish(tracesRemain && change.draft.erases ? failure : nil)
            }
        } catch {
            trail.failed(drafts, generation: staging.generation, code: error.code)
            for change in prepared { change.finish(Failure(error: error, isAudited: true)) }
        }
    }

    /// Answers changes that came to nothing: the log says that they were asked for.
    private func finishUnchanged(_ changes: [Change]) {
        for change in changes {
            do throws(VaultError) {
                try trail.answered(change.draft, code: nil)
                change.finish(nil)
            } catch {
                change.finish(Failure(error: error, isAudited: true))
            }
        }
    }

    private static let tracesRemain = VaultError(
        .storeUnavailable,
        "it is done, but what was erased may still stand in the store's log, which a reader kept from being truncated: the next change tries that again"
    )

    /// Gives the store a batch, and memory what `apply` says, with nobody between the two.
    ///
    /// - Returns: whether what was deleted may still stand in the store's log.
    private func write(
        _ batch: RecordBatch, _ apply: (inout Session.Guarded) -> Void
    ) throws(VaultError) -> Bool {
        let began = ContinuousClock.now
        let outcome: StorageError? = session.settled {
            do throws(StorageError) {
                try children.store.commit(batch)
                session.update(apply)
                return nil
            } catch {
                if case .tracesRemain = error { session.update(apply) }
                return error
            }
        }
        counters.committed(began.duration(to: .now).microseconds, failed: outcome?.isFailure == true)
        switch outcome {
        case nil:
            if batch.erasesTraces { owesErasure.store(false, ordering: .relaxed) }
            return false
        case .tracesRemain?:
            owesErasure.store(true, ordering: .relaxed)
            return true
        case let error?:
            let failure = VaultError(storage: error)
            if error.endsTrust { children.distrusted(failure) }
            throw failure
        }
    }
}

/// A result on its way from the committer's thread to whoever waits for it.
private final class Made<R: Sendable>: Sendable {
    private let value = Mutex<R?>(nil)
    func set(_ made: R) { value.withLock { $0 = made } }
    func take() -> R? { value.withLock { $0.take() } }
}

extension StorageError {
    /// Whether nothing, or nobody knows what, was stored.
    var isFailure: Bool {
        switch self {
        case .tracesRemain: false
        default: true
        }
    }

    /// Whether memory and store may differ after this.
    var endsTrust: Bool {
        switch self {
        case .notWritten: false
        default: true
        }
    }
}
