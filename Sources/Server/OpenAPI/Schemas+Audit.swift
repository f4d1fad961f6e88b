extension Schemas {
    /// The audit log; docs/audit.md says what each field means.
    static let audit: [String: Schema] = [
        "AuditEntry": .object([
            .always("seq", .integer), .always("time", .time),
            .always("kind", .words(["request", "intent", "failed", "aborted", "event"])),
            .always("outcome", .words(["allowed", "refused", "failed", "unknown"])), .always("action", .text),
            .always("caller_kind", .words(["access_key", "unix_user", "certificate", "system", "stranger"])),
            .maybe("caller", .text), .maybe("caller_name", .text), .maybe("address", .text), .maybe("key", .text),
            .maybe("issuer", .text), .maybe("issued_key", .text), .maybe("version", .integer),
            .maybe("target", .text, "A credential at a provider, or the receiver of a notice."), .maybe("code", .text),
            .maybe("decision", .text), .maybe("detail", .text), .maybe("digest", .text), .maybe("generation", .integer),
            .maybe("route", .text), .maybe("count", .integer), .maybe("micros", .integer, "Microseconds."),
            .always("hash", .text),
        ]),
        "AuditPage": .object([
            .always("entries", .array(.named("AuditEntry"))),
            .maybe("cursor", .text, "Where the next page begins. A page may be empty and have a next one."),
            .always("after", .text, "Give it back to get what comes after these, as `after`."),
            .always("more", .boolean, "With `after`: whether there may be more already."),
            .always("unreadable", .integer, "Lines that could not be read: have the log verified."),
        ]),
    ]
}
