package import VaultAPI

/// What is looked for in the audit log.
package struct AuditSearch: Sendable, Equatable {
    package var caller: String?
    /// A path, or one that ends in `/**` for the keys at and below it.
    package var key: String?
    package var prefix: String?
    package var action: String?
    package var outcome: AuditOutcome?
    package var code: String?
    package var address: String?
    package var issuer: String?
    package var issuedKey: String?
    package var since: Timestamp?
    package var until: Timestamp?

    package init() {}
}

/// Lines of the audit log, and where to go on.
package struct AuditLineReply: Sendable, Equatable {
    /// As they stand in the log, without their breaks.
    package var lines: [String]
    /// Where the next page begins; nil: there is none. A page may be empty and have a next one.
    package var cursor: String?
    /// Where what comes later begins.
    package var after: String
    /// Whether there may be more behind ``after`` already.
    package var hasMore: Bool
    /// Lines that could not be read.
    package var unreadable: Int

    package init(lines: [String], cursor: String?, after: String, hasMore: Bool, unreadable: Int) {
        self.lines = lines
        self.cursor = cursor
        self.after = after
        self.hasMore = hasMore
        self.unreadable = unreadable
    }
}

extension KeyturnVault {
    /// `GET /v1/audit`: one page, the newest entries first.
    package func audit(
        _ search: AuditSearch, limit: Int?, cursor: String?
    ) async throws(KeyturnClientError) -> AuditLineReply {
        var call = Self.call(search, limit: limit)
        call.ask("cursor", cursor)
        return try await lines(call)
    }

    /// `GET /v1/audit` behind an entry: the oldest first, waiting for one where there is none.
    ///
    /// - Parameter wait: seconds, 1 to 60; nil: do not wait.
    package func audit(
        _ search: AuditSearch, limit: Int?, after: String, wait: Int?
    ) async throws(KeyturnClientError) -> AuditLineReply {
        var call = Self.call(search, limit: limit)
        call.ask("after", after)
        call.ask("wait", wait.map { "\($0)s" })
        call.limit += Int64(wait ?? 0)
        return try await lines(call)
    }

    private static func call(_ search: AuditSearch, limit: Int?) -> Call {
        var call = Call(.get, "/v1/audit")
        call.ask("format", AuditFormat.jsonl.rawValue)
        call.ask("caller", search.caller)
        call.ask("key", search.key)
        call.ask("prefix", search.prefix)
        call.ask("action", search.action)
        call.ask("outcome", search.outcome?.rawValue)
        call.ask("code", search.code)
        call.ask("address", search.address)
        call.ask("issuer", search.issuer)
        call.ask("issued_key", search.issuedKey)
        call.ask("since", search.since?.description)
        call.ask("until", search.until?.description)
        call.ask("limit", limit)
        return call
    }

    private func lines(_ call: Call) async throws(KeyturnClientError) -> AuditLineReply {
        let names = ["Keyturn-Cursor", "Keyturn-After", "Keyturn-More", "Keyturn-Unreadable", "retry-after"]
        let (status, body, headers) = try await exchange(call, heeding: names)
        guard status == 200 else { throw Self.failure(status, body, headers, address) }
        guard let after = headers[names[1]] else {
            throw KeyturnClientError(.unexpectedReply, "\(address) sent a reply that this version does not understand")
        }
        let lines = body.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        return AuditLineReply(
            lines: lines, cursor: headers[names[0]], after: after, hasMore: headers[names[2]] == "true",
            unreadable: headers[names[3]].flatMap { Int($0) } ?? 0)
    }
}
