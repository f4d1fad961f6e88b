internal import Vault
internal import VaultAPI

extension Operations {
    func auditCheckpoint() throws -> Reply {
        let report = try vault.checkpoint(requester)
        return try Reply(json: CheckpointReply(checkpoint: report.note, publicKey: report.key))
    }

    func verifyAudit() async throws -> Reply {
        let report = try await vault.verifyAudit(
            requester, known: try knownHead(), mayBeginLater: try query.flag("may_begin_later") ?? false)
        let problem = report.problem.map {
            AuditVerificationReply.Problem(
                kind: $0.kind, sequence: $0.sequence, through: $0.through, file: $0.file, detail: $0.explanation)
        }
        return try Reply(
            json: AuditVerificationReply(
                ok: problem == nil, problem: problem, entries: report.entries, first: report.first, last: report.last,
                hash: report.hash, files: report.files, bytes: report.bytes, sealed: report.sealed,
                milliseconds: report.milliseconds, outcome: report.outcome,
                accepted: report.accepted.map { AuditVerificationReply.Accepted($0) }))
    }

    /// The head that the caller knows from elsewhere.
    private func knownHead() throws(Refusal) -> (sequence: UInt64, hash: String)? {
        guard let text = query["head"] else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = UInt64(parts[0]) else {
            throw Refusal(.invalidField, "`head` is an entry's sequence, a colon, and its hash", field: "head")
        }
        return (sequence, String(parts[1]))
    }
}

extension AuditVerificationReply.Accepted {
    fileprivate init(_ accepted: AuditReport.Accepted) {
        self.init(
            kind: accepted.kind, sequence: accepted.sequence, through: accepted.through, goesOn: accepted.goesOn,
            entry: accepted.entry, time: VaultAPI.Timestamp(milliseconds: accepted.time).description,
            slot: accepted.slot, caller: accepted.caller, detail: accepted.explanation)
    }
}
