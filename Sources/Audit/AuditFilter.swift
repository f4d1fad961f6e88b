/// Which entries are looked for. What is nil matches all; what is set must all match.
package struct AuditFilter: Sendable, Equatable {
    /// The caller's id or name.
    package var caller: String?
    /// The key's whole path.
    package var key: String?
    /// The beginning of the key's path.
    package var keyPrefix: String?
    /// A path that the key is at or below.
    package var keyUnder: String?
    package var action: String?
    package var outcome: String?
    package var code: String?
    package var address: String?
    /// The issuer's name.
    package var issuer: String?
    /// The id of an issued key that was acted on.
    package var issuedKey: String?
    /// Milliseconds since 1970 UTC; entries at this time and later.
    package var since: Int64?
    /// Milliseconds since 1970 UTC; entries before this time.
    package var until: Int64?
    /// Only entries with a lower sequence: ``AuditPage/next`` of the page before.
    package var before: UInt64?
    /// Only entries with a higher sequence, the oldest first: ``AuditPage/after`` of the page before.
    package var after: UInt64?
    /// The most entries to return; at least 1.
    package var limit = 100

    package init() {}

    func matches(_ fields: LineFields) -> Bool {
        if since != nil || until != nil {
            guard let time = fields.time, time >= since ?? .min, time < until ?? .max else { return false }
        }
        if let key, fields.text("key") != key { return false }
        if let keyPrefix, fields.text("key")?.hasPrefix(keyPrefix) != true { return false }
        if let keyUnder {
            guard let key = fields.text("key"), key == keyUnder || key.hasPrefix(keyUnder + "/") else { return false }
        }
        if let action, fields.text("action") != action { return false }
        if let outcome, fields.text("outcome") != outcome { return false }
        if let code, fields.text("code") != code { return false }
        if let address, fields.text("address") != address { return false }
        if let issuer, fields.text("issuer") != issuer { return false }
        if let issuedKey, fields.text("issued_key") != issuedKey { return false }
        if let caller, fields.text("caller") != caller, fields.text("caller_name") != caller { return false }
        return true
    }
}

/// Entries that were found: the newest first, or, behind ``AuditFilter/after``, the oldest first.
package struct AuditPage: Sendable {
    package var records: [AuditRecord] = []
    /// Where the next page begins, as ``AuditFilter/before``; nil: there is none. A page may be empty and have a next
    /// one, where looking for so long was not allowed.
    package var next: UInt64?
    /// Up to where entries have been looked at, as ``AuditFilter/after``, for those that are still to come.
    package var after: UInt64 = 0
    /// Whether there may be more behind ``after`` already.
    package var hasMore = false
    /// Lines that could not be read. More than none means that the log should be verified.
    package var unreadable = 0
    /// Lines that were looked at.
    package var examined: UInt64 = 0
}
