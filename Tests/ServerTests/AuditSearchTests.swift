import Foundation
import Testing
import Vault

@testable import Server

@Suite("Searching the audit log", .timeLimit(.minutes(20)))
struct AuditSearchTests {
    private let policies: [(name: String, text: String)] = [
        ("app.yaml", "policy: app\nrules:\n  - allow: [retrieve]\n    keys: [\"payments/**\"]\n"),
        ("auditor.yaml", "policy: auditor\nrules:\n  - allow: [audit]\n"),
    ]

    private struct Keys {
        var root: [String: String]
        var app: [String: String]
        var auditor: [String: String]
        var auditorID: String
    }

    /// A vault with two keys, somebody who may read one of them, and somebody who may read the log.
    private func prepare(_ running: RunningServer) throws -> (RawClient, Keys) {
        let root = ["Authorization": "Bearer \(try running.initialize())"]
        let client = try running.client(running.socket)
        for path in ["payments/stripe", "payments/eu/paypal"] {
            #expect(try client.ask("PUT", "/v1/keys/\(path)", root, body: #"{"fields":{"value":"x"}}"#).status == 201)
        }
        func mint(_ name: String, _ policy: String) throws -> (id: String, header: [String: String]) {
            let made = try client.ask(
                "POST", "/v1/issuers/keyturn/keys", root,
                body: #"{"name":"\#(name)","policies":["\#(policy)"],"lifetime":"90d"}"#)
            let text = try #require(made.json["key"] as? String, "\(made.text)")
            return (try #require(made.json["id"] as? String), ["Authorization": "Bearer \(text)"])
        }
        let app = try mint(#"app \u00e9{\"seq\":1}"#, "app")
        let auditor = try mint("auditor", "auditor")
        return (client, Keys(root: root, app: app.header, auditor: auditor.header, auditorID: auditor.id))
    }

    private func entries(_ reply: RawReply) -> [[String: Any]] { reply.json["entries"] as? [[String: Any]] ?? [] }

    private func sequences(_ reply: RawReply) -> [Int] { entries(reply).compactMap { $0["seq"] as? Int } }

    @Test("Strangers, and callers without the action, learn nothing; their calls are in the log")
    func refused() async throws {
        try await RunningServer.run(policies: policies) { running in
            let (client, keys) = try prepare(running)
            let host = ["Host": "127.0.0.1:\(running.addresses.port ?? 0)"]
            #expect(try running.client(running.port).ask("GET", "/v1/audit", host).status == 401)
            let reply = try client.ask("GET", "/v1/audit?after=0&wait=5s", keys.app)
            #expect(reply.status == 403 && reply.json["missing"] as? String == "audit")
            let found = try client.ask("GET", "/v1/audit?action=follow_audit&outcome=refused", keys.auditor)
            #expect(entries(found).count == 1 && entries(found).first?["decision"] != nil)
            #expect(try running.client(running.operatorSocket).ask("POST", "/v1/seal:seal").status == 200)
            #expect(try running.client(running.socket).ask("GET", "/v1/audit", keys.auditor).code == "sealed")
        }
    }

    @Test("A parameter that is wrong is named and not repeated, and the call is in the log")
    func wrong() async throws {
        let wrong: [(query: String, field: String)] = [
            ("key=MARKER/../x", "key"), ("prefix=MARKER//", "prefix"), ("key=a/**&prefix=b", "prefix"),
            ("key=a&prefix=b", "prefix"), ("outcome=MARKER", "outcome"), ("action=MAR%20KER", "action"),
            ("code=MARKER!", "code"), ("since=MARKER", "since"), ("until=1", "until"), ("limit=x", "limit"),
            ("cursor=MARKER", "cursor"), ("cursor=-1", "cursor"), ("cursor=99999999999999999999", "cursor"),
            ("after=x", "after"), ("cursor=1&after=1", "after"), ("wait=5s", "wait"), ("after=1&wait=61s", "wait"),
            ("after=1&wait=MARKER", "wait"), ("format=MARKER", "format"),
            ("address=\(String(repeating: "M", count: 256))", "address"),
        ]
        try await RunningServer.run(policies: policies) { running in
            let (client, keys) = try prepare(running)
            for (query, field) in wrong {
                let reply = try client.ask("GET", "/v1/audit?\(query)", keys.auditor)
                #expect(reply.status == 400 && reply.json["field"] as? String == field, "\(query): \(reply.text)")
                #expect(!reply.text.contains("MARKER"), "\(query)")
            }
            #expect(!running.auditText.contains("MARKER"))
        }
    }

    @Test("Entries are found by each field, as they stand in the log, and each search is one entry")
    func found() async throws {
        try await RunningServer.run(policies: policies) { running in
            let (client, keys) = try prepare(running)
            #expect(try client.ask("GET", "/v1/values/payments/stripe", keys.app).status == 200)
            #expect(try client.ask("GET", "/v1/values/mail/smtp", keys.app).status == 403)
            func find(_ query: String) throws -> [[String: Any]] {
                let reply = try client.ask("GET", "/v1/audit?\(query)", keys.auditor)
                #expect(reply.status == 200, "\(query): \(reply.text)")
                return entries(reply)
            }
            #expect(try find("key=payments/stripe&action=retrieve").count == 1)
            #expect(try find("key=payments/**&action=write").count >= 2)
            #expect(try find("prefix=payments/&action=write&limit=1").count == 1)
            #expect(
                try find("key=payments").isEmpty
                    || find("key=payments").allSatisfy { $0["action"] as? String == "audit" })
            #expect(try find("outcome=refused&key=mail/smtp").first?["code"] as? String == "refused")
            #expect(try find("code=refused").count == 1)
            #expect(try find("address=unix&action=initialize").count == 1)
            #expect(try find("address=192.0.2.1").isEmpty)
            #expect(try find("caller=auditor").allSatisfy { $0["action"] as? String == "audit" })
            #expect(try find("issued_key=\(keys.auditorID)").isEmpty == false)
            #expect(try find("since=2999-01-01T00:00:00Z").isEmpty)
            #expect(try find("until=1999-01-01T00:00:00Z").isEmpty)

            let before = try find("caller=auditor&limit=1000").count
            let reply = try client.ask("GET", "/v1/audit?format=jsonl&key=payments/stripe", keys.auditor)
            #expect(reply["Content-Type"] == "application/jsonl" && reply["Keyturn-After"] != nil)
            for line in reply.text.split(separator: "\n") {
                #expect(running.auditText.contains(line + "\n"))
                #expect(line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
            }
            let own = try find("caller=auditor&limit=1000")
            #expect(own.count == before + 2 && own.contains { $0["key"] as? String == "payments/stripe" })
        }
    }

    @Test("Line ends and escapes in a name stay inside one line of printable text")
    func inert() async throws {
        let directory = UserDirectory { _ in "eve\u{1b}[2J\n{\"seq\":1}" }
        try await RunningServer.run(policies: policies, directory: directory) { running in
            let (client, keys) = try prepare(running)
            #expect(try client.ask("GET", "/v1/values/payments/stripe", keys.app).status == 200)
            #expect(try client.ask("GET", "/v1/values/payments/stripe").status == 403)
            for format in ["json", "jsonl"] {
                let reply = try client.ask("GET", "/v1/audit?action=retrieve&format=\(format)", keys.auditor)
                #expect(reply.body.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A })
                #expect(reply.text.contains(#"eve\u001b[2J\u000a{\u0022seq\u0022:1}"#))
                #expect(reply.text.contains(#"app \u00e9{\u0022seq\u0022:1}"#))
                #expect(reply.text.split(separator: "\n").count == (format == "json" ? 1 : 2))
            }
        }
    }

    @Test("Pages go on where they ended, while entries arrive; no page is larger than a thousand")
    func pages() async throws {
        try await RunningServer.run(policies: policies) { running in
            let (client, keys) = try prepare(running)
            for _ in 0..<30 { _ = try client.ask("GET", "/v1/values/payments/stripe", keys.app) }
            var found: [Int] = []
            var cursor: String?
            repeat {
                let query = cursor.map { "&cursor=\($0)" } ?? ""
                let reply = try client.ask("GET", "/v1/audit?action=retrieve&limit=7\(query)", keys.auditor)
                found += sequences(reply)
                cursor = reply.json["cursor"] as? String
                #expect(reply["Keyturn-Cursor"] == cursor)
                _ = try client.ask("GET", "/v1/values/payments/stripe", keys.app)
            } while cursor != nil
            #expect(found.count == 30 && found == found.sorted(by: >))
            #expect(try client.ask("GET", "/v1/audit?limit=100000", keys.auditor).status == 200)
            let forward = try client.ask("GET", "/v1/audit?action=retrieve&after=\(found[10])&limit=5", keys.auditor)
            #expect(sequences(forward) == found[5..<10].reversed() && forward.json["more"] as? Bool == true)
        }
    }

    @Test("Who follows gets what comes, and is not woken by those who follow")
    func follow() async throws {
        try await RunningServer.run(policies: policies) { running in
            let (client, keys) = try prepare(running)
            let first = try client.ask("GET", "/v1/audit?limit=1", keys.auditor)
            var after = try #require(first.json["after"] as? String)
            // Only the search itself has been written since: it comes at once.
            let own = try client.ask("GET", "/v1/audit?after=\(after)&wait=8s", keys.auditor)
            #expect(entries(own).map { $0["action"] as? String } == ["audit"])
            after = try #require(own.json["after"] as? String)
            let idle = try client.ask("GET", "/v1/audit?after=\(after)&wait=1s", keys.auditor)
            #expect(entries(idle).map { $0["action"] as? String } == ["follow_audit"])
            after = try #require(idle.json["after"] as? String)

            let waiting = try running.client(running.socket)
            waiting.send(
                "GET /v1/audit?key=payments/**&after=\(after)&wait=60s HTTP/1.1\r\nHost: localhost\r\nAuthorization: \(try #require(keys.auditor["Authorization"]))\r\n\r\n"
            )
            _ = try client.ask("GET", "/v1/values/mail/smtp", keys.app)
            _ = try client.ask("GET", "/v1/values/payments/stripe", keys.app)
            let reply = try waiting.reply()
            #expect(entries(reply).map { $0["key"] as? String } == ["payments/stripe"])
        }
    }

    @Test("Who waits is let go when the access key is revoked, and when the vault is sealed")
    func letGo() async throws {
        try await RunningServer.run(policies: policies) { running in
            let (client, keys) = try prepare(running)
            func wait(_ header: [String: String]) throws -> RawClient {
                let waiting = try running.client(running.socket)
                waiting.send(
                    "GET /v1/audit?key=none/such&after=1&wait=60s HTTP/1.1\r\nHost: localhost\r\nAuthorization: \(try #require(header["Authorization"]))\r\n\r\n"
                )
                return waiting
            }
            let revoked = try wait(keys.auditor)
            let sealed = try wait(keys.root)
            let reply = try client.ask("POST", "/v1/issuers/keyturn/keys/\(keys.auditorID):revoke", keys.root)
            #expect(reply.status == 200)
            #expect(try revoked.reply().status == 401)
            #expect(try running.client(running.operatorSocket).ask("POST", "/v1/seal:seal").status == 200)
            // Where its request was still unread, its connection is closed.
            if let last = try? sealed.reply() { #expect(last.code == "sealed") } else { #expect(sealed.isClosed()) }
        }
    }
}
