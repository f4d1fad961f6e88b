internal import Audit
internal import Dispatch
internal import Policy
internal import Sealing
internal import SecretMemory
internal import Storage
internal import Synchronization

/// The one place where anything is changed: it takes all the changes that wait, checks each against memory,
/// seals one vault head over them and gives the store one atomic batch. Memory changes only when that succeeded.
///
/// A commit whose outcome is in doubt, or a store that is not what it was, ends the session.
final class Committer: Sendable {
    private struct Change: Sendable {
        var draft: AuditDraft
        /// Whether it is no change, and wants the vault head to cover all of the audit log.
        var sealsHead = false
        /// Whether nothing comes after it.
        var isLast = false
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
        /// Whether changes were taken whose commit the store has not answered.
        var underWay = false
        var closed = false

        /// Those that share the next commit: an operator's by themselves, since on a full disk no others can be audited.
        mutating func takeNext(_ most: Int) -> [Change] {
            let next = Array(waiting.prefix(most))
            let others = next.filter { !$0.draft.isOperators || $0.sealsHead }
            waiting.removeFirst(next.count)
            guard !others.isEmpty, others.count < next.count else { return next }
            waiting.insert(contentsOf: others, at: 0)
            return next.filter { $0.draft.isOperators && !$0.sealsHead }
        }
    }

    /// What the audit log says, or should say, of intents.
    private struct Intents {
        /// Written since the vault was made.
        var written: UInt64
        /// Written for the generation that is next, and not committed.
        var open = false
        /// Not committed, and not yet called so: no head is sealed over the log before that is done.
        var unclosed: [(drafts: [AuditDraft], generation: UInt64, code: VaultError.Code)] = []
    }

    /// Changes that share one commit at the most.
    private static let batchLimit = 256

    private let queue = Mutex<Queue>(Queue())
    private let worker = DispatchQueue(label: "keyturn.committer")
    private let session: Session
    private let children: ChildReader
    private let trail: AuditTrail
    /// Where checkpoints are put.
    private let log: (any AuditLog)?
    /// The head of the checkpoint that was put there last.
    private let kept = Mutex<AuditHead?>(nil)
    private let now: @Sendable () -> Timestamp
    private let random: any RandomSource
    private let rotators: RotatorDirectory
    /// Called after each commit.
    private let committed: @Sendable () -> Void
    private let counters: EngineCounters
    /// Who has to hear of changes.
    private let waiting: WaitingList
    /// Used by the worker alone.
    private let intents: Mutex<Intents>
    /// Whether bytes that were to be gone may still stand in the store's files: the next commit tries again.
    private let owesErasure = Atomic<Bool>(false)

