extension Schemas {
    static let keyUser: Schema = .object([
        .always("caller", .text, "`access-key:<id>`, with the id of the first of its line, or `unix-user:<number>`."),
        .always("name", .text), .always("last", .time), .always("reads", .integer),
    ])

    /// What was counted.
    static let usage: [String: Schema] = [
        "UsageInterval": .object([.always("start", .time), .always("counts", .named("UsageTotals"))]),
        "UsageTotals": .object([
            .always("reads", .integer), .always("actions", .integer),
            .always("refusals", .map(.integer), "What was refused or failed, by code."),
            .always("verifications", .map(.integer), "How often issued keys were verified, by code."),
        ]),
        "UsageReply": .object([
            .maybe("subject", .text), .maybe("name", .text), .maybe("total", .named("UsageTotals")),
            .maybe(
                "periods",
                .array(.named("UsageInterval")),
                "Ascending; those in which nothing was counted are left out."),
            .maybe("last_used", .time), .maybe("last_used_by", .text),
            .maybe("read_by", .array(keyUser), "Of a key: the latest readers, the latest first."),
            .maybe(
                "entries",
                .array(
                    .object([
                        .always("subject", .text), .always("name", .text), .maybe("issuer", .text),
                        .maybe("created", .time), .maybe("expires", .time), .maybe("last_used", .time),
                        .maybe("last_used_by", .text), .maybe("counts", .named("UsageTotals")),
                    ])), "The list that was asked for."),
            .maybe("count", .integer, "How many entries there would be without a limit."),
        ]),
    ]
}
