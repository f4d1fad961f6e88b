/// Which entries are looked for. What is nil matches all; what is set must all match.
package struct AuditFilter: Sendable {
    /// The caller's id or name.
    package var caller: String?
    /// The key's whole path.
    package var key: String?
    /// The beginning of the key's path.
    package var keyPrefix: String?
    package var action: String?
    package var outcome: String?
    package var code: String?
    package var address: String?
    /// Milliseconds since 1970 UTC; entries at this time and later.
    package var since: Int64?
    /// Milliseconds since 1970 UTC; entries before this time.
    package var until: Int64?
    /// Only entries with a lower sequence: ``AuditPage/next`` of the page before.
    package var before: UInt64?
    /// The most entries to return; at least 1.
    package var limit = 100

    package init() {}

    func matches(_ fields: LineFields) -> Bool {
        if since != nil || until != nil {
            guard let time = fields.time, time >= since ?? .min, time < until ?? .max else { return false }
        }
        if let key, fields.text("key") != key { return false }
        if let keyPrefix, fields.text("key")?.hasPrefix(keyPrefix) != true { return false }
        if let action, fields.text("action") != action { return false }
        if let outcome, fields.text("outcome") != outcome { return false }
        if let code, fields.text("code") != code { return false }
        if let address, fields.text("address") != address { return false }
        if let caller, fields.text("caller") != caller, fields.text("caller_name") != caller { return false }
        return true
    }
}

/// Entries that were found, the newest first.
package struct AuditPage: Sendable {
    package var records: [AuditRecord] = []
    /// Where the next page begins, as ``AuditFilter/before``; nil: there is none.
    package var next: UInt64?
    /// Lines that could not be read. More than none means that the log should be verified.
    package var unreadable = 0
    /// Lines that were looked at.
    package var examined: UInt64 = 0
}
