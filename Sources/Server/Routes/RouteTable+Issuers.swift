extension RouteTable {
    /// Issuers, their keys, and the verification of keys. Access keys are the keys of the issuer `keyturn`.
    static let issuers: [Route] = families + issued + verification

    private static let families: [Route] = [
        Route(
            .listIssuers, "GET", "/v1/issuers", "The families of keys that the caller may know of.",
            query: [.limit, .cursor], replies: [.ok("IssuerList")]),
        Route(
            .createIssuer, "POST", "/v1/issuers", "Make an issuer for an API of one's own.",
            body: .json("CreateIssuerRequest"), replies: [.created("IssuerRecord")]),
        Route(
            .inspectIssuer, "GET", "/v1/issuers/{issuer}", "An issuer with its scopes and tiers.",
            replies: [.ok("IssuerRecord")]),
        Route(
            .editIssuer, "PATCH", "/v1/issuers/{issuer}",
            "Change an issuer; null clears. Keys that were issued stay as they are.",
            body: .json("EditIssuerRequest"), replies: [.ok("IssuerRecord")]),
        Route(
            .deleteIssuer, "DELETE", "/v1/issuers/{issuer}",
            "Delete an issuer without keys that could be used, and those that have ended.",
            replies: [.ok("IssuerRemoval")]),
        Route(
            .findIssuedKeys, "POST", "/v1/issuers:find",
            "What is known of a key that turned up somewhere, by its text or the start of it.",
            body: .json("FindKeysRequest"), replies: [.ok("FindKeysReply")]),
    ]

    private static let issued: [Route] = [
        Route(
            .listIssuedKeys, "GET", "/v1/issuers/{issuer}/keys", "List and search issued keys.",
            query: [
                .word("state", ["active", "expired", "revoked", "disabled", "rolled"], "Only keys in this state."),
                .text("query", "Words that all occur in id, name, description or owner."),
                .text("name", "Only keys with this name."),
                .text("owner", "Only keys of this owner."),
                .text("prefix", "Only keys whose id, or shown start, begins with this."),
                .text("expiring", "Only keys that end within so long, such as `30d`."),
                .text("unused", "Only keys that have not been used for so long, such as `90d`."),
                .limit, .cursor,
            ],
            replies: [.ok("IssuedKeyList")]),
        Route(
            .issueKey, "POST", "/v1/issuers/{issuer}/keys", "Issue a key. Its text is shown this once.",
            body: .json("IssueKeyRequest"), replies: [.created("NewIssuedKey")]),
        Route(
            .importIssuedKeys, "POST", "/v1/issuers/{issuer}/keys:import",
            "Bring in keys that exist already, by their SHA-256: all of them or none.",
            body: .json(
                schema: "ImportIssuedKeysRequest", bytes: 4 * 1024 * 1024, members: 40_000, isOptional: false),
            replies: [.ok("ImportIssuedKeysReply")]),
        Route(
            .revokeIssuedKeys, "POST", "/v1/issuers/{issuer}/keys:revoke",
            "End all keys of an owner for good, at once.",
            body: .json("RevokeKeysRequest"), replies: [.ok("RevokeKeysReply")]),
        Route(
            .inspectIssuedKey, "GET", "/v1/issuers/{issuer}/keys/{id}",
            "Everything about an issued key but its text: what it has left and what was counted of it, too.",
            replies: [.ok("IssuedKeyReport")]),
        Route(
            .revokeIssuedKey, "POST", "/v1/issuers/{issuer}/keys/{id}:revoke", "End a key for good, at once.",
            replies: [.ok("IssuedKeyRecord")]),
        Route(
            .disableIssuedKey, "POST", "/v1/issuers/{issuer}/keys/{id}:disable",
            "Stop honouring a key until it is enabled.",
            replies: [.ok("IssuedKeyRecord")]),
        Route(
            .enableIssuedKey, "POST", "/v1/issuers/{issuer}/keys/{id}:enable", "Honour a disabled key again.",
            replies: [.ok("IssuedKeyRecord")]),
        Route(
            .rollIssuedKey, "POST", "/v1/issuers/{issuer}/keys/{id}:roll",
            "Issue a successor with the same settings, and honour the old key for an overlap.",
            body: .json("RollKeyRequest", isOptional: true), replies: [.ok("NewIssuedKey")]),
    ]

    /// What a proxy is told when it asks with GET or HEAD: the status, and headers.
    private static let answers = [
        Route.Reply(status: 200, schema: nil), Route.Reply(status: 401, schema: nil),
        Route.Reply(status: 403, schema: nil), Route.Reply(status: 429, schema: nil),
    ]
    private static let questions: (query: [Route.Parameter], headers: [Route.Parameter]) = (
        [
            .text("issuer", "The issuer whose key it has to be; any that the caller may verify unless said."),
            .integer("cost", 0...1_000_000, "How many uses it counts for; 1 unless said."),
            .word(
                "limited", ["403", "429"],
                "The status for a key whose limit or quota is spent; 429 unless said. nginx's `auth_request` knows 401 and 403 alone."
            ),
        ],
        [
            .text("Keyturn-Key", "What the customer presented: the key, alone or after `Bearer`."),
            .text("Keyturn-Network", "The customer's address."),
            .text("Keyturn-Scope", "What the key is to be used for."),
        ]
    )

    private static let verification: [Route] = [
        Route(
            .verifyKey, "POST", "/v1/verify", "Whether a key may be used, and what it has left.",
            body: .json("VerifyRequest"), replies: [.ok("VerifyReply")]),
        Route(
            .verifyKeys, "POST", "/v1/verify:batch", "The same for several keys, each decided on its own.",
            body: .json("VerifyBatchRequest"), replies: [.ok("VerifyBatchReply")]),
        Route(
            .checkKey, "GET", "/v1/verify", "The same for a proxy: the answer is the status and headers.",
            query: questions.query, headers: questions.headers, replies: answers),
        Route(
            .checkKeyHead, "HEAD", "/v1/verify", "The same for a proxy that asks with HEAD.",
            query: questions.query, headers: questions.headers, replies: answers),
    ]
}