    init(
        session: Session, children: ChildReader, trail: AuditTrail, log: (any AuditLog)?,
        now: @escaping @Sendable () -> Timestamp, random: any RandomSource, counters: EngineCounters,
        rotators: RotatorDirectory, waiting: WaitingList, committed: @escaping @Sendable () -> Void = {}
    ) {
        self.rotators = rotators
        self.committed = committed
        self.counters = counters
        self.waiting = waiting
        self.session = session
        self.children = children
        self.trail = trail
        self.log = log
        self.now = now
        self.random = random
        intents = Mutex(Intents(written: session.core.head.intents))
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
            if !error.isAudited, !draft.isQuiet { try trail.answered(draft, code: error.error.code) }
            throw error.error
        }
    }

    /// Seals the vault head over all that the audit log has on the disk. Nothing else changes, and nothing happens where
    /// the head covers all of it already.
    func sealHead() async throws(VaultError) {
        let result: Result<Void, Failure> = await withCheckedContinuation { continuation in
            enqueue(
                Self.headSealing { failure in
                    continuation.resume(returning: failure.map { .failure($0) } ?? .success(()))
                })
        }
        do throws(Failure) { try result.get() } catch { throw error.error }
    }

    /// Whether an erasure is still to be done.
    var oweErasure: Bool { owesErasure.load(ordering: .relaxed) }

    /// How many changes wait for the next commit.
    var waitingCount: Int { queue.withLock { $0.waiting.count } }

    /// Whether no commit is under way, and none waits.
    var isIdle: Bool { queue.withLock { !$0.underWay && $0.waiting.isEmpty } }

    /// Refuses what waits and what comes from now on. A commit under way goes on, and is answered.
    ///
    /// - Parameter sealsHead: whether the vault head is sealed after it, over all of the audit log.
    func abandon(sealsHead: Bool = false) {
        var sealing = Self.headSealing { _ in }
        sealing.isLast = true
        var last = sealsHead && !session.readOnly ? [sealing] : []
        if !last.isEmpty, let saving = savingConsumers() { last.insert(saving, at: 0) }
        let (left, start) = queue.withLock { queue in
            queue.closed = true
            let left = queue.waiting
            queue.waiting = last
            defer { queue.running = queue.running || !last.isEmpty }
            return (left, !queue.running && !last.isEmpty)
        }
        for change in left { change.finish(Failure(error: .sealed(), isAudited: false)) }
        if start { worker.async { self.drain() } }
    }

    /// Saves who fetched which version of the keys that are rotated, as the last change; nil where that is saved.
    private func savingConsumers() -> Change? {
        let unsaved = session.rotated().filter { $0.usage.value.unsaved }.map(\.path.text)
        guard !unsaved.isEmpty else { return nil }
        let saved = Made<[(UsageMark, UsageMark.Last)]>()
        return Change(
            draft: .usage,
            prepare: { (staging: inout Staging) throws(VaultError) in
                var marks: [(UsageMark, UsageMark.Last)] = []
                for path in unsaved { if let mark = try staging.saveUsage(path) { marks.append(mark) } }
                saved.set(marks)
            },
            finish: { failure in
                guard failure == nil else { return }
                for (mark, last) in saved.take() ?? [] { mark.saved(last) }
            })
    }

    private static func headSealing(_ finish: @escaping @Sendable (Failure?) -> Void) -> Change {
        Change(draft: AuditDraft(system: "seal_head"), sealsHead: true, prepare: { _ in }, finish: finish)
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
                let taken = queue.takeNext(Self.batchLimit)
                if taken.isEmpty { queue.running = false }
                queue.underWay = !taken.isEmpty
                return taken
            }
            if changes.isEmpty { return }
            do throws(VaultError) { try closeIntents() } catch {
                for change in changes { change.finish(Failure(error: error, isAudited: true)) }
                continue
            }
            commit(changes.filter { !$0.sealsHead })
            sealHead(for: changes.filter(\.sealsHead))
        }
    }

    /// Writes down what could not be written when a commit failed.
    private func closeIntents() throws(VaultError) {
        while let next = intents.withLock({ $0.unclosed.first }) {
            try trail.failed(next.drafts, generation: next.generation, code: next.code)
            intents.withLock { _ = $0.unclosed.removeFirst() }
        }
    }

    /// Whether the head that was sealed last has no checkpoint in the log's folder.
    var owesCheckpoint: Bool {
        let core = session.core
        return log != nil && core.checkpoint != nil && kept.withLock { $0 } != core.head.audit
    }

    /// Puts a checkpoint of the sealed head where others can copy it. What cannot be written now is tried again with the
    /// next: nothing waits for it.
    private func keepCheckpoint() {
        let core = session.core
        guard owesCheckpoint, let log, let signer = core.checkpoint?.signer,
            let note = try? signer.note(core.head, time: max(now(), core.head.timeMark)),
            (try? log.keep(checkpoint: note)) != nil
        else { return }
        kept.withLock { $0 = core.head.audit }
    }

    private func sealHead(for waiting: [Change]) {
        guard !waiting.isEmpty else { return }
        var failure: Failure?
        do throws(VaultError) {
            let core = session.core
            let audited = try trail.synced()
            let isLast = waiting.contains(where: \.isLast)
            if audited != core.head.audit || isLast || core.head.isBehind(now()) {
                let (head, batch) = try core.resealed(
                    audit: audited, now: now(), random: random,
                    consumersAreComplete: isLast && session.consumersAreSaved)
                _ = try write(batch) { $0.core.head = head }
            }
            keepCheckpoint()
        } catch {
            failure = Failure(error: error, isAudited: true)
        }
        for change in waiting { change.finish(failure) }
    }

    private func commit(_ changes: [Change]) {
        guard !changes.isEmpty else { return }
        let before = session.core.head
        var staging = Staging(
            session: session, wall: now(), random: random, children: children, rotators: rotators)
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
            let audited = try intend(drafts, generation: staging.generation)
            let head = try staging.sealedHead(audit: audited.head, intents: audited.intents, after: before)
            var batch = staging.batch(head: head.bytes, expecting: before.bytes)
            if oweErasure { batch.erasesTraces = true }
            let tracesRemain = try write(batch) { staging.apply(to: &$0, head: head.state) }
            queue.withLock { $0.underWay = false }
            committed()
            waiting.changed(paths: staging.keys.keys, issued: staging.issued.keys)
            for change in prepared {
                let failure = Failure(error: Self.tracesRemain, isAudited: true)
                change.finish(tracesRemain && change.draft.erases ? failure : nil)
            }
        } catch {
            intents.withLock { if $0.open { $0.unclosed.append((drafts, staging.generation, error.code)) } }
            try? closeIntents()
            for change in prepared { change.finish(Failure(error: error, isAudited: true)) }
        }
    }

    private func intend(
        _ drafts: [AuditDraft], generation: UInt64
    ) throws(VaultError) -> (head: AuditHead, intents: UInt64) {
        var written: UInt64 = 0
        defer {
            intents.withLock { intents in
                intents.written += written
                intents.open = written > 0
            }
        }
        let head = try trail.intend(drafts, generation: generation, written: &written)
        return (head, intents.withLock { $0.written } + written)
    }

    /// Answers changes that came to nothing: the log says that they were asked for.
    private func finishUnchanged(_ changes: [Change]) {
        for change in changes {
            do throws(VaultError) {
                if !change.draft.isQuiet { try trail.answered(change.draft, code: nil) }
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
