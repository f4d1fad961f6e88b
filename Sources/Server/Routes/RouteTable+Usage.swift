extension RouteTable {
    /// What was counted.
    static let usage: [Route] = [
        Route(
            .usage, "GET", "/v1/usage",
            "How often keys were read, by whom, and what was refused; or a list: the most used, the unused, the expiring.",
            query: [
                .text("key", "The counts of this key."),
                .text("caller", "The counts of this caller: `access-key:<id>`, `unix-user:<number>`, or a name."),
                .text("issuer", "The counts of this issuer; in a list: issued keys of this issuer alone."),
                .text("issued_key", "The counts of this issued key, by id."),
                .word("by", ["hour", "day"], "`day` unless said."),
                .text("since", "From this time on."),
                .text("until", "Before this time."),
                .word("top", ["keys", "callers", "issued-keys"], "A list of the most used of these."),
                .word(
                    "measure", ["reads", "actions", "refusals", "verifications"],
                    "What the most is of; unless said `reads`, and of issued keys `verifications`."),
                .text("unused", "A list of those that were not used for so long, such as `30d`."),
                .text("expiring", "A list of those that expire within so long, such as `30d`."),
                .word("of", ["keys", "issued-keys"], "What `unused` and `expiring` list; `keys` unless said."),
                .limit,
            ],
            replies: [.ok("UsageReply")]),
        Route(
            .metrics, "GET", "/v1/metrics",
            "Metrics in Prometheus' text format. On this host they need no credential; from elsewhere, the action `audit`.",
            replies: [Route.Reply(status: 200, schema: nil)]),
    ]
}
