package import VaultAPI

extension KeyturnVault {
    /// `GET /v1/audit:checkpoint`.
    package func auditCheckpoint() async throws(KeyturnClientError) -> CheckpointReply {
        try await send(Call(.get, "/v1/audit:checkpoint"))
    }

    /// `GET /v1/audit:verify`.
    ///
    /// - Parameter head: a head from elsewhere, `sequence:hash`.
    package func verifyAudit(
        head: String?, mayBeginLater: Bool
    ) async throws(KeyturnClientError) -> AuditVerificationReply {
        var call = Call(.get, "/v1/audit:verify")
        call.ask("head", head)
        if mayBeginLater { call.ask("may_begin_later", "true") }
        call.limit = Call.everyRecord
        return try await send(call)
    }
}
