internal import Audit
internal import Dispatch
internal import Policy
internal import Sealing
internal import Synchronization

extension Vault {
    /// Seals the vault head over what has come to the audit log since, so that it shows if that is cut off or changed,
    /// and puts a checkpoint of it into the log's folder. To be called every second; without new entries, and on a vault
    /// that is sealed or read-only, nothing is done.
    package func anchor() async throws(VaultError) {
        guard let open = try? opened(), !open.session.readOnly else { return }
        let head = open.session.core.head
        guard trail.hasMoved(since: head.audit) || open.committer.owesCheckpoint || head.isBehind(environment.now())
        else { return }
        try await open.committer.sealHead()
    }

    /// A checkpoint of the head that was sealed last.
    ///
    /// - Throws: ``VaultError``: `not_found` where the vault has no key for it, because it is open read-only and was made
    ///   before there were any.
    package func checkpoint(_ requester: Requester) throws(VaultError) -> CheckpointReport {
        var admitted = try admit(requester, .audit, .vault, as: "read_checkpoint")
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let core = admitted.session.core
            guard let signer = core.checkpoint?.signer else {
                throw VaultError(
                    .notFound, "this vault has no key for checkpoints yet; one is made when it is unsealed")
            }
            return CheckpointReport(
                note: try signer.note(core.head, time: admitted.now), key: signer.key.description)
        }
    }

    /// Follows the chain through all of the audit log, and holds it against the sealed head.
    ///
    /// One at a time, on a thread of its own; it ends when the task is cancelled. It keeps no key in memory, so that the
    /// vault can be sealed meanwhile.
    ///
    /// - Parameters:
    ///   - known: a head that was kept elsewhere: the sequence of an entry and its hash as 64 hexadecimal digits.
    ///   - mayBeginLater: whether the oldest files may have been moved away.
    ///   - progress: is told now and then how many entries have been looked at, and how many there are.
    /// - Throws: ``VaultError``: `invalid_field`, `conflict` while another verification runs.
    package func verifyAudit(
        _ requester: Requester, known: (sequence: UInt64, hash: String)?, mayBeginLater: Bool,
        progress: @escaping @Sendable (UInt64, UInt64) -> Void = { _, _ in }
    ) async throws(VaultError) -> AuditReport {
        let (draft, head, log) = try beginVerification(requester)
        do throws(VaultError) {
            let report = try await verify(log, head, known, mayBeginLater, progress)
            try trail.answered(draft, code: nil)
            return report
        } catch {
            if error.code != .auditUnavailable { try trail.answered(draft, code: error.code) }
            throw error
        }
    }

    /// All that needs the session.
    private func beginVerification(
        _ requester: Requester
    ) throws(VaultError) -> (AuditDraft, Session.HeadState, (any AuditLog)?) {
        let admitted = try admit(requester, .audit, .vault, as: "verify_audit")
        return (admitted.draft, admitted.session.core.head, environment.auditLog)
    }

    private func verify(
        _ log: (any AuditLog)?, _ head: Session.HeadState, _ known: (sequence: UInt64, hash: String)?,
        _ mayBeginLater: Bool,
        _ progress: @escaping @Sendable (UInt64, UInt64) -> Void
    ) async throws(VaultError) -> AuditReport {
        guard let log else { throw VaultError(.notFound, "this audit log cannot be read back") }
        let sealed = head.audit
        var heads = [sealed]
        if let known {
            guard let hash = AuditHash(hex: Array(known.hash.utf8)), known.sequence > 0 else {
                throw VaultError(
                    .invalidField, "a head is the sequence of an entry and its hash, 64 digits 0-9a-f", field: "hash")
            }
            heads.append(AuditHead(sequence: known.sequence, hash: hash))
        }
        guard verification.begin() else {
            throw VaultError(.conflict, "the audit log is being verified for somebody else; ask again after that")
        }
        defer { verification.end() }
        let began = ContinuousClock.now
        let all = environment.audit.head.sequence
        let result = await Self.verify(log, heads, head.accepted, mayBeginLater) { progress($0, all) }
        let took = began.duration(to: .now).components
        let found: AuditVerification?
        do throws(AuditError) { found = try result.get() } catch { throw VaultError(audit: error) }
        guard let found else {
            throw VaultError(.overloaded, "the verification was ended before it was done", retryAfter: 1)
        }
        return AuditReport(
            found, sealed: sealed.sequence,
            milliseconds: took.seconds * 1_000 + took.attoseconds / 1_000_000_000_000_000)
    }

    /// Verifies on a thread that nobody else waits for.
    private static func verify(
        _ log: any AuditLog, _ heads: [AuditHead], _ accepted: [AcceptedBreak], _ mayBeginLater: Bool,
        _ progress: @escaping @Sendable (UInt64) -> Void
    ) async -> Result<AuditVerification?, AuditError> {
        let isCancelled = Cancellation()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "keyturn.audit.verify", qos: .utility).async {
                    let result: Result<AuditVerification?, AuditError>
                    var seen: UInt64 = 0
                    do throws(AuditError) {
                        result = .success(
                            try log.verify(against: heads, accepted: accepted, mayBeginLater: mayBeginLater) {
                                seen += AuditVerifier.linesBetweenQuestions
                                progress(seen)
                                return !isCancelled.isSet
                            })
                    } catch {
                        result = .failure(error)
                    }
                    continuation.resume(returning: result)
                }
            }
        } onCancel: {
            isCancelled.set()
        }
    }
}

/// Whether somebody still wants the result.
private final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}

/// At most one verification at a time.
final class OneVerification: Sendable {
    private let isRunning = Atomic<Bool>(false)
    func begin() -> Bool { !isRunning.exchange(true, ordering: .relaxed) }
    func end() { isRunning.store(false, ordering: .relaxed) }
}

extension AuditReport.Accepted {
    /// - Parameter record: the entry that accepts it, where it is in the log.
    init(_ accepted: AcceptedBreak, _ record: AuditRecord?) {
        kind = accepted.place.problem.rawValue
        sequence = accepted.place.sequence
        through = accepted.place.through
        goesOn = accepted.place.after.map { $0.sequence + 1 }
        entry = accepted.entry.sequence
        time = accepted.time
        slot = Int(accepted.slot)
        caller = record?.callerWords
        explanation = accepted.place.explanation
    }
}

extension AuditReport {
    init(_ found: AuditVerification, sealed: UInt64, milliseconds: Int64) {
        problem = found.finding.map {
            Problem(
                kind: $0.problem.rawValue, sequence: $0.sequence, through: $0.through, file: $0.file,
                explanation: $0.explanation)
        }
        outcome = found.outcome.rawValue
        accepted = found.accepted.map { Accepted($0, found.acceptances[$0.entry.sequence]) }
        entries = found.entries
        first = found.first
        last = found.head.sequence
        hash = found.head.hash.description
        files = found.files
        bytes = found.bytes
        self.sealed = sealed
        headsFound = found.headsFound
        self.milliseconds = milliseconds
    }
}
