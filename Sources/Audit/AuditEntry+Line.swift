extension AuditEntry {
    /// The longest line, in bytes, that an entry can become, the line break included.
    package static let lineLimit = 8192

    /// The middle of the entry's line, from `,"time"` on: all but the sequence and the hash.
    ///
    /// A stranger's entry has no caller, key, issuer, version or target, even if they were set.
    var lineBody: [UInt8] {
        var line = LineEncoder(capacity: 384)
        line.field("time", time: time)
        line.field("kind", kind.rawValue, limit: AuditToken.limit)
        line.field("outcome", outcome.rawValue, limit: AuditToken.limit)
        line.field("action", action.text, limit: AuditToken.limit)
        line.field("caller_kind", caller.kind, limit: AuditToken.limit)
        if let id = caller.id { line.field("caller", id, limit: FieldLimit.id) }
        if let name = caller.name { line.field("caller_name", name, limit: FieldLimit.name) }
        if let address { line.field("address", address, limit: FieldLimit.id) }
        if caller != .stranger { appendTarget(to: &line) }
        if let code { line.field("code", code.text, limit: AuditToken.limit) }
        if let decision { line.field("decision", decision, limit: FieldLimit.id) }
        if let detail { line.field("detail", detail.text, limit: AuditToken.limit) }
        if let digest { line.field("digest", digest) }
        if let generation { line.field("generation", generation) }
        if let route { line.field("route", route.template, limit: FieldLimit.name) }
        if let count { line.field("count", count) }
        if let duration { line.field("micros", max(duration, 0)) }
        return line.finish()
    }

    private func appendTarget(to line: inout LineEncoder) {
        if let key { line.field("key", key, limit: FieldLimit.key) }
        if let issuer { line.field("issuer", issuer, limit: FieldLimit.id) }
        if let issuedKey { line.field("issued_key", issuedKey, limit: FieldLimit.id) }
        if let version { line.field("version", version) }
        if let target { line.field("target", target, limit: FieldLimit.name) }
    }
}

/// How many bytes of UTF-8 a field of text may have.
enum FieldLimit {
    static let id = 64
    static let name = 128
    static let key = 255
}
