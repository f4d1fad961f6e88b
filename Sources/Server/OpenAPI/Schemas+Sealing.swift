extension Schemas {
    private static let state = Schema.words(["uninitialized", "sealed", "unsealed"])

    /// Opening, closing and keeping the vault.
    static let sealing: [String: Schema] = [
        "StatusReply": .object([
            .always("state", state), .always("version", .text), .maybe("read_only", .boolean),
            .maybe(
                "opening", .integer,
                "On the operator's socket, while the vault is being opened: how many hundredths of the keys have been read."
            ),
        ]),
        "HealthReply": .object([
            .always("status", .words(["ok", "failing"])),
            .always("checks", .map(.text), "`ok` for each, or what is wrong."),
            .maybe("audit", .named("AuditStanding"), "How the audit log stands."),
            .maybe(
                "rotation", .named("RotationHealth"),
                "How many keys' rotation wants somebody's attention; not there while the vault is sealed."),
        ]),
        "AuditStanding": .object([
            .always("synced", .boolean, "Whether all entries are on the disk."),
            .always("unsynced_milliseconds", .integer, "For how long the oldest that is not has waited."),
            .always("waiting", .integer, "Entries that wait to be written."),
            .always("reserve_bytes", .integer, "What remains of the space that is set aside for a full disk."),
            .always("full_reserve_bytes", .integer),
            .maybe("sinks", .array(.named("AuditSink")), "Further sinks beside the file."),
        ]),
        "AuditSink": .object([
            .always("name", .words(["syslog", "socket"])), .always("need", .words(["mandatory", "best-effort"])),
            .always("up", .boolean, "Whether it is connected."),
            .always("waiting", .integer, "Lines that wait for it."),
            .always("dropped", .integer, "Lines that were dropped since the start."),
            .maybe("detail", .text, "What is wrong."),
        ]),
        "InitializeReply": .object([
            .always("recovery_code", .text, "Shown this once."), .maybe("access_key", .text, "Shown this once."),
            .maybe("ceremony", .text, "What to name when the recovery code is typed back."),
        ]),
        "ConfirmReply": .object([.always("access_key", .text, "Shown this once.")]),
        "UnsealReply": .object([
            .always("state", state), .always("policies_changed", .boolean), .always("keys", .integer),
            .always("read_only", .boolean),
        ]),
        "SealReply": .object([.always("state", state)]),
        "AuthorizeReply": .object([
            .always("authorization", .text), .always("slot", .integer), .always("expires", .time),
        ]),
        "RecoverAccessReply": .object([.always("id", .text), .always("key", .text, "Shown this once.")]),
        "RekeyReply": .object([.always("slots", .array(.integer)), .always("records", .integer)]),
        "KeySlot": .object([
            .always("number", .integer), .always("kind", .words(["passphrase", "recovery"])),
            .always("memory_kib", .integer), .always("iterations", .integer), .always("parallelism", .integer),
        ]),
        "SlotList": .object([.always("slots", .array(.named("KeySlot")))]),
        "SlotRecoveryReply": .object([.always("recovery_code", .text, "Shown this once.")]),
        "SlotRemoval": .object([.always("number", .integer), .always("removed", .boolean)]),
        "KeyringRotation": .object([.always("current", .integer)]),
        "KeyringRewrap": .object([.always("resealed", .integer)]),
        "StoreVerification": .object([
            .always("heads", .integer), .always("children", .integer),
            .always(
                "damaged",
                .array(.object([.always("kind", .text), .always("key", .text), .maybe("version", .integer)]))),
        ]),
    ]
}
