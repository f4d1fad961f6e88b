internal import Audit
internal import Policy

/// What is looked for in the audit log. What is nil matches all; what is set must all match.
package struct AuditQuery: Sendable, Equatable {
    /// The caller's id or name.
    package var caller: String?
    /// The key's whole path.
    package var key: String?
    /// A path that the key is at or below.
    package var prefix: String?
    package var action: String?
    package var outcome: String?
    package var code: String?
    package var address: String?
    package var issuer: String?
    /// The id of an issued key that was acted on.
    package var issuedKey: String?
    /// Entries at this time and later.
    package var since: Timestamp?
    /// Entries before this time.
    package var until: Timestamp?
    /// Only entries with a lower sequence, the newest first.
    package var before: UInt64?
    /// Only entries with a higher sequence, the oldest first.
    package var after: UInt64?
    /// 1 to 1,000.
    package var limit = 100

    package init() {}
}

/// Lines of the audit log that were found.
package struct AuditLines: Sendable, Equatable {
    /// As they stand in the log, each a JSON object in printable ASCII.
    package var lines: [String] = []
    /// Where the next page begins, as ``AuditQuery/before``; nil: there is none. A page may be empty and have a next one.
    package var before: UInt64?
    /// Up to where entries have been looked at, as ``AuditQuery/after``, for those that are still to come.
    package var after: UInt64
    /// Whether there may be more behind ``after`` already.
    package var hasMore = false
    /// Lines that could not be read; more than none means that the log should be verified.
    package var unreadable = 0
}

extension AuditQuery {
    /// The longest text that any field of an entry has, in bytes.
    private static let longest = 255

    /// The filter that the log is asked with.
    ///
    /// - Throws: ``VaultError`` with `invalid_field` and the parameter's name.
    func filter() throws(VaultError) -> AuditFilter {
        try check("caller", caller)
        try check("address", address)
        try check("issuer", issuer)
        try check("issued_key", issuedKey)
        try checkWord("action", action)
        try checkWord("code", code)
        try checkPath("key", key)
        try checkPath("prefix", prefix)
        guard key == nil || prefix == nil else {
            throw VaultError(.invalidField, "say `key` or `prefix`", field: "prefix")
        }
        guard before == nil || after == nil else {
            throw VaultError(.invalidField, "say `cursor` or `after`", field: "after")
        }
        if let outcome, AuditEntry.Outcome(rawValue: outcome) == nil {
            let words = AuditEntry.Outcome.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            throw VaultError(.invalidField, "`outcome` is one of \(words)", field: "outcome")
        }
        guard limit > 0 else {
            throw VaultError(.invalidField, "a page has 1 to \(VaultLimits.page) entries", field: "limit")
        }
        var filter = AuditFilter()
        filter.caller = caller
        filter.key = key
        filter.keyUnder = prefix
        filter.action = action
        filter.outcome = outcome
        filter.code = code
        filter.address = address
        filter.issuer = issuer
        filter.issuedKey = issuedKey
        filter.since = since
        filter.until = until
        filter.before = before
        filter.after = after
        filter.limit = min(limit, VaultLimits.page)
        return filter
    }

    private func check(_ name: String, _ text: String?) throws(VaultError) {
        guard let text, text.isEmpty || text.utf8.count > Self.longest else { return }
        throw VaultError(.invalidField, "`\(name)` has 1 to \(Self.longest) bytes", field: name)
    }

    private func checkWord(_ name: String, _ text: String?) throws(VaultError) {
        guard let text, AuditToken(checking: text).text != text else { return }
        throw VaultError(
            .invalidField, "`\(name)` is a word of up to \(AuditToken.limit) letters, digits and _-.:", field: name)
    }

    private func checkPath(_ name: String, _ text: String?) throws(VaultError) {
        guard let text else { return }
        do throws(ResourcePathError) { _ = try ResourcePath(parsing: text) } catch {
            throw VaultError(.invalidField, "\(error)", field: name)
        }
    }
}
