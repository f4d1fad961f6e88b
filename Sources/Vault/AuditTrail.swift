internal import Audit
internal import IssuedKeys
internal import Policy
internal import Sealing
internal import Synchronization

/// Writes the audit log as the choke point and the committer need it: nothing is answered that is not written.
final class AuditTrail: Sendable {
    /// What Keyturn does by itself.
    enum Event: String, CaseIterable {
        case started
        case policiesReloaded = "policies_reloaded"
        case policiesRefused = "policies_refused"
        case policiesChanged = "policies_changed"
        case sealedItself = "sealed_itself"
        case damageAccepted = "damage_accepted"
        /// Pages of usage could not be read: what they counted is lost.
        case usageLost = "usage_lost"
        case logAccepted = "log_accepted"
        /// The log goes on in a new file: of the one before, something may be gone.
        case logReopened = "log_reopened"
    }

    private let sink: any AuditSink
    let now: @Sendable () -> Timestamp
    /// Milliseconds of a clock that is never set.
    let steady: @Sendable () -> Int64
    let strangers: Mutex<StrangerQuota>
    /// Counts every line that is written.
    let usage = UsageLedger()
    /// Refusals to those whose rate is spent, counted in the same way.
    let limited = Mutex(StrangerQuota())

    init(
        sink: any AuditSink, now: @escaping @Sendable () -> Timestamp, steady: @escaping @Sendable () -> Int64
    ) {
        self.sink = sink
        self.now = now
        self.steady = steady
        strangers = Mutex(StrangerQuota())
    }

    /// How an operation ended, from which its line is made at the last moment. An object: it is handed on often and is
    /// large.
    final class Line: Sendable {
        let draft: AuditDraft
        let outcome: AuditEntry.Outcome
        let code: VaultError.Code?
        /// Which version was found, where that was not known when the operation began.
        let version: UInt32?

        init(
            draft: AuditDraft, outcome: AuditEntry.Outcome, code: VaultError.Code? = nil, version: UInt32? = nil
        ) {
            self.draft = draft
            self.outcome = outcome
            self.code = code
            self.version = version
        }
    }

    /// One operation that has ended: allowed where `code` is nil. A line for each key that it names.
    func answered(_ draft: AuditDraft, code: VaultError.Code?) throws(VaultError) {
        for draft in lines(draft) { try write(Line(draft: draft, outcome: Self.outcome(code), code: code)) }
    }

    /// One operation that was not permitted.
    func refused(_ draft: AuditDraft, code: VaultError.Code) throws(VaultError) {
        try write(Line(draft: draft, outcome: .refused, code: code))
    }

    /// Writes how an operation ended, and returns when it is in the file.
    func write(_ line: Line) throws(VaultError) {
        try write(entry(line), .written, line.draft)
    }

    /// Operations that have ended well together; returns when all their lines are in the file.
    func answered(_ drafts: [AuditDraft]) throws(VaultError) {
        let batch = batch(drafts.map { Line(draft: $0, outcome: .allowed) })
        for failure in batch.taken(sink.append(batch.submissions), by: usage) { if let failure { throw failure } }
    }

    /// Writes how operations ended, all of them at once, and calls `completion` when they are in the file or will not
    /// be: with what went wrong with each.
    func write(_ lines: [Line], completion: @escaping @Sendable ([VaultError?]) -> Void) {
        let batch = batch(lines)
        sink.append(batch.submissions, durability: .written) { [usage] results in
            completion(batch.taken(results, by: usage))
        }
    }

    /// Lines that are written together.
    private struct Batch: Sendable {
        var submissions: [AuditSubmission] = []
        /// What each of them counts.
        var counted: [UsageLedger.Line] = []

        /// Counts what was written; gives what went wrong with each.
        func taken(_ results: [Result<AuditReceipt, AuditError>], by usage: UsageLedger) -> [VaultError?] {
            var written: [(line: UsageLedger.Line, sequence: UInt64)] = []
            written.reserveCapacity(results.count)
            var failures = [VaultError?](repeating: nil, count: results.count)
            for (index, result) in results.enumerated() {
                switch result {
                case .success(let receipt): written.append((counted[index], receipt.sequence))
                case .failure(let error): failures[index] = VaultError(audit: error)
                }
            }
            usage.count(written)
            return failures
        }
    }

