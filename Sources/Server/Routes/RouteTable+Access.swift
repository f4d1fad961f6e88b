extension RouteTable {
    /// Access keys, policies, and what anybody may ask.
    static let access: [Route] = [
        Route(
            .listIssuers, "GET", "/v1/issuers", "The families of keys that the vault issues.",
            replies: [.ok("IssuerList")]),
        Route(
            .listAccessKeys, "GET", "/v1/issuers/{issuer}/keys", "List and search issued keys.",
            query: [
                .word("state", ["active", "expired", "revoked", "disabled", "rolled"], "Only keys in this state."),
                .text("query", "Words that all occur in id, name, description or owner."),
                .limit, .cursor,
            ],
            replies: [.ok("AccessKeyList")]),
        Route(
            .issueAccessKey, "POST", "/v1/issuers/{issuer}/keys", "Issue a key. Its text is shown this once.",
            body: .json("IssueAccessKeyRequest"), replies: [.created("NewAccessKey")]),
        Route(
            .inspectAccessKey, "GET", "/v1/issuers/{issuer}/keys/{id}", "Everything about an issued key but its text.",
            replies: [.ok("AccessKeyRecord")]),
        Route(
            .revokeAccessKey, "POST", "/v1/issuers/{issuer}/keys/{id}:revoke", "End a key for good, at once.",
            replies: [.ok("AccessKeyRecord")]),
        Route(
            .disableAccessKey, "POST", "/v1/issuers/{issuer}/keys/{id}:disable",
            "Stop honouring a key until it is enabled.",
            replies: [.ok("AccessKeyRecord")]),
        Route(
            .enableAccessKey, "POST", "/v1/issuers/{issuer}/keys/{id}:enable", "Honour a disabled key again.",
            replies: [.ok("AccessKeyRecord")]),
        Route(
            .rollAccessKey, "POST", "/v1/issuers/{issuer}/keys/{id}:roll",
            "Issue a successor with the same settings, and honour the old key for an overlap.",
            body: .json("RollAccessKeyRequest", isOptional: true), replies: [.ok("NewAccessKey")]),
        Route(.listPolicies, "GET", "/v1/policies", "The policies in force.", replies: [.ok("PolicyList")]),
        Route(
            .reloadPolicies, "POST", "/v1/policies:reload", "Read the policy files again: all of them, or none.",
            replies: [.ok("PolicyList")]),
        Route(
            .explainDecision, "GET", "/v1/decisions/{id}", "Why a request was refused: the rule, its file and line.",
            replies: [.ok("DecisionReply")]),
        Route(.whoAmI, "GET", "/v1/whoami", "Who the vault takes the caller for.", replies: [.ok("WhoAmIReply")]),
        Route(
            .status, "GET", "/v1/status", "Whether the vault is open.", replies: [.ok("StatusReply")], isOpen: true),
        Route(
            .health, "GET", "/v1/health", "Whether the vault can serve.",
            replies: [.ok("HealthReply"), Route.Reply(status: 503, schema: "HealthReply")], isOpen: true),
        Route(
            .openAPI, "GET", "/v1/openapi.json", "This document.", replies: [.ok("OpenAPI")], isOpen: true),
    ]
}
