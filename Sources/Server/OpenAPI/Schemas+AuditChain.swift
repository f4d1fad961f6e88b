extension Schemas {
    /// That the audit log is whole.
    static let auditChain: [String: Schema] = [
        "CheckpointReply": .object([
            .always("checkpoint", .text, "A signed note: the log's name, an entry's sequence, its hash, the time."),
            .always("public_key", .text, "The key that verifies it."),
        ]),
        "AuditVerificationReply": .object([
            .always("ok", .boolean), .maybe("problem", .named("AuditProblem"), "The first problem."),
            .always("entries", .integer, "Entries that were checked and are good."),
            .always("first", .integer), .always("last", .integer), .always("hash", .text), .always("files", .integer),
            .always("bytes", .integer), .always("sealed", .integer, "The entry that the sealed head names."),
            .always("milliseconds", .integer),
        ]),
        "AuditProblem": .object([
            .always("kind", .words(["altered", "missing", "misplaced", "malformed", "cut", "rewritten"])),
            .always("sequence", .integer, "The first entry that is bad or missing."), .maybe("through", .integer),
            .maybe("file", .text), .always("detail", .text),
        ]),
    ]
}