    private func batch(_ lines: [Line]) -> Batch {
        var batch = Batch()
        batch.submissions.reserveCapacity(lines.count)
        batch.counted.reserveCapacity(lines.count)
        for line in lines {
            let entry = entry(line)
            batch.counted.append(UsageLedger.Line(entry, lineage: line.draft.fields.lineage))
            batch.submissions.append(AuditSubmission(entry: entry, mayUseReserve: line.draft.fields.isOperators))
        }
        return batch
    }

    /// An operation on the seal itself, synced.
    func sealing(_ draft: AuditDraft, code: VaultError.Code?) throws(VaultError) {
        try write(entry(draft, .request, Self.outcome(code), code), .synced, draft)
    }

    /// An operation on the seal that was refused to somebody who need not be known. What cost a derivation has a line
    /// of its own; the rest, which may come a million times, is counted, unless the operator's socket was used.
    func attemptRefused(_ draft: AuditDraft, _ requester: Requester, code: VaultError.Code) throws(VaultError) {
        switch code {
        case .wrongPassphrase, .slotDamaged, .storeDamaged: try sealing(draft, code: code)
        case _ where draft.isOperators: try sealing(draft, code: code)
        default: stranger(requester, code: code)
        }
    }

    /// Changes that are about to be committed with this generation, synced before this returns.
    ///
    /// - Parameter written: is raised by one for each line that was written, or that may come to be written late.
    /// - Returns: the log's head that covers them.
    func intend(
        _ drafts: [AuditDraft], generation: UInt64, written: inout UInt64
    ) throws(VaultError) -> AuditHead {
        let entries = drafts.flatMap { draft in
            lines(draft).map {
                (
                    line: entry($0, .intent, .allowed, nil, generation: generation), lineage: draft.lineage,
                    isOperators: draft.isOperators
                )
            }
        }
        var head = AuditHead.start
        // Not more at once than the log takes in its patience, nor than may wait for it.
        for start in stride(from: 0, to: entries.count, by: Self.linesAtOnce) {
            let some = entries[start..<min(start + Self.linesAtOnce, entries.count)]
            let results = sink.append(
                some.map { AuditSubmission(entry: $0.line, mayUseReserve: $0.isOperators) },
                durability: some.endIndex == entries.count ? .synced : .written)
            var failure: AuditError?
            for (entry, result) in zip(some, results) {
                switch result {
                case .success(let receipt):
                    head = receipt
                    usage.count(entry.line, lineage: entry.lineage, line: receipt.sequence)
                    written += 1
                case .failure(let error):
                    failure = failure ?? error
                    if error.mayBeWritten { written += 1 }
                }
            }
            if let failure { throw VaultError(audit: failure) }
        }
        return head
    }

    /// Lines of one commit that the log is given together.
    private static let linesAtOnce = 1_024

    /// Changes that were intended and not committed. What cannot be written here shows at the next unseal: the intent
    /// has no commit. There is a reserve for it: no operator can act before it is written.
    func failed(_ drafts: [AuditDraft], generation: UInt64, code: VaultError.Code) throws(VaultError) {
        let outcome: AuditEntry.Outcome = code == .inDoubt ? .unknown : .failed
        for draft in drafts.flatMap(lines) {
            let line = entry(draft, .failed, outcome, code, generation: generation)
            do throws(AuditError) {
                let receipt = try sink.append(line, durability: .noted, mayUseReserve: true)
                usage.count(line, lineage: draft.lineage, line: receipt.sequence)
            } catch {
                throw VaultError(audit: error)
            }
        }
    }

    /// Intents that were found uncommitted at unseal, synced.
    func aborted(_ records: [AuditRecord], isOperators: Bool) throws(VaultError) {
        do throws(AuditError) {
            for (index, record) in records.enumerated() {
                try sink.append(
                    AuditEntry(aborted: record, time: now()),
                    durability: index == records.count - 1 ? .synced : .written, mayUseReserve: isOperators)
            }
        } catch {
            throw VaultError(audit: error)
        }
    }

    /// The last entry that is on the disk, once all that was written is.
    func synced() throws(VaultError) -> AuditHead {
        do throws(AuditError) { return try sink.sync() } catch { throw VaultError(audit: error) }
    }

    /// Whether entries were written after `head`.
    func hasMoved(since head: AuditHead) -> Bool { sink.head != head }

