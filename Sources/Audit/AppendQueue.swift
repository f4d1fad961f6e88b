/// Which entries wait, which are being written or synced, and which of them have waited too long.
///
/// Pure: time comes in, what to do goes out. Three threads drive it: one writes, one syncs, one watches the clock, so
/// that an entry is refused in time even while a write hangs.
struct AppendQueue: Sendable {
    typealias Completion = @Sendable (Result<AuditReceipt, AuditError>) -> Void

    /// Who is told of an entry.
    enum Asker: Sendable {
        case one(Completion)
        /// The entry of this place among those that came together.
        case several(JointReply, at: Int)

        func tell(_ result: Result<AuditReceipt, AuditError>) {
            switch self {
            case .one(let completion): completion(result)
            case .several(let reply, let index): reply.put(result, at: index)
            }
        }
    }

    struct Pending: Sendable {
        let line: QueuedLine
        let durability: AuditDurability
        let asker: Asker
        fileprivate(set) var deadline: Int64 = 0

        init(line: QueuedLine, durability: AuditDurability, asker: Asker) {
            self.line = line
            self.durability = durability
            self.asker = asker
        }

        init(line: QueuedLine, durability: AuditDurability, completion: @escaping Completion) {
            self.init(line: line, durability: durability, asker: .one(completion))
        }
    }

    /// A completion that is due; to be called outside of any lock.
    struct Settled: Sendable {
        let asker: Asker
        let result: Result<AuditReceipt, AuditError>

        func complete() { asker.tell(result) }
    }

    /// Which threads have something to do that they do not know of.
    struct Wake: OptionSet {
        let rawValue: Int
        static let writer = Wake(rawValue: 1)
        static let syncer = Wake(rawValue: 2)
        static let watch = Wake(rawValue: 4)
    }

    enum SyncStep: Equatable {
        case sync
        /// Nothing to do for this many milliseconds; nil: until woken.
        case wait(Int64?)
        case leave
    }

    private struct Unsynced: Sendable {
        let head: AuditHead
        let asker: Asker
        let deadline: Int64
    }

    let settings: AuditSettings
    private(set) var written: AuditHead
    private(set) var synced: AuditHead
    /// Since when something is written that no sync under way covers.
    private(set) var dirtySince: Int64?
    /// Since when what the sync under way covers is written.
    private var syncingDirtySince: Int64?
    /// Since when something is written and not on the disk.
    var unsyncedSince: Int64? { syncingDirtySince ?? dirtySince }
    /// Why entries are refused, or the last one was; nil once they are taken again.
    var failure: AuditError.Reason? { broken ?? (isWriterStalled || isSyncerStalled ? .blocked : lastFailure) }
    private var lastFailure: AuditError.Reason?
    private(set) var waiting: [Pending] = []
    private var writing: [Pending] = []
    private var writingSince: Int64?
    private var unsynced: [Unsynced] = []
    private var syncing: [Unsynced] = []
    private var syncingSince: Int64?
    private var syncCovers: AuditHead
    private var isWriterAwake = false
    private var isWatchArmed = false
    private var isWriterStalled = false
    private var isSyncerStalled = false
    /// After a failure that nothing but reopening mends.
    private var broken: AuditError.Reason?
    private(set) var isClosed = false
    private var hasWriterLeft = false

    init(settings: AuditSettings, head: AuditHead) {
        self.settings = settings
        written = head
        synced = head
        syncCovers = head
    }

    // MARK: Those who append

    /// Takes an entry, or says at once why not.
    mutating func submit(_ pending: Pending, now: Int64) -> (Settled?, Wake) {
        if let reason = refusal {
            return (Settled(asker: pending.asker, result: .failure(error(reason))), [])
        }
        guard waiting.count < settings.mostWaiting else {
            return (Settled(asker: pending.asker, result: .failure(error(.blocked))), [])
        }
        var pending = pending
        pending.deadline = now + settings.patience
        waiting.append(pending)
        return (nil, wakeWriter().union(armWatch()))
    }

    /// Takes a wish that all that was written so far be durable.
    mutating func submitSync(_ completion: @escaping Completion, now: Int64) -> (Settled?, Wake) {
        if let reason = refusal { return (Settled(asker: .one(completion), result: .failure(error(reason))), []) }
        guard dirtySince != nil || syncingSince != nil else {
            return (Settled(asker: .one(completion), result: .success(synced)), [])
        }
        unsynced.append(Unsynced(head: written, asker: .one(completion), deadline: now + settings.patience))
        return (nil, armWatch().union(.syncer))
    }

    /// Why nothing is taken now, if so.
    private var refusal: AuditError.Reason? {
        if isClosed { return .closed }
        if let broken { return broken }
        return isWriterStalled || isSyncerStalled ? .blocked : nil
    }

    private func error(_ reason: AuditError.Reason) -> AuditError { AuditError(sink: settings.name, reason) }

    private mutating func wakeWriter() -> Wake {
        guard !isWriterAwake else { return [] }
        isWriterAwake = true
        return .writer
    }

    private mutating func armWatch() -> Wake {
        guard !isWatchArmed else { return [] }
        isWatchArmed = true
        return .watch
    }

    // MARK: The writer

    /// The lines to write now; none when there is nothing to do, and the writer waits to be woken.
    mutating func takeBatch(now: Int64) -> [QueuedLine] {
        guard !waiting.isEmpty else {
            isWriterAwake = false
            return []
        }
        if waiting.count <= Self.batchLimit {
            swap(&writing, &waiting)
            waiting.removeAll(keepingCapacity: true)
        } else {
            writing = Array(waiting.prefix(Self.batchLimit))
            waiting.removeFirst(Self.batchLimit)
        }
        writingSince = now
        return writing.map(\.line)
    }

