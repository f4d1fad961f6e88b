extension Schemas {
    private static let record: [Schema.Property] = [
        .always("id", .text), .always("issuer", .text), .always("name", .text), .always("description", .text),
        .always("owner", .text), .always("prefix", .text), .always("created", .time), .always("created_by", .text),
        .maybe("expires", .time), .always("policies", .texts),
        .always("networks", .texts, "CIDR; empty: any address."),
        .always("state", .words(["active", "expired", "revoked", "disabled", "rolled"])), .maybe("revoked", .time),
        .maybe("honoured_until", .time), .maybe("successor", .text), .maybe("predecessor", .text),
        .always("lineage", .text), .maybe("last_used", .time), .maybe("last_used_from", .text),
    ]

    /// Access keys, policies, who is asking.
    static let access: [String: Schema] = [
        "IssueAccessKeyRequest": .object([
            .always("name", .text), .maybe("description", .text), .maybe("owner", .text), .always("policies", .texts),
            .maybe("expires", .time), .maybe("lifetime", .text, "Instead of `expires`, such as `90d`."),
            .maybe("networks", .texts, "CIDR; left out: any address."),
        ]),
        "RollAccessKeyRequest": .object([.maybe("overlap", .text, "How long the old key is honoured, such as `24h`.")]),
        "AccessKeyRecord": .object(record),
        "NewAccessKey": .object(record + [.always("key", .text, "Shown this once.")]),
        "AccessKeyList": .object([.always("keys", .array(.named("AccessKeyRecord"))), .maybe("cursor", .text)]),
        "IssuerList": .object([
            .always(
                "issuers",
                .array(.object([.always("name", .text), .always("prefix", .text), .always("built_in", .boolean)])))
        ]),
        "PolicyList": .object([
            .always(
                "policies",
                .array(
                    .object([
                        .always("name", .text), .always("description", .text), .always("file", .text),
                        .always("rules", .integer), .always("tests", .integer),
                    ]))),
            .always("digest", .text), .always("loaded", .time),
        ]),
        "DecisionReply": .object([
            .always("decision", .text), .always("time", .time), .always("caller", .text), .always("action", .text),
            .always("target", .text), .always("outcome", .text), .always("explanation", .texts),
            .maybe(
                "rule",
                .object([
                    .always("policy", .text), .always("file", .text), .always("line", .integer),
                    .always("effect", .text), .maybe("reason", .text),
                ])),
        ]),
        "WhoAmIReply": .object([
            .always("kind", .words(["access-key", "unix-user", "operator", "none"])), .always("id", .text),
            .always("name", .text), .always("policies", .texts),
        ]),
        "OpenAPI": .map(.object([])),
        "Problem": .object([
            .always("type", .text), .always("title", .text), .always("status", .integer), .always("code", .text),
            .always("detail", .text), .maybe("decision", .text, "What `GET /v1/decisions/{id}` explains."),
            .maybe("missing", .text, "The action that the caller lacks."), .maybe("field", .text),
            .maybe("errors", .texts),
        ]),
    ]
}
