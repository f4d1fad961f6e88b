extension RouteTable {
    /// Policies, and what anybody may ask.
    static let access: [Route] = [
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