    /// Takes in how the batch went. If its entries have been refused meanwhile, only the head moves.
    mutating func finishBatch(_ results: [Result<AuditHead, AuditError.Reason>], now: Int64) -> ([Settled], Wake) {
        var settled: [Settled] = []
        settled.reserveCapacity(writing.count)
        var wake: Wake = []
        var worst: AuditError.Reason?
        for (index, result) in results.enumerated() {
            let pending = index < writing.count ? writing[index] : nil
            switch result {
            case .success(let head):
                written = head
                if dirtySince == nil {
                    dirtySince = now
                    wake.insert(.syncer)
                }
                guard let pending else { continue }
                if pending.durability == .synced {
                    wake.insert(.syncer)
                    unsynced.append(
                        Unsynced(head: head, asker: pending.asker, deadline: pending.deadline))
                } else {
                    settled.append(Settled(asker: pending.asker, result: .success(head)))
                }
            case .failure(let reason):
                worst = reason
                guard let pending else { continue }
                settled.append(Settled(asker: pending.asker, result: .failure(error(reason))))
            }
        }
        lastFailure = worst
        if worst == .inputOutput { settled += breakDown(.inputOutput) }
        writing.removeAll(keepingCapacity: true)
        writingSince = nil
        isWriterStalled = false
        return (settled, wake)
    }

    /// Takes in how reopening went.
    mutating func finishReopening(_ reason: AuditError.Reason?) -> [Settled] {
        lastFailure = reason
        guard reason == nil else { return [] }
        // What was written to the old file and not synced may be lost with it.
        defer { unsynced = [] }
        broken = nil
        return settle(unsynced, .inputOutput)
    }

    mutating func writerLeft() { hasWriterLeft = true }

    // MARK: The syncer

    /// What the syncer does next.
    mutating func takeSync(now: Int64) -> SyncStep {
        let isDue = dirtySince.map { now >= $0 + settings.syncInterval || isClosed } ?? false
        if broken == nil, !unsynced.isEmpty || isDue {
            swap(&syncing, &unsynced)
            syncingSince = now
            syncCovers = written
            syncingDirtySince = dirtySince
            dirtySince = nil
            return .sync
        }
        if isClosed, hasWriterLeft { return .leave }
        if broken != nil { return .wait(nil) }
        return .wait(dirtySince.map { max(1, $0 + settings.syncInterval - now) })
    }

    mutating func finishSync(_ reason: AuditError.Reason?) -> [Settled] {
        defer {
            syncing.removeAll(keepingCapacity: true)
            syncingSince = nil
            syncingDirtySince = nil
            isSyncerStalled = false
        }
        guard let reason else {
            synced = syncCovers
            if lastFailure == .blocked { lastFailure = nil }
            return syncing.map { Settled(asker: $0.asker, result: .success($0.head)) }
        }
        lastFailure = reason
        return settle(syncing, reason) + breakDown(reason)
    }

    /// Refuses all that waits: nothing is written after a failure that says nothing about what was written before.
    private mutating func breakDown(_ reason: AuditError.Reason) -> [Settled] {
        defer {
            waiting = []
            unsynced = []
        }
        broken = reason
        return settle(waiting, reason) + settle(unsynced, reason)
    }

    // MARK: The watch

    /// Refuses what has waited too long. While a write or a sync hangs, everything is refused until it returns.
    ///
    /// - Returns: what to complete, and when to look again; nil: when armed again.
    mutating func expire(now: Int64) -> ([Settled], next: Int64?) {
        var settled: [Settled] = []
        let isWriteOverdue = writingSince.map { $0 + settings.patience <= now } ?? false
        if isWriteOverdue || writing.first.map({ $0.deadline <= now }) ?? false {
            isWriterStalled = true
            settled += settle(writing, .blocked) + settle(waiting, .blocked)
            writing = []
            waiting = []
        } else {
            let late = waiting.prefix { $0.deadline <= now }.count
            settled += settle(Array(waiting.prefix(late)), .blocked)
            waiting.removeFirst(late)
        }
        let isSyncOverdue = syncingSince.map { $0 + settings.patience <= now } ?? false
        if isSyncOverdue || [syncing.first, unsynced.first].contains(where: { $0.map { $0.deadline <= now } ?? false })
        {
            isSyncerStalled = syncingSince != nil
            settled += settle(syncing, .blocked) + settle(unsynced, .blocked)
            syncing = []
            unsynced = []
        }
        if !settled.isEmpty { lastFailure = .blocked }
        let next = [
            waiting.first?.deadline, writing.first?.deadline, unsynced.first?.deadline, syncing.first?.deadline,
            isWriterStalled ? nil : writingSince.map { $0 + settings.patience },
            isSyncerStalled ? nil : syncingSince.map { $0 + settings.patience },
        ].compactMap { $0 }.min()
        if next == nil { isWatchArmed = false }
        return (settled, next)
    }

    // MARK: The end

    /// Takes nothing more. What waits is still written.
    mutating func close() -> Wake {
        isClosed = true
        isWriterAwake = true
        isWatchArmed = true
        return [.writer, .syncer, .watch]
    }

    /// Whether nothing is left that could be refused late.
    var isDrained: Bool {
        waiting.isEmpty && writing.isEmpty && unsynced.isEmpty && syncing.isEmpty
    }

    private func settle(_ pending: [Pending], _ reason: AuditError.Reason) -> [Settled] {
        pending.map { Settled(asker: $0.asker, result: .failure(error(reason))) }
    }

    private func settle(_ pending: [Unsynced], _ reason: AuditError.Reason) -> [Settled] {
        pending.map { Settled(asker: $0.asker, result: .failure(error(reason))) }
    }

    /// The most lines in one write.
    private static let batchLimit = 2048
}
