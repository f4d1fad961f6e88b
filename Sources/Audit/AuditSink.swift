internal import Dispatch
internal import Synchronization

/// How far an entry has to have come before its request may be answered.
package enum AuditDurability: Sendable {
    /// In the file, and no answer waits for it: a further sink that is away does not refuse it.
    case noted
    /// In the file. A crash of the process keeps it, a power cut may lose the last second.
    case written
    /// On the disk.
    case synced
}

extension AuditDurability {
    /// Of those that come before the last of several: what syncs that one syncs them.
    var ofOthers: AuditDurability { self == .synced ? .written : self }
}

/// What a sink answers for an entry that it took: the entry's own place in the chain.
package typealias AuditReceipt = AuditHead

/// Where entries go. No answer leaves before its entry's receipt is there.
package protocol AuditSink: Sendable {
    /// Takes an entry and calls `completion` exactly once, within the sink's patience: with a receipt when the entry
    /// is as durable as asked, or with the reason why not.
    ///
    /// A refused entry may be in the log all the same, if the sink was slow and not broken: the log may say more
    /// than happened, never less.
    ///
    /// - Parameters:
    ///   - mayUseReserve: whether space set aside for a full disk may be used: for an operator's own actions.
    ///   - completion: is called on a thread of the sink, or at once on this one; it must not wait for anything.
    func append(
        _ entry: AuditEntry, durability: AuditDurability, mayUseReserve: Bool,
        completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void)

    /// Takes entries that come together, in their order, and calls `completion` exactly once, within the sink's
    /// patience, with what ``append(_:durability:mayUseReserve:completion:)`` would have told of each. They are `synced`
    /// with the last of them: where that is not, none need be.
    func append(
        _ entries: [AuditSubmission], durability: AuditDurability,
        completion: @escaping @Sendable ([Result<AuditReceipt, AuditError>]) -> Void)

    /// Makes all that was appended before durable.
    func sync(completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void)

    /// Goes on in a new file, whose first entry has a number after `sequence` and after that of the last entry written: the
    /// numbers between are left out.
    ///
    /// - Parameter time: the new file's time, in milliseconds since 1970 UTC.
    /// - Returns: the last number before the new file, and the hash of its header; nil: this sink has no files.
    func goOn(after sequence: UInt64, time: Int64) throws(AuditError) -> AuditHead?

    /// The last entry that was written.
    var head: AuditHead { get }
    var health: AuditHealth { get }

    /// Writes what waits, syncs, and takes nothing more. Returns within the sink's patience, done or not.
    func close()
}

/// One of several entries that are appended together. An object: it is handed on often and is large.
package final class AuditSubmission: Sendable {
    package let entry: AuditEntry
    package let mayUseReserve: Bool
    /// The entry as it is written.
    let line: QueuedLine

    package init(entry: AuditEntry, mayUseReserve: Bool = false) {
        line = QueuedLine(entry, mayUseReserve: mayUseReserve)
        self.entry = entry
        self.mayUseReserve = mayUseReserve
    }
}

extension AuditSink {
    package func goOn(after sequence: UInt64, time: Int64) throws(AuditError) -> AuditHead? { nil }

    /// One by one, for sinks that have no better way.
    package func append(
        _ entries: [AuditSubmission], durability: AuditDurability,
        completion: @escaping @Sendable ([Result<AuditReceipt, AuditError>]) -> Void
    ) {
        let replies = JointReply(count: entries.count, completion)
        for (index, submission) in entries.enumerated() {
            let isLast = index == entries.count - 1
            append(
                submission.entry, durability: isLast ? durability : durability.ofOthers,
                mayUseReserve: submission.mayUseReserve
            ) { replies.put($0, at: index) }
        }
    }

    /// Appends and waits for the receipt; at most for the sink's patience.
    ///
    /// - Throws: why the entry was not taken. The request that it stands for must not be answered then.
    @discardableResult
    package func append(
        _ entry: AuditEntry, durability: AuditDurability = .written, mayUseReserve: Bool = false
    ) throws(AuditError) -> AuditReceipt {
        let reply = BlockingReply<Result<AuditReceipt, AuditError>>()
        append(entry, durability: durability, mayUseReserve: mayUseReserve) { reply.put($0) }
        return try reply.wait().get()
    }

