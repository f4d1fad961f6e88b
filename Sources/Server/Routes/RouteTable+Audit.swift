extension RouteTable {
    /// The audit log.
    static let audit: [Route] = [
        Route(
            .searchAudit, "GET", "/v1/audit", "Search the audit log, the newest entries first, or follow it.",
            query: [
                .text("caller", "The caller's id or name."),
                .text("key", "The key's path; with `/**` at its end, the keys at and below it."),
                .text("prefix", "Only the keys at and below this path; a slash at its end makes no difference."),
                .text("action", "What was asked for, such as `retrieve`."),
                .word("outcome", ["allowed", "refused", "failed", "unknown"], "How it ended."),
                .text("code", "The error's code."),
                .text("address", "The IP address, or `unix`."),
                .text("issuer", "The issuer's name."),
                .text("issued_key", "The id of an issued key that was acted on."),
                .text("since", "Entries at this time and later."),
                .text("until", "Entries before this time."),
                .limit, .cursor,
                .text(
                    "after", "Only entries with a higher sequence, the oldest first: the `after` of the answer before."),
                .text("wait", "With `after`: wait so long for an entry, up to `60s`."),
                .word("format", ["json", "jsonl"], "`jsonl`: the lines of the log as they are, one below the other."),
            ],
            replies: [.ok("AuditPage")])
    ]
}