    /// An operator went on with a log that is not whole, synced.
    ///
    /// - Parameters:
    ///   - draft: of the unseal.
    ///   - problem: what is wrong, in one word.
    /// - Returns: where in the chain that stands.
    func accepted(_ draft: AuditDraft, problem: AuditToken) throws(VaultError) -> AuditHead {
        var accepted = draft
        accepted.action = AuditToken(Event.logAccepted)
        accepted.detail = problem
        accepted.generation = nil
        let line = entry(accepted, .event, .failed, .storeDamaged)
        do throws(AuditError) {
            let receipt = try sink.append(line, durability: .synced, mayUseReserve: draft.isOperators)
            usage.count(line, lineage: draft.lineage, line: receipt.sequence)
            return receipt
        } catch {
            throw VaultError(audit: error)
        }
    }

    /// Something that Keyturn did by itself; what cannot be written is not done less.
    func event(_ event: Event, code: VaultError.Code? = nil, digest: [UInt8]? = nil, detail: AuditToken? = nil) {
        var draft = AuditDraft(system: AuditToken(event))
        draft.detail = detail
        draft.digest = digest.flatMap { AuditHash(bytes: $0) }
        put(entry(draft, .event, code == nil ? .allowed : .failed, code))
    }

    /// Something that Keyturn did by itself and that no change goes with.
    func happened(_ draft: AuditDraft, failed: Bool) {
        put(entry(draft, .event, failed ? .failed : .allowed, nil))
    }

    /// Why nothing can be written, as far as that is known by now.
    var trouble: VaultError? { sink.health.refusal.map { VaultError(audit: $0) } }

    /// Writes what no answer waits for: the next entry that one waits for finds the sink as it is.
    ///
    /// - Parameter failed: called where it was not written, and will not be.
    func put(_ entry: AuditEntry, lineage: String = "", failed: @escaping @Sendable () -> Void = {}) {
        sink.append(entry, durability: .noted) { [usage] result in
            switch result {
            case .success(let receipt): usage.count(entry, lineage: lineage, line: receipt.sequence)
            case .failure(let error): if !error.mayBeWritten { failed() }
            }
        }
    }

    private func lines(_ draft: AuditDraft) -> [AuditDraft] {
        if draft.steps.isEmpty, draft.others.isEmpty { return [draft] }
        let steps = draft.steps.map { step in
            var line = draft
            line.key = step.key ?? draft.key
            line.issuedKey = step.issuedKey ?? draft.issuedKey
            line.version = step.version ?? draft.version
            line.detail = step.detail ?? draft.detail
            line.fault = step.code
            line.target = step.target
            return line
        }
        return (steps.isEmpty ? [draft] : steps)
            + draft.others.map { path in
                var other = draft
                other.key = path
                return other
            }
    }

    static func outcome(_ code: VaultError.Code?) -> AuditEntry.Outcome {
        switch code {
        case nil: .allowed
        case .refused, .wrongPassphrase, .unauthorized, .slowDown, .rateLimited: .refused
        default: .failed
        }
    }

    private func entry(_ line: Line) -> AuditEntry {
        entry(line.draft, .request, line.outcome, line.code, version: line.version)
    }

    private func entry(
        _ draft: AuditDraft, _ kind: AuditEntry.Kind, _ outcome: AuditEntry.Outcome, _ code: VaultError.Code?,
        generation: UInt64? = nil, version: UInt32? = nil
    ) -> AuditEntry {
        AuditEntry(
            time: now(), kind: kind, outcome: outcome, action: draft.fields.action, caller: draft.fields.caller,
            address: draft.fields.address, key: draft.fields.key, issuer: draft.fields.issuer,
            issuedKey: draft.fields.issuedKey, version: (version ?? draft.fields.version).map { UInt64($0) },
            code: code.map { AuditToken($0) } ?? draft.fields.fault, decision: draft.fields.decision,
            duration: draft.fields.began.duration(to: .now).microseconds,
            generation: generation ?? draft.fields.generation, route: draft.fields.route,
            detail: draft.fields.verified ?? draft.fields.detail, digest: draft.fields.digest,
            target: draft.fields.target)
    }

    private func write(
        _ entry: AuditEntry, _ durability: AuditDurability, _ draft: AuditDraft
    ) throws(VaultError) {
        do throws(AuditError) {
            let receipt = try sink.append(entry, durability: durability, mayUseReserve: draft.isOperators)
            usage.count(entry, lineage: draft.lineage, line: receipt.sequence)
        } catch {
            throw VaultError(audit: error)
        }
    }
}