    /// Appends entries that come together and waits until all are as durable as asked, or will not be.
    ///
    /// - Returns: what became of each.
    package func append(
        _ entries: [AuditSubmission], durability: AuditDurability = .written
    ) -> [Result<AuditReceipt, AuditError>] {
        let reply = BlockingReply<[Result<AuditReceipt, AuditError>]>()
        append(entries, durability: durability) { reply.put($0) }
        return reply.wait()
    }

    /// Appends without use of the reserve.
    package func append(
        _ entry: AuditEntry, durability: AuditDurability,
        completion: @escaping @Sendable (Result<AuditReceipt, AuditError>) -> Void
    ) {
        append(entry, durability: durability, mayUseReserve: false, completion: completion)
    }

    /// Syncs and waits for it; at most for the sink's patience.
    ///
    /// - Returns: the last entry that is known to be durable.
    @discardableResult
    package func sync() throws(AuditError) -> AuditReceipt {
        let reply = BlockingReply<Result<AuditReceipt, AuditError>>()
        sync { reply.put($0) }
        return try reply.wait().get()
    }
}

/// How a sink is, for health checks and metrics. Nothing in it needs a file to be asked.
package struct AuditHealth: Equatable, Sendable {
    package var name: String
    /// The last entry written.
    package var written: AuditHead
    /// The last entry known to be on the disk.
    package var synced: AuditHead
    /// Milliseconds since the oldest entry that is written and not synced; 0 where there is none.
    package var unsyncedFor: Int64
    /// Entries that wait to be written.
    package var waiting: Int
    /// Why the last entry was refused; nil once one has been taken since.
    package var failure: AuditError.Reason?
    /// Bytes set aside for a full disk that remain, and that there should be.
    package var reserve: Int64
    package var fullReserve: Int64
    /// The further sinks beside the file.
    package var further: [FurtherHealth] = []

    /// Why requests are refused, if so, and on account of which sink.
    package var refusal: AuditError? {
        if let failure { return AuditError(sink: name, failure) }
        return further.first { $0.isRefusing }.map { AuditError(sink: $0.name, $0.failure ?? .blocked) }
    }

    package init(
        name: String, written: AuditHead, synced: AuditHead, unsyncedFor: Int64 = 0, waiting: Int = 0,
        failure: AuditError.Reason? = nil, reserve: Int64 = 0, fullReserve: Int64 = 0
    ) {
        self.name = name
        self.written = written
        self.synced = synced
        self.unsyncedFor = unsyncedFor
        self.waiting = waiting
        self.failure = failure
        self.reserve = reserve
        self.fullReserve = fullReserve
    }
}

/// The results of entries that were appended together, given on when the last of them is there.
final class JointReply: Sendable {
    private struct Results {
        /// By place; the start of the log where none has come yet.
        var receipts: [AuditReceipt]
        var failures: [(index: Int, error: AuditError)] = []
        var missing: Int

        var all: [Result<AuditReceipt, AuditError>] {
            var all = receipts.map { Result<AuditReceipt, AuditError>.success($0) }
            for (index, error) in failures { all[index] = .failure(error) }
            return all
        }
    }

    private let results: Mutex<Results>
    private let completion: @Sendable ([Result<AuditReceipt, AuditError>]) -> Void

    init(count: Int, _ completion: @escaping @Sendable ([Result<AuditReceipt, AuditError>]) -> Void) {
        results = Mutex(Results(receipts: Array(repeating: .start, count: count), missing: count))
        self.completion = completion
        if count == 0 { completion([]) }
    }

    func put(_ result: Result<AuditReceipt, AuditError>, at index: Int) {
        let whole = results.withLock { results -> [Result<AuditReceipt, AuditError>]? in
            switch result {
            case .success(let receipt): results.receipts[index] = receipt
            case .failure(let error): results.failures.append((index, error))
            }
            results.missing -= 1
            return results.missing == 0 ? results.all : nil
        }
        if let whole { completion(whole) }
    }
}

/// A result that one thread puts and another waits for.
private final class BlockingReply<Value: Sendable>: Sendable {
    private let ready = DispatchSemaphore(value: 0)
    private let result = Mutex<Value?>(nil)

    func put(_ value: Value) {
        result.withLock { $0 = value }
        ready.signal()
    }

    func wait() -> Value {
        while true {
            ready.wait()
            if let value = result.withLock({ $0 }) { return value }
        }
    }
}
