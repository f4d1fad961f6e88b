extension Schemas {
    /// Policies, who is asking, errors.
    static let access: [String: Schema] = [
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
