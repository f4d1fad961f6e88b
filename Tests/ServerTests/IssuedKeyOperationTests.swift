import Foundation
import IssuedKeys
import NIOHTTP1
import SecretMemory
import Testing
import Vault

@testable import Server

@Suite("Calls about issued keys", .timeLimit(.minutes(20)))
struct IssuedKeyOperationTests {
    private let policies: [(name: String, text: String)] = [
        (
            "gateway.yaml",
            """
            policy: gateway
            rules:
              - allow: [verify]
                issuers: [shop]
            """
        ),
        (
            "other.yaml",
            """
            policy: other
            rules:
              - allow: [issue, verify, revoke]
                issuers: [other]
            """
        ),
    ]

    /// A vault with the issuer `shop`: a client and the headers of an administrator, a gateway and another team.
    private struct Shop {
        let client: RawClient
        let admin: [String: String]
        let gateway: [String: String]
        let other: [String: String]

        init(_ running: RunningServer) throws {
            client = try running.client(running.socket)
            let admin = ["Authorization": "Bearer \(try running.initialize())"]
            self.admin = admin
            let made = try client.ask(
                "POST", "/v1/issuers", admin,
                body: #"{"name":"shop","prefix":"shop","scopes":["read","write"],"tiers":{"free":{"limits":["2/h"]}}}"#)
            #expect(made.status == 201, "\(made.text)")
            let second = try client.ask("POST", "/v1/issuers", admin, body: #"{"name":"other"}"#)
            #expect(second.status == 201, "\(second.text)")
            func accessKey(_ policy: String, _ client: RawClient) throws -> [String: String] {
                let reply = try client.ask(
                    "POST", "/v1/issuers/keyturn/keys", admin, body: "{\"name\":\"a\",\"policies\":[\"\(policy)\"]}")
                return ["Authorization": "Bearer \(try #require(reply.json["key"] as? String))"]
            }
            gateway = try accessKey("gateway", client)
            other = try accessKey("other", client)
        }

        func issue(_ members: String = "", by issuer: String = "shop") throws -> (id: String, key: String) {
            let reply = try client.ask(
                "POST", "/v1/issuers/\(issuer)/keys", admin, body: #"{"name":"customer""# + members + "}")
            #expect(reply.status == 201, "\(reply.text)")
            #expect(reply["Cache-Control"] == "no-store")
            return (try #require(reply.json["id"] as? String), try #require(reply.json["key"] as? String))
        }

        /// What a proxy is told of a key.
        func check(_ key: String?, _ headers: [String: String] = [:], query: String = "") throws -> RawReply {
            var headers = headers.merging(gateway) { $1 }
            headers["Keyturn-Key"] = key
            return try client.ask("GET", "/v1/verify\(query)", headers)
        }

        func verify(_ body: String, as caller: [String: String]? = nil) throws -> RawReply {
            try client.ask("POST", "/v1/verify", caller ?? gateway, body: body)
        }
    }

    @Test("A proxy is told by status and headers, and what nobody may tell apart looks the same")
    func proxy() async throws {
        try await RunningServer.run(policies: policies) { running in
            let shop = try Shop(running)
            let good = try shop.issue(#","owner":"a\"b<é>,;%\\ @x","scopes":["read"]"#)
            for presented in [good.key, "Bearer \(good.key)", "bearer  \(good.key)"] {
                let reply = try shop.check(presented)
                #expect(reply.status == 200)
                #expect(reply["Keyturn-Code"] == "VALID")
                #expect(reply["Keyturn-Id"] == good.id)
                #expect(reply["Keyturn-Owner"] == "a%22b%3C%C3%A9%3E%2C%3B%25%5C%20@x")
                #expect(reply.body.isEmpty && reply["Cache-Control"] == "no-store")
            }
            let foreign = try shop.issue(by: "other")
            let ends = ["id", "date", "keyturn-request"]
            func plain(_ reply: RawReply) -> String {
                reply.headers.filter { !ends.contains($0.name.lowercased()) }.map { "\($0.name): \($0.value)" }
                    .joined(separator: "\n")
            }
            let nothing = try shop.check(nil)
            #expect(nothing.status == 401 && nothing["Keyturn-Code"] == "NOT_FOUND")
            #expect(nothing["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
            for wrong in [
                "", "x", "Bearer", "Basic eDp5", foreign.key, good.key + "x", String(good.key.dropLast()),
                String(repeating: "x", count: 5000), "a b c",
            ] {
                let reply = try shop.check(wrong)
                #expect(reply.status == 401)
                #expect(plain(reply) == plain(nothing))
            }
            #expect(try shop.check(good.key, ["Keyturn-Scope": "write"]).status == 403)
            #expect(try shop.check(good.key, ["Keyturn-Scope": "read"]).status == 200)
            // Another issuer that the proxy may verify nothing of is no answer, but a refusal.
            let refused = try shop.check(good.key, query: "?issuer=other")
            #expect(refused.status == 403 && refused["Keyturn-Code"] == nil)
            #expect(try shop.check(good.key, ["Keyturn-Network": "somewhere"]).status == 400)
            let near = try shop.issue(#","networks":["192.0.2.0/24","2001:db8::/32"]"#)
            #expect(try shop.check(near.key)["Keyturn-Code"] == "NETWORK_DENIED")
            for (address, status) in [
                ("192.0.2.7", 200), ("::ffff:192.0.2.7", 200), ("2001:db8::1", 200), ("198.51.100.1", 403),
            ] {
                #expect(try shop.check(near.key, ["Keyturn-Network": address]).status == status)
            }
            let limited = try shop.issue(#","tier":"free""#)
            let first = try shop.check(limited.key)
            #expect(first["RateLimit-Limit"] == "2" && first["RateLimit-Remaining"] == "1")
            #expect(try shop.check(limited.key).status == 200)
            let spent = try shop.check(limited.key)
            #expect(spent.status == 429 && Int(spent["Retry-After"] ?? "") ?? 0 > 0)
            #expect(try shop.check(limited.key, query: "?limited=403").status == 403)
            #expect(try shop.check(limited.key, query: "?limited=200").status == 400)
            #expect(try shop.client.ask("POST", "/v1/issuers/shop/keys/\(good.id):revoke", shop.admin).status == 200)
            let ended = try shop.check(good.key)
            #expect(ended.status == 401 && ended["Keyturn-Code"] == "REVOKED")
        }
    }

    @Test("What a customer presented is never the credential of the proxy that asks")
    func credentials() async throws {
        try await RunningServer.run(policies: policies) { running in
            let shop = try Shop(running)
            let good = try shop.issue()
            for headers in [
                ["Authorization": "Bearer \(good.key)"], ["X-API-Key": good.key],
                ["Authorization": "Bearer \(good.key)", "Keyturn-Key": good.key],
            ] {
                let reply = try shop.client.ask("GET", "/v1/verify", headers)
                #expect(reply.status == 401)
                #expect(reply["Keyturn-Code"] == nil)
            }
            // Who may verify nothing is refused; an access key is no customer's key.
            #expect(try shop.client.ask("GET", "/v1/verify", ["Keyturn-Key": good.key]).status == 403)
            let own = shop.gateway["Authorization"]?.dropFirst(7)
            #expect(try shop.check(own.map(String.init))["Keyturn-Code"] == "NOT_FOUND")
            let twice = try running.client(running.socket)
            twice.send("GET /v1/verify HTTP/1.1\r\nHost: x\r\nKeyturn-Key: a\r\nKeyturn-Key: b\r\n\r\n")
            #expect(try twice.reply().status == 400)
        }
    }

    @Test("A proxy that asks with HEAD is answered without a body, whatever the answer, and may go on asking")
    func head() async throws {
        try await RunningServer.run(policies: policies) { running in
            let shop = try Shop(running)
            let good = try shop.issue()
            let client = try running.client(running.socket)
            let gateway = shop.gateway["Authorization"] ?? ""
            func head(_ headers: String) -> String { "HEAD /v1/verify HTTP/1.1\r\nHost: x\r\n\(headers)\r\n" }
            client.send(head("Authorization: \(gateway)\r\nKeyturn-Key: \(good.key)\r\n"))
            #expect(try client.reply().status == 200)
            client.send(head("Authorization: \(gateway)\r\nKeyturn-Key: x\r\n"))
            #expect(try client.reply().status == 401)
            // The last one's problem would come with a body.
            client.send(head("Authorization: Bearer keyturn_wrong\r\nConnection: close\r\n"))
            let rest = client.rest()
            #expect(rest.hasPrefix("HTTP/1.1 401"))
            #expect(rest.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("A verification says what is left and when it is back, for each limit and the quota")
    func verification() async throws {
        // Neither clock goes on: no month ends meanwhile, and nothing is given back.
        let moment = RunningServer.now()
        try await RunningServer.run(policies: policies, now: { moment }, steady: { 0 }) { running in
            let shop = try Shop(running)
            let made = try shop.issue(
                #","scopes":["read"],"limits":["10/h","100/d"],"quota":50,"quota_refill":"monthly","metadata":{"plan":"gold"}"#
            )
            let reply = try shop.verify(#"{"key":"\#(made.key)","scope":"read","cost":3}"#).json
            #expect(reply["valid"] as? Bool == true && reply["code"] as? String == "VALID")
            #expect(reply["id"] as? String == made.id && reply["remaining"] as? Int == 7)
            #expect(reply["metadata"] as? [String: String] == ["plan": "gold"])
            let limits = try #require(reply["limits"] as? [[String: Any]])
            #expect(limits.map { $0["limit"] as? String } == ["10/h", "100/d"])
            #expect(limits.map { $0["remaining"] as? Int } == [7, 97])
            let quota = try #require(reply["quota"] as? [String: Any])
            #expect(quota["remaining"] as? Int == 47 && quota["resets"] != nil)
            // More than is left is refused whole, and spends nothing; 0 looks.
            let refused = try shop.verify(#"{"key":"\#(made.key)","cost":8}"#).json
            #expect(refused["code"] as? String == "RATE_LIMITED")
            #expect(try shop.verify(#"{"key":"\#(made.key)","cost":0}"#).json["remaining"] as? Int == 7)
            #expect(try shop.verify(#"{"key":"\#(made.key)","cost":-1}"#).status == 400)
            // Nothing of a key that the caller may not verify.
            let foreign = try shop.verify(#"{"key":"\#(made.key)"}"#, as: shop.other)
            #expect(foreign.text == #"{"code":"NOT_FOUND","valid":false}"#)
            let batch = try shop.client.ask(
                "POST", "/v1/verify:batch", shop.gateway,
                body: #"{"keys":[{"key":"x"},{"key":"\#(made.key)","cost":7},{"key":"\#(made.key)"}]}"#)
            let codes = (batch.json["results"] as? [[String: Any]])?.map { $0["code"] as? String }
            #expect(codes == ["NOT_FOUND", "VALID", "RATE_LIMITED"])
        }
    }

    @Test("Another team's keys are not there, by id, in a list or by their text")
    func foreign() async throws {
        try await RunningServer.run(policies: policies) { running in
            let shop = try Shop(running)
            let made = try shop.issue()
            for (method, path) in [
                ("GET", "/v1/issuers/shop/keys/\(made.id)"), ("GET", "/v1/issuers/other/keys/\(made.id)"),
                ("POST", "/v1/issuers/other/keys/\(made.id):revoke"),
                ("POST", "/v1/issuers/shop/keys/\(made.id):revoke"),
            ] {
                #expect(try shop.client.ask(method, path, shop.other).status == 404, "\(method) \(path)")
            }
            let found = try shop.client.ask("POST", "/v1/issuers:find", shop.other, body: #"{"key":"\#(made.key)"}"#)
            #expect((found.json["keys"] as? [Any])?.isEmpty == true && found.json["exact"] as? Bool == false)
            let issuers = try shop.client.ask("GET", "/v1/issuers", shop.other)
            #expect((issuers.json["issuers"] as? [[String: Any]])?.map { $0["name"] as? String } == ["other"])
            let own = try shop.client.ask("POST", "/v1/issuers:find", shop.admin, body: #"{"key":"\#(made.key)"}"#)
            #expect(own.json["exact"] as? Bool == true)
            #expect(!own.text.contains(made.key))
        }
    }

    @Test("An issuer is changed for keys to come alone, and deleted only when it has none")
    func issuers() async throws {
        try await RunningServer.run(policies: policies) { running in
            let shop = try Shop(running)
            let made = try shop.issue(#","tier":"free","scopes":["read"]"#)
            let changed = try shop.client.ask(
                "PATCH", "/v1/issuers/shop", shop.admin,
                body: #"{"scopes":["write"],"tiers":null,"lifetime":"90d"}"#)
            #expect(changed.json["lifetime"] as? String == "90d")
            #expect((changed.json["tiers"] as? [String: Any])?.isEmpty == true)
            let record = try shop.client.ask("GET", "/v1/issuers/shop/keys/\(made.id)", shop.admin).json
            #expect(record["limits"] as? [String] == ["2/h"] && record["scopes"] as? [String] == ["read"])
            #expect(record["expires"] == nil)
            let refused = try shop.client.ask(
                "POST", "/v1/issuers/shop/keys", shop.admin, body: #"{"name":"x","scopes":["read"]}"#)
            #expect(refused.status == 400)
            for body in [
                #"{"name":"x","policies":["administrator"]}"#, #"{"name":"x","quota_refill":"monthly"}"#,
                #"{"name":"x","limits":["10"]}"#, #"{"name":"x","networks":[]}"#, #"{"name":"x","lifetime":"0d"}"#,
                #"{"name":"x","lifetime":"9000000d"}"#, #"{"name":"x","expires":"2001-01-01T00:00:00Z"}"#,
            ] {
                #expect(try shop.client.ask("POST", "/v1/issuers/shop/keys", shop.admin, body: body).status == 400)
            }
            #expect(try shop.client.ask("DELETE", "/v1/issuers/shop", shop.admin).status == 409)
            #expect(try shop.client.ask("DELETE", "/v1/issuers/keyturn", shop.admin).status == 409)
            #expect(try shop.client.ask("DELETE", "/v1/issuers/other", shop.admin).json["deleted"] as? Bool == true)
            #expect(try shop.client.ask("GET", "/v1/issuers/other", shop.admin).status == 404)
            #expect(try shop.client.ask("POST", "/v1/issuers", shop.other, body: #"{"name":"mine"}"#).status == 403)
        }
    }

    @Test("No text becomes anything but a text in a header")
    func inert() {
        #expect(HeaderText.inert("a\r\nX: 1\u{0}\u{7f}\u{1b}%") == "a%0D%0AX:%201%00%7F%1B%25")
        #expect(HeaderText.inert("shop-7_x.y~z@example.com:/+") == "shop-7_x.y~z@example.com:/+")
        let sent = CustomersKey(HTTPHeaders([("keyturn-key", "Bearer   abc"), ("Keyturn-Scope", "s")]))
        #expect(sent.text.disclosedText() == "abc" && sent.scope == "s" && sent.address == nil)
    }

    @Test("A length of time is written in the largest unit that fits")
    func durations() {
        for text in ["90d", "36h", "90m", "45s", "1d"] {
            let milliseconds = (try? DurationText.milliseconds(text)) ?? 0
            #expect(DurationWords.text(milliseconds) == text)
        }
    }
}
