extension Schemas {
    private static let environment = Schema.words(["live", "test"])
    private static let visibility = Schema.words(["private", "public"])
    private static let refill = Schema.words(["never", "monthly"])
    private static let metadata = Schema.map(.text)

    private static let allowance: [Schema.Property] = [
        .maybe("limits", .texts, "Such as `10/s` and `10000/d`; all of them hold."),
        .maybe("quota", .integer, "Uses in all, or in each month."),
        .maybe("quota_refill", refill, "`never` unless said."),
    ]

    private static let settings: [Schema.Property] =
        [
            .always("name", .text), .maybe("description", .text), .maybe("owner", .text), .maybe("scopes", .texts),
            .maybe("expires", .time),
            .maybe("lifetime", .text, "Instead of `expires`, such as `90d`, or `never`; the issuer's unless said."),
            .maybe("networks", .texts, "CIDR; left out: any address."),
        ] + allowance + [
            .maybe("tier", .text, "A tier of the issuer, whose limits and quota the key gets."),
            .maybe("metadata", metadata, "What a verifier is told; no secrets."),
        ]

    private static let record: [Schema.Property] =
        [
            .always("id", .text), .always("issuer", .text), .always("name", .text), .always("description", .text),
            .always("owner", .text), .always("prefix", .text), .always("created", .time),
            .always("created_by", .text), .maybe("expires", .time), .always("scopes", .texts),
            .maybe("policies", .texts, "The scopes of an access key."),
            .always("networks", .texts, "CIDR; empty: any address."), .always("limits", .texts),
            .maybe("quota", .integer), .maybe("quota_refill", refill), .maybe("tier", .text),
            .always("metadata", metadata), .always("environment", environment), .always("visibility", visibility),
            .always("state", .words(["active", "expired", "revoked", "disabled", "rolled"])), .maybe("revoked", .time),
            .maybe("honoured_until", .time), .maybe("successor", .text), .maybe("predecessor", .text),
            .always("lineage", .text), .maybe("imported", .time), .maybe("last_used", .time),
            .maybe("last_used_from", .text),
        ]

    private static let editable: [Schema.Property] = [
        .maybe("description", .text),
        .maybe("lifetime", .text, "How long keys live unless said otherwise, such as `90d`."),
        .maybe("scopes", .texts), .maybe("tiers", .map(.named("TierSettings")), "By name."),
    ]

    private static let verifiable: [Schema.Property] = [
        .always("key", .text, "What somebody presented."),
        .maybe("issuer", .text, "The issuer whose key it has to be; any that the caller may verify unless said."),
        .maybe("scope", .text, "What it is to be used for."),
        .maybe("network", .text, "The address that it came from."),
        .maybe("cost", .integer, "How many uses it counts for; 1 unless said. 0 looks without spending."),
    ]

    private static let limitsLeft = Schema.array(
        .object([.always("limit", .text), .always("remaining", .integer), .always("resets", .time)]))
    private static let quotaLeft = Schema.object([
        .always("uses", .integer), .always("used", .integer), .always("remaining", .integer),
        .always("refill", refill), .maybe("resets", .time),
    ])

    private static let report: [Schema.Property] = [
        .maybe(
            "left",
            .object([
                .always("remaining", .integer, "Uses that would be allowed now."), .always("limits", limitsLeft),
                .maybe("quota", quotaLeft),
            ]), "What limits and quota have left; absent where nothing limits the key."),
        .always(
            "usage",
            .object([
                .always("total", .named("UsageTotals"), "All that is still known."),
                .always("hours", .array(.named("UsageInterval")), "Of the last 24 hours."),
                .always("days", .array(.named("UsageInterval")), "Of the last 30 days."),
            ]), "Of an access key its requests, of others their verifications."),
    ]

    /// Issuers, issued keys and their verification.
    static let issuers: [String: Schema] = [
        "TierSettings": .object([.maybe("description", .text)] + allowance),
        "CreateIssuerRequest": .object(
            [
                .always("name", .text),
                .maybe("prefix", .text, "What its keys start with; the name unless said, with `_` for `-`."),
                .maybe("environment", environment), .maybe("visibility", visibility),
            ] + editable),
        "EditIssuerRequest": .object(editable.map { .maybe($0.name, .optional($0.schema), $0.summary) }),
        "IssuerRecord": .object([
            .always("name", .text), .always("prefix", .text), .always("built_in", .boolean),
            .always("description", .text), .maybe("lifetime", .text), .always("scopes", .texts),
            .always("tiers", .map(.named("TierSettings"))), .always("environment", environment),
            .always("visibility", visibility), .always("created", .time), .always("created_by", .text),
            .always("updated", .time), .always("keys", .integer, "How many keys it has, revoked ones included."),
        ]),
        "IssuerList": .object([.always("issuers", .array(.named("IssuerRecord"))), .maybe("cursor", .text)]),
        "IssuerRemoval": .object([.always("name", .text), .always("deleted", .boolean)]),
        "IssueKeyRequest": .object(settings + [.maybe("policies", .texts, "The scopes of an access key.")]),
        "RollKeyRequest": .object([.maybe("overlap", .text, "How long the old key is honoured, such as `24h`.")]),
        "RevokeKeysRequest": .object([.always("owner", .text)]),
        "RevokeKeysReply": .object([.always("revoked", .texts, "The ids of the keys that this revoked.")]),
        "IssuedKeyRecord": .object(record),
        "IssuedKeyReport": .object(record + report),
        "NewIssuedKey": .object(record + [.always("key", .text, "Shown this once.")]),
        "IssuedKeyList": .object([.always("keys", .array(.named("IssuedKeyRecord"))), .maybe("cursor", .text)]),
        "ImportedIssuedKey": .object(
            [
                .always("sha256", .text, "SHA-256 of the key's text, as 64 hexadecimal digits."),
                .maybe("prefix", .text, "The start of its text that may be shown."),
            ] + settings),
        "ImportIssuedKeysRequest": .object([.always("keys", .array(.named("ImportedIssuedKey")))]),
        "ImportIssuedKeysReply": .object([.always("keys", .array(.named("IssuedKeyRecord")))]),
        "FindKeysRequest": .object([.always("key", .text, "The text of a key, or as much of its start as there is.")]),
        "FindKeysReply": .object([
            .always("exact", .boolean, "Whether the text was the whole of a key."),
            .always("keys", .array(.named("IssuedKeyRecord"))),
        ]),
        "VerifyRequest": .object(verifiable),
        "VerifyReply": .object([
            .always("valid", .boolean),
            .always(
                "code",
                .words([
                    "NOT_FOUND", "EXPIRED", "REVOKED", "DISABLED", "NETWORK_DENIED", "SCOPE_DENIED", "RATE_LIMITED",
                    "QUOTA_EXCEEDED", "VALID",
                ])), .maybe("issuer", .text), .maybe("id", .text), .maybe("name", .text), .maybe("owner", .text),
            .maybe("scopes", .texts), .maybe("environment", environment),
            .maybe("visibility", visibility, "`public` for a key that anybody may come to have."),
            .maybe("expires", .time),
            .maybe("tier", .text), .maybe("metadata", metadata),
            .maybe("remaining", .integer, "Uses that would be allowed now; absent where nothing limits the key."),
            .maybe("limits", limitsLeft), .maybe("quota", quotaLeft), .maybe("retry_after", .integer, "Seconds."),
        ]),
        "VerifyBatchRequest": .object([.always("keys", .array(.named("VerifyRequest")), "1 to 100.")]),
        "VerifyBatchReply": .object([.always("results", .array(.named("VerifyReply")), "In the order asked for.")]),
    ]
}
