extension RouteTable {
    /// API keys and their values.
    static let keys: [Route] = [
        Route(
            .listKeys, "GET", "/v1/keys", "List and search the keys that the caller may list.",
            query: [
                .text("prefix", "Only the keys at and below this path; a slash at its end makes no difference."),
                .text("query", "Words that all occur in path, name, description, provider, tags or prefix."),
                .text("tag", "Only keys with this tag."),
                .text("provider", "Only keys of this provider."),
                .word("state", ["active", "expired", "trashed", "all"], "Active and expired unless said."),
                .text("due_before", "Only keys whose next rotation is due before this time."),
                .limit, .cursor,
            ],
            replies: [.ok("KeyList")]),
        Route(
            .importKeys, "POST", "/v1/keys:import", "Store many keys: all of them or none.",
            body: .json(schema: "ImportRequest", bytes: 4 * 1024 * 1024, members: 20_000, isOptional: false),
            replies: [.ok("ImportReply")]),
        Route(
            .putKey, "PUT", "/v1/keys/{path}", "Store a new key, or a new version of one.",
            headers: [.ifMatch, .ifNoneMatch], body: .json("PutKeyRequest"),
            replies: [.ok("KeyMetadata"), .created("KeyMetadata")]),
        Route(
            .editKey, "PATCH", "/v1/keys/{path}", "Change metadata; null clears.", headers: [.ifMatch],
            body: .json("EditKeyRequest"), replies: [.ok("KeyMetadata")]),
        Route(
            .inspectKey, "GET", "/v1/keys/{path}", "Everything about a key but its values.",
            replies: [.ok("KeyMetadata")]),
        Route(
            .deleteKey, "DELETE", "/v1/keys/{path}", "Put a key into the trash.", headers: [.ifMatch],
            replies: [.ok("DeleteReply")]),
        Route(
            .restoreKey, "POST", "/v1/keys/{path}:restore", "Take a key out of the trash.",
            replies: [.ok("KeyMetadata")]),
        Route(
            .destroyKey, "POST", "/v1/keys/{path}:destroy", "Erase a key and what sealed it. It cannot be undone.",
            headers: [.ifMatch], replies: [.ok("DestroyReply")]),
        Route(
            .retrieveValue, "GET", "/v1/values/{path}", "The secret of one version of a key.",
            query: [
                .integer("version", 1...4_294_967_295, "This version."),
                .word("stage", ["current", "previous"], "The version on this stage; `current` unless said."),
                .text("field", "This field alone."),
                .text(
                    "wait",
                    "With If-None-Match: wait so long, `60s` at most, until there is something else than the caller has."
                ),
            ],
            headers: [.text("If-None-Match", "The entity tags of what the caller has already."), .instance],
            replies: [.ok("KeyValue"), Route.Reply(status: 304, schema: nil)]),
        Route(
            .retrieveValues, "POST", "/v1/values", "The secrets of several keys at one moment: all of them or none.",
            headers: [.instance], body: .json("ValuesRequest"), replies: [.ok("ValuesReply")]),
    ]
}
