internal import Audit
internal import Dispatch
internal import FoundationEssentials
internal import Sealing

/// What an operator accepts who goes on with an audit log that is not whole.
struct LogAcceptance {
    /// What is wrong, in one word.
    var problem: AuditToken
    /// Where entries are gone or the chain is broken; none where a whole log belongs to a later state of the store.
    var breaks: [AuditBreak]
    /// What was accepted before, and is still there.
    var kept: [AcceptedBreak]

    /// Where the chain is broken, in sentences. Where entries are gone is what the store knows.
    var damage: [String] { breaks.filter { $0.through == nil }.map { "audit log: \($0.explanation)" } }

    /// All that is accepted now, in the order of the chain.
    ///
    /// - Parameter entry: the one that says so.
    func accepted(by entry: AuditHead, at time: Timestamp, slot: UInt32) -> [AcceptedBreak] {
        (kept + breaks.map { AcceptedBreak($0, entry: entry, time: time, slot: slot) })
            .sorted { $0.place.before.sequence < $1.place.before.sequence }
    }
}

extension Vault {
    /// Looks through all of the audit log for what an operator goes on with, and has the log go on with numbers that are
    /// known to be new.
    ///
    /// - Returns: nil where there is nothing to accept.
    func acceptance(_ log: LogComparison?, _ open: Open) async throws(VaultError) -> LogAcceptance? {
        guard let log, let folder = environment.auditLog, !open.session.readOnly else { return nil }
        let head = open.session.core.head
        let found = try await Self.survey(folder, known: head.accepted, firstLost: log.lost?.first)
        if found.isEmpty, log.problem == nil { return nil }
        let breaks: [AuditBreak]
        do throws(AuditError) {
            breaks = try found.accepting(
                lost: log.lost.map { ($0.problem, head.audit.sequence) },
                last: max(head.audit.sequence, environment.audit.head.sequence)
            ) { (last) throws(AuditError) in
                try environment.audit.goOn(after: last, time: environment.now())
            }
        } catch {
            throw VaultError(audit: error)
        }
        let problem = log.problem ?? breaks.first.map { AuditToken($0.problem) } ?? LogComparison.putBack
        return LogAcceptance(problem: problem, breaks: breaks, kept: found.kept)
    }

    /// Reads on a thread that nobody else waits for.
    private static func survey(
        _ log: any AuditLog, known: [AcceptedBreak], firstLost: UInt64?
    ) async throws(VaultError) -> LogBreaks {
        let result: Result<LogBreaks, AuditError> = await withCheckedContinuation { continuation in
            DispatchQueue(label: "keyturn.audit.survey", qos: .utility).async {
                do throws(AuditError) {
                    continuation.resume(returning: .success(try log.survey(known: known, firstLost: firstLost)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        do throws(AuditError) { return try result.get() } catch { throw VaultError(audit: error) }
    }
}

extension AcceptedBreak {
    /// What is sealed in the vault head.
    var message: Records.AcceptedBreak {
        var message = Records.AcceptedBreak()
        message.problem = place.problem.rawValue
        message.beforeSequence = place.before.sequence
        message.beforeHash = Data(place.before.hash.bytes)
        if let after = place.after {
            message.afterSequence = after.sequence
            message.afterHash = Data(after.hash.bytes)
        }
        message.through = place.through ?? 0
        message.entrySequence = entry.sequence
        message.entryHash = Data(entry.hash.bytes)
        message.time = UInt64(time)
        message.slot = slot
        return message
    }

    /// What was sealed; nil where it is of a kind that this version does not know.
    init?(_ message: Records.AcceptedBreak) {
        guard let problem = AuditFinding.Problem(rawValue: message.problem),
            let before = AuditHash(bytes: message.beforeHash), let entry = AuditHash(bytes: message.entryHash)
        else { return nil }
        let after = AuditHash(bytes: message.afterHash).map { AuditHead(sequence: message.afterSequence, hash: $0) }
        self.init(
            AuditBreak(
                problem, before: AuditHead(sequence: message.beforeSequence, hash: before), after: after,
                through: message.through == 0 ? nil : message.through),
            entry: AuditHead(sequence: message.entrySequence, hash: entry),
            time: Int64(clamping: message.time), slot: message.slot)
    }
}
