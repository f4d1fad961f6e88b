extension RouteTable {
    /// That the audit log is whole.
    static let auditChain: [Route] = [
        Route(
            .auditCheckpoint, "GET", "/v1/audit:checkpoint",
            "The head of the audit log, signed, and the key to verify it with.", replies: [.ok("CheckpointReply")]),
        Route(
            .verifyAudit, "GET", "/v1/audit:verify",
            "Follow the chain of the audit log, and hold it against the sealed head.",
            query: [
                .text(
                    "head", "A head that was kept elsewhere: an entry's sequence, a colon, and its hash in hexadecimal."
                ),
                .flag("may_begin_later", "The oldest files may have been moved away."),
            ],
            replies: [.ok("AuditVerificationReply")]),
    ]
}
