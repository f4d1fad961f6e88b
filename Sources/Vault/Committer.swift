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
        var finish: @Sendable (VaultError?) -> Void
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

    init(
        session: Session, children: ChildReader, trail: AuditTrail, now: @escaping @Sendable () -> Timestamp,
        random: any RandomSource
    ) {
        self.session = session
        self.children = children
        self.trail = trail
        self.now = now
        self.random = random
    }

    /// Makes one change, together with whatever else waits, and returns when it is durable.
    ///
    /// - Parameter draft: what the audit log says of it: an intent before the commit, and `failed` where that fails.
    func commit<R: Sendable>(
        _ draft: AuditDraft, _ prepare: @escaping @Sendable (inout Staging) throws(VaultError) -> R
    ) async throws(VaultError) -> R {
        if session.readOnly {
            throw VaultError(.readOnly, "the vault was opened with damage and accepts no change")
        }
        let result: Result<R, VaultError> = await withCheckedContinuation { continuation in
            let made = Made<R>()
            let change = Change(
                draft: draft,
                prepare: { (staging: inout Staging) throws(VaultError) in made.set(try prepare(&staging)) },
                finish: { error in
                    if let error {
                        continuation.resume(returning: .failure(error))
                    } else if let value = made.take() {
                        continuation.resume(returning: .success(value))
                    } else {
                        continuation.resume(returning: .failure(VaultError(.internal, "a change left no result")))
                    }
                })
            enqueue(change)
        }
        return try result.get()
    }

    /// Refuses what comes from now on, and returns when what was under way has ended.
    func close() {
        abandon()
        worker.sync {}
    }

    /// Refuses what waits and what comes from now on; for the committer's own thread, which cannot wait for itself.
    func abandon() {
        let left = queue.withLock { queue in
            queue.closed = true
            defer { queue.waiting = [] }
            return queue.waiting
        }
        for change in left { change.finish(.sealed()) }
    }

    private func enqueue(_ change: Change) {
        let (start, refused) = queue.withLock { queue in
            if queue.closed { return (false, true) }
            queue.waiting.append(change)
            defer { queue.running = true }
            return (!queue.running, false)
        }
        if refused { change.finish(.sealed()) }
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
        for change in changes {
            var attempt = staging
            do throws(VaultError) {
                try change.prepare(&attempt)
                staging = attempt
                prepared.append(change)
            } catch {
                change.finish(error)
            }
        }
        guard staging.changed, !prepared.isEmpty else {
            for change in prepared { change.finish(nil) }
            return
        }
        do throws(VaultError) {
            let audited = try trail.intend(prepared.map(\.draft), generation: staging.generation)
            let head = try staging.sealedHead(audit: audited, created: before.created)
            let batch = staging.batch(head: head, expecting: before.bytes)
            let tracesRemain = try write(batch, prepared.map(\.draft), staging.generation)
            session.update { staging.apply(to: &$0, head: head) }
            for change in prepared { change.finish(tracesRemain && change.draft.erases ? Self.tracesRemain : nil) }
        } catch {
            for change in prepared { change.finish(error) }
        }
    }

    private static let tracesRemain = VaultError(
        .storeUnavailable,
        "the key is destroyed, but a reader kept the store's log from being truncated: destroy another key, or restart, to have it done"
    )

    /// Whether what was deleted may still stand in the store's log.
    private func write(_ batch: RecordBatch, _ drafts: [AuditDraft], _ generation: UInt64) throws(VaultError) -> Bool {
        do throws(StorageError) {
            try children.store.commit(batch)
            return false
        } catch {
            if case .tracesRemain = error { return true }
            let failure = VaultError(storage: error)
            trail.failed(drafts, generation: generation, code: failure.code)
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
    /// Whether memory and store may differ after this.
    var endsTrust: Bool {
        switch self {
        case .notWritten: false
        default: true
        }
    }
}
