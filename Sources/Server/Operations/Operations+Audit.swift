internal import IssuedKeys
internal import NIOCore
internal import ServiceLifecycle
internal import Vault
internal import VaultAPI

extension Operations {
    /// The longest that a call waits for an entry: 60 s.
    private static let longestWait: Int64 = 60_000
    /// How often a call that waits looks for an entry. No thread is held in between.
    private static let followPause: Duration = .milliseconds(200)

    func searchAudit() async throws -> Reply {
        let asked = try auditQuery()
        let format = try query.word("format", AuditFormat.self) ?? .json
        let found: AuditLines
        if let wait = try auditWait() {
            found = try await vault.followAudit(requester, asked, until: .now.advanced(by: .milliseconds(wait))) {
                guard !Task.isShuttingDownGracefully else { return false }
                do { try await Task.sleep(for: Self.followPause) } catch { return false }
                return true
            }
        } else {
            found = try await vault.searchAudit(requester, asked)
        }
        return Self.reply(found, format)
    }

    private func auditQuery() throws(Refusal) -> AuditQuery {
        var asked = AuditQuery()
        asked.caller = query["caller"]
        (asked.key, asked.prefix) = try auditKeys()
        asked.action = query["action"]
        asked.outcome = query["outcome"]
        asked.code = query["code"]
        asked.address = query["address"]
        asked.issuer = query["issuer"]
        asked.issuedKey = query["issued_key"]
        asked.since = try moment("since")
        asked.until = try moment("until")
        asked.limit = try limit()
        asked.before = try sequence("cursor")
        asked.after = try sequence("after")
        return asked
    }

    /// `key=a/**` means the same as `prefix=a`.
    private func auditKeys() throws(Refusal) -> (key: String?, prefix: String?) {
        var (key, prefix) = (query["key"], query["prefix"])
        if let path = key, path.hasSuffix("/**") {
            guard prefix == nil else { throw Refusal(.invalidField, "say `key` or `prefix`", field: "prefix") }
            (key, prefix) = (nil, String(path.dropLast(3)))
        } else if let path = prefix, path.hasSuffix("/") {
            prefix = String(path.dropLast())
        }
        return (key, prefix)
    }

    /// A time of the query, in milliseconds since 1970.
    func moment(_ name: String) throws(Refusal) -> Int64? {
        guard let text = query[name] else { return nil }
        guard let moment = VaultAPI.Timestamp(parsing: text) else {
            throw Refusal(.invalidField, "`\(name)` is a time such as 2026-11-21T12:00:00Z", field: name)
        }
        return moment.milliseconds
    }

    private func sequence(_ name: String) throws(Refusal) -> UInt64? {
        guard let text = query[name] else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(text) else {
            throw Refusal(.invalidField, "`\(name)` is what the answer before gave", field: name)
        }
        return number
    }

    /// Milliseconds to wait, where that was asked for.
    private func auditWait() throws(Refusal) -> Int64? {
        guard let wait = try Self.duration(query["wait"], field: "wait") else { return nil }
        guard query["after"] != nil else { throw Refusal(.invalidField, "`wait` needs `after`", field: "wait") }
        guard wait <= Self.longestWait else { throw Refusal(.invalidField, "`wait` is at most 60s", field: "wait") }
        return wait
    }

    /// The lines go out as they stand in the log: printable ASCII, and JSON each.
    private static func reply(_ found: AuditLines, _ format: AuditFormat) -> Reply {
        var body = ByteBuffer()
        var reply: Reply
        switch format {
        case .jsonl:
            for line in found.lines { body.writeString(line + "\n") }
            reply = Reply(body: body, type: "application/jsonl")
        case .json:
            body.writeString(#"{"entries":["# + found.lines.joined(separator: ",") + "]")
            if let before = found.before { body.writeString(#","cursor":"\#(before)""#) }
            body.writeString(#","after":"\#(found.after)","more":\#(found.hasMore),"unreadable":\#(found.unreadable)}"#)
            reply = Reply(body: body)
        }
        if let before = found.before { reply.headers.append(("Keyturn-Cursor", String(before))) }
        reply.headers.append(("Keyturn-After", String(found.after)))
        if found.hasMore { reply.headers.append(("Keyturn-More", "true")) }
        if found.unreadable > 0 { reply.headers.append(("Keyturn-Unreadable", String(found.unreadable))) }
        return reply
    }
}
