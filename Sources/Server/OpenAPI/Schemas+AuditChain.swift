extension Schemas {
    private static let problems = Schema.words(["altered", "missing", "misplaced", "malformed", "cut", "rewritten"])

    /// That the audit log is whole.
    static let auditChain: [String: Schema] = [
        "CheckpointReply": .object([
            .always("checkpoint", .text, "A signed note: the log's name, an entry's sequence, its hash, the time."),
            .always("public_key", .text, "The key that verifies it."),
        ]),
        "AuditVerificationReply": .object([
            .always("ok", .boolean, "Whether nothing is wrong that nobody has accepted."),
            .maybe("outcome", .words(["whole", "accepted", "broken"])),
            .maybe("problem", .named("AuditProblem"), "The first problem that nobody has accepted."),
            .maybe("accepted", .array(.named("AcceptedBreak")), "The breaks that an operator has accepted."),
            .always("entries", .integer, "Entries that were checked and are good."),
            .always("first", .integer), .always("last", .integer), .always("hash", .text), .always("files", .integer),
            .always("bytes", .integer), .always("sealed", .integer, "The entry that the sealed head names."),
            .always("milliseconds", .integer),
        ]),
        "AcceptedBreak": .object([
            .always("kind", problems), .always("sequence", .integer, "The first entry that is bad or missing."),
            .maybe("through", .integer, "The last entry that is known to have been written."),
            .maybe("goes_on", .integer, "The first number that is checked again."),
            .always("entry", .integer, "The entry that says that it was accepted."), .always("time", .time),
            .always("slot", .integer, "The key slot that the vault was opened with."),
            .maybe("caller", .text, "Who opened it."), .always("detail", .text),
        ]),
        "AuditProblem": .object([
            .always("kind", problems),
            .always("sequence", .integer, "The first entry that is bad or missing."), .maybe("through", .integer),
            .maybe("file", .text), .always("detail", .text),
        ]),
    ]
}
