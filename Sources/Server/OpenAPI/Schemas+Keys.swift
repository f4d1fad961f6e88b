extension Schemas {
    private static let fields = Schema.map(.text)
    private static let encoding = Schema.words(["utf8", "base64"])
    private static let visibility = Schema.words(["private", "public"])
    private static let state = Schema.words(["active", "expired", "trashed"])
    private static let stage = Schema.words(["current", "pending", "previous"])

    private static let readBy = Schema.Property.always(
        "read_by", .array(keyUser), "Who read it within the last day, the latest first.")

    private static let rotationToSet = Schema.Property.maybe(
        "rotation", .named("RotationRequest"), "How it is to be replaced; stays as it is unless said.")

    private static let settable: [Schema.Property] = [
        .maybe("name", .text), .maybe("description", .text), .maybe("provider", .text),
        .maybe("visibility", visibility), .maybe("tags", .texts), .maybe("expires", .time),
    ]

    /// API keys and their values.
    static let keys: [String: Schema] = [
        "PutKeyRequest": .object(
            [
                .always("fields", fields, "The secret, by name; a secret of one part is the field `value`."),
                .maybe("encoding", encoding, "How the fields are written; `utf8` unless said."),
            ] + settable + [
                .maybe("overlap", .text, "How long the version before is honoured, such as `24h`."), rotationToSet,
            ]),
        "EditKeyRequest": .object(
            settable.map { .maybe($0.name, .optional($0.schema)) } + [
                .maybe(
                    "rotation", .optional(.named("RotationRequest")),
                    "Takes the place of all that was said of it before.")
            ]),
        "ImportRequest": .object([
            .always(
                "keys",
                .array(
                    .object(
                        [.always("path", .text), .always("fields", fields), .maybe("encoding", encoding)] + settable))),
            .maybe("replace", .boolean, "Give a key that is there a new version, instead of refusing."),
        ]),
        "ImportReply": .object([.always("created", .texts), .always("replaced", .texts)]),
        "KeyMetadata": .object([
            .always("path", .text), .always("id", .text), .always("name", .text), .always("description", .text),
            .always("provider", .text), .always("visibility", visibility), .always("tags", .texts),
            .always("prefix", .text, "The start of the current value that may be shown."), .always("created", .time),
            .always("updated", .time), .maybe("expires", .time), .maybe("deleted", .time), .maybe("purge_after", .time),
            .maybe("last_used", .time), .maybe("last_used_by", .text), .always("state", state),
            .always("version_count", .integer),
            .maybe(
                "versions",
                .array(
                    .object([
                        .always("version", .integer), .maybe("stage", stage), .always("created", .time),
                        .always("created_by", .text), .always("prefix", .text), .always("fields", .texts),
                    ]))),
            .always("current", .integer), .maybe("previous", .integer), .maybe("previous_until", .time),
            .maybe("rotation", .named("KeyRotation"), "How it is replaced, and where that stands."),
        ]),
        "KeyList": .object([.always("keys", .array(.named("KeyMetadata"))), .maybe("cursor", .text)]),
        "DeleteReply": .object([.always("path", .text), .always("state", state), .always("purge_after", .time), readBy]
        ),
        "DestroyReply": .object([.always("path", .text), .always("destroyed", .boolean), readBy]),
        "KeyValue": .object([
            .always("path", .text), .always("id", .text), .always("version", .integer), .maybe("stage", stage),
            .maybe("encoding", encoding, "`base64` where a field is no text."), .maybe("expires", .time),
            .always("fields", fields),
        ]),
        "ValuesRequest": .object([
            .always(
                "keys",
                .array(
                    .object([
                        .always("path", .text), .maybe("field", .text), .maybe("version", .integer),
                        .maybe("stage", .words(["current", "previous"])),
                    ])))
        ]),
        "ValuesReply": .object([.always("values", .array(.named("KeyValue")))]),
    ]
}
