/// How `GET /v1/audit` gives entries.
package enum AuditFormat: String, WireWord {
    /// One object, with the entries and where to go on.
    case json
    /// The lines of the log as they are, one below the other; where to go on stands in headers.
    case jsonl
}

/// How a request ended, as the audit log has it.
package enum AuditOutcome: String, WireWord {
    case allowed, refused, failed, unknown
}
