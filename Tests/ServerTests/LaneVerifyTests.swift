import Foundation
import SecretMemory
import Testing
import Vault
import VaultAPI

@testable import Server

/// Verifications by way of the lane and around it.
@Suite("Verifying in the lane", .timeLimit(.minutes(20)))
struct LaneVerifyTests {
    private static let policies: [(name: String, text: String)] = [
        (
            "gateway.yaml",
            """
            policy: gateway
            rules:
              - allow: [verify]
                issuers: [shop]
            callers:
              unix-users: [somebody]
            """
        ),
        (
            "reader.yaml",
            """
            policy: reader
            rules:
              - allow: [retrieve]
                keys: ["**"]
            """
        ),
    ]

    /// Issued keys, and access keys to ask with.
    private struct Shop {
        let client: RawClient
        let administrator: [String: String]
        /// Of all kinds, by what becomes of them.
        var keys: [String] = []
        /// Those that have nothing left.
        var spent: [String] = []
        var askers: [String] = []

        init(_ running: RunningServer) throws {
            client = try running.client(running.socket)
            let key = try running.initialize()
            administrator = ["Authorization": "Bearer \(key)"]
            for issuer in ["shop", "bank"] {
                let made = try client.ask(
                    "POST", "/v1/issuers", administrator, body: #"{"name":"\#(issuer)","scopes":["read","write"]}"#)
                #expect(made.status == 201)
            }
            askers = [key, try accessKey("gateway"), try accessKey("gateway"), try accessKey("reader")]
            askers += ["keyturn_wrong", "\u{1}"]
            keys.append(try issue(#","owner":"a<b>\"é\"","scopes":["read","write"],"metadata":{"z":"1","a":"&"}"#).key)
            keys.append(try issue(#","networks":["192.0.2.0/24"],"expires":"2100-01-01T00:00:00Z""#).key)
            keys.append(try issue(#","limits":["100000/h"],"quota":900000,"quota_refill":"monthly""#).key)
            let (revoked, disabled) = (try issue(), try issue())
            spent = [try issue(#","limits":["1/d"]"#).key, try issue(#","quota":1"#).key]
            for key in spent { #expect(try verify(#"{"key":"\#(key)"}"#).json["code"] as? String == "VALID") }
            for (id, verb) in [(revoked.id, "revoke"), (disabled.id, "disable")] {
                #expect(try client.ask("POST", "/v1/issuers/shop/keys/\(id):\(verb)", administrator).status == 200)
            }
            keys += [revoked.key, disabled.key, try issue(by: "bank").key, "x", ""]
        }

        func accessKey(_ policy: String, _ members: String = "") throws -> String {
            let made = try client.ask(
                "POST", "/v1/issuers/keyturn/keys", administrator,
                body: #"{"name":"a","policies":["\#(policy)"]\#(members)}"#)
            return try #require(made.json["key"] as? String)
        }

        func issue(_ members: String = "", by issuer: String = "shop") throws -> (id: String, key: String) {
            let made = try client.ask(
                "POST", "/v1/issuers/\(issuer)/keys", administrator, body: #"{"name":"n"\#(members)}"#)
            return (try #require(made.json["id"] as? String), try #require(made.json["key"] as? String))
        }

        func verify(_ body: String) throws -> RawReply {
            try client.ask("POST", "/v1/verify", administrator, body: body)
        }
    }

    /// What requests are made of; most choices are in order, so that most requests get somewhere.
    private struct Requests {
        var random: LaneTests.Seeded
        let keys: [String]
        let spent: [String]
        let askers: [String]

        mutating func one<T>(_ choices: [T]) -> T { choices[Int(random.next() % UInt64(choices.count))] }
        mutating func seldom() -> Bool { random.next() % 16 == 0 }

        mutating func next() -> String { random.next() % 2 == 0 ? document() : headers() }

        private mutating func head(_ line: String) -> String {
            var text = "\(line) HTTP/1.\(seldom() ? "0" : "1")\r\nHost: \(seldom() ? "elsewhere" : "localhost")\r\n"
            if random.next() % 8 != 0 { text += "\(one(["Authorization: Bearer", "X-API-Key:"])) \(one(askers))\r\n" }
            if seldom() {
                text += one([
                    "Connection: close\r\n", "Origin: http://elsewhere\r\n", "Via: 1.1 proxy\r\n",
                    "Expect: nothing\r\n",
                    "Expect: 100-continue\r\n", "Content-Length: 0\r\n", "X: \u{7f}\r\n", "Keyturn-Key: a\r\n",
                ])
            }
            return text
        }

        /// `POST`. What costs nothing or is refused can be asked twice.
        private mutating func document() -> String {
            var body = seldom() ? #""key":"\#(one(spent))""# : #""key":"\#(one(keys))","cost":0"#
            if random.next() % 3 == 0 { body += #","scope":"\#(one(["read", "write", "none", ""]))""# }
            if random.next() % 3 == 0 { body += #","issuer":"\#(one(["shop", "shop", "bank", "none", "../x"]))""# }
            if random.next() % 3 == 0 { body += #","network":"\#(one(["192.0.2.7", "::1", "nowhere"]))""# }
            body = "{" + body + "}"
            if seldom() {
                body = one([
                    body.replacing("\"key\"", with: "\"k\\u0065y\""), body + "x", body.replacing(":0", with: ":-1"),
                    "[]",
                    body.replacing("{", with: "{\"key\":1,"), String(repeating: "[", count: 200), "{}", "",
                    body.replacing("\"key\"", with: "\"\u{e9}\""), body.replacing(":0", with: ":1000001"),
                    body.replacing(",", with: " ,\r\n\t"),
                ])
            }
            let line = head("\(seldom() ? one(["PUT", "DELETE"]) : "POST") /v1/verify\(seldom() ? "?cost=1" : "")")
            if seldom() {
                let size = String(body.utf8.count, radix: 16)
                return line
                    + "Transfer-Encoding: chunked\r\n\r\n\(size)\r\n\(body)\r\n\(body.isEmpty ? "" : "0\r\n\r\n")"
            }
            return line + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
        }

        /// `GET` and `HEAD`.
        private mutating func headers() -> String {
            let isSpent = seldom()
            let query =
                isSpent
                ? one(["", "?cost=1", "?limited=403"])
                : one([
                    "?cost=0", "?cost=0", "?cost=0&issuer=shop", "?cost=0&limited=403", "?cost=0&issuer=bank",
                    "?cost=x",
                    "?limited=401", "?cost=0&unknown=1",
                ])
            var text = head("\(seldom() ? "HEAD" : "GET") /v1/verify\(query)")
            text += "Keyturn-Key: \(one(["", "", "Bearer ", "bearer  ", "Basic "]))\(one(isSpent ? spent : keys))\r\n"
            if random.next() % 3 == 0 { text += "Keyturn-Network: \(one(["192.0.2.7", "::1", "nowhere"]))\r\n" }
            if random.next() % 3 == 0 { text += "Keyturn-Scope: \(one(["read", "none"]))\r\n" }
            return text + "\r\n"
        }
    }

    /// A reply without what moves with the clock.
    private static func still(_ reply: RawReply) -> String {
        LaneTests.still(reply)
            .replacing(/("resets":"|Retry-After: |RateLimit-Reset: |"retry_after":)[-0-9TZ:.]+/) { "\($0.output.1)…" }
    }

    @Test("Whatever is asked, the reply is the same as without it, header by header", arguments: [1, 2, 3])
    func same(seed: UInt64) async throws {
        try await LaneTests.compare(Self.policies) { running, around in
            let shop = try Shop(running)
            var requests = Requests(
                random: LaneTests.Seeded(state: seed), keys: shop.keys, spent: shop.spent, askers: shop.askers)
            var statuses: [Int: Int] = [:]
            var found: Set<String> = []
            let places = try [running.socket, .local(#require(around.socket))]
            var clients: [RawClient] = []
            for _ in 0..<600 {
                if clients.isEmpty {
                    clients = try places.map { try running.client($0) }
                    // The lane is open once the router has answered.
                    for client in clients { #expect(try client.ask("GET", "/v1/status").status == 200) }
                }
                let request = requests.next()
                let isHead = request.hasPrefix("HEAD")
                for client in clients { client.send(request) }
                let replies = try clients.map { try $0.answer(hasBody: !isHead) }
                #expect(Self.still(replies[0]) == Self.still(replies[1]), "\(request)")
                statuses[replies[0].status, default: 0] += 1
                if let code = replies[0]["Keyturn-Code"] ?? replies[0].json["code"] as? String { found.insert(code) }
                // An answer that comes before the end of what was sent may end the connection, or not.
                if replies.contains(where: \.closes) { clients = [] }
            }
            for status in [200, 400, 401, 403] { #expect(statuses[status] != nil, "\(status)") }
            for code in ["NOT_FOUND", "REVOKED", "DISABLED", "NETWORK_DENIED", "SCOPE_DENIED", "RATE_LIMITED", "VALID"]
            {
                #expect(found.contains(code), "\(code)")
            }
            #expect(running.server.answeredInLane > 100)
        }
    }

    @Test("A body that comes byte by byte is answered when it is in whole, and what follows it in its turn")
    func slow() async throws {
        try await RunningServer.run(policies: Self.policies) { running in
            let shop = try Shop(running)
            let client = try running.client(running.socket)
            #expect(try client.ask("GET", "/v1/status").status == 200)
            let taken = running.server.answeredInLane
            let body = #"{"key":"\#(shop.keys[0])"}"#
            let head = "POST /v1/verify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(shop.askers[1])\r\n"
            let request = head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
            for byte in request.utf8 { client.send([byte]) }
            #expect(try client.reply().json["code"] as? String == "VALID")
            let odd = body.replacing(":\"shop", with: ":\"\\u0073hop")
            let other = head + "Content-Length: \(odd.utf8.count)\r\n\r\n" + odd
            let status = "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n"
            client.send(request + other + status + request + other)
            for _ in 0..<2 { #expect(try client.reply().json["code"] as? String == "VALID") }
            #expect(try client.reply().json["state"] as? String == "unsealed")
            for _ in 0..<2 { #expect(try client.reply().json["code"] as? String == "VALID") }
            #expect(running.server.answeredInLane == taken + 3)
            // What is longer than nearly anybody needs is the router's.
            let long = body + String(repeating: " ", count: 5_000)
            client.send(head + "Content-Length: \(long.utf8.count)\r\n\r\n" + long)
            #expect(try client.reply().json["code"] as? String == "VALID")
            #expect(running.server.answeredInLane == taken + 3)
        }
    }

    @Test("A request that its head turns away pays as well, and is told of the limit where nothing is left")
    func turnedAway() async throws {
        try await RunningServer.run(policies: Self.policies, steady: { 0 }) { running in
            let shop = try Shop(running)
            let auth = ["Authorization": "Bearer \(try shop.accessKey("gateway", #","limits":["2/s"]"#))"]
            // Nobody waits for the line of a refusal; one that is waited for comes after it.
            func limitedLines() throws -> Int {
                #expect(try shop.client.ask("GET", "/v1/issuers", shop.administrator).status == 200)
                return running.auditText.components(separatedBy: "rate_limited").count
            }
            func status(_ path: String, announced: Int = 0) throws -> Int {
                let length = announced > 0 ? ["Content-Length": String(announced)] : [:]
                return try running.client(running.socket).ask("POST", path, auth.merging(length) { $1 }).status
            }
            #expect(try status("/v1/verify", announced: 100_000_000) == 413)
            #expect(try status("/v1/verify?none=1") == 400)
            let before = try limitedLines()
            #expect(try status("/v1/verify", announced: 100_000_000) == 429)
            #expect(try limitedLines() == before + 1)
            #expect(try status("/v1/verify?none=1") == 429)
        }
    }

    @Test(
        "A request pays once, whether the lane answers it or leaves it to the router, and is refused before its body is read"
    )
    func paid() async throws {
        // The clock of the limits stands still.
        try await RunningServer.run(policies: Self.policies, steady: { 0 }) { running in
            let shop = try Shop(running)
            let asker = try shop.accessKey("gateway", #","limits":["4/s"]"#)
            let auth = ["Authorization": "Bearer \(asker)"]
            let client = try running.client(running.socket)
            let plain = #"{"key":"\#(shop.keys[0])"}"#
            for body in [plain, plain.replacing(":\"shop", with: ":\"\\u0073hop"), #"{"key":[]}"#, plain] {
                #expect(try client.ask("POST", "/v1/verify", auth, body: body).status != 429)
            }
            for body in [plain, "{", String(repeating: "[", count: 1_000)] {
                let spent = try client.ask("POST", "/v1/verify", auth, body: body)
                #expect(spent.status == 429 && spent["Retry-After"] != nil)
            }
            #expect(try client.ask("GET", "/v1/verify", auth).status == 429)
            #expect(running.server.answeredInLane >= 5)
        }
    }

    @Test("A use that has to be made durable is counted and answered, and holds up no other connection")
    func leased() async throws {
        try await RunningServer.run(policies: Self.policies) { running in
            let shop = try Shop(running)
            let counted = try shop.issue(#","quota":10"#)
            let clients = try (0..<8).map { _ in try running.client(running.socket) }
            for client in clients { #expect(try client.ask("GET", "/v1/status").status == 200) }
            func request(_ key: String) -> String {
                let body = #"{"key":"\#(key)"}"#
                return "POST /v1/verify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(shop.askers[1])\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
            }
            var codes: [String: Int] = [:]
            for _ in 0..<4 {
                for (place, client) in clients.enumerated() {
                    client.send(request(place % 2 == 0 ? counted.key : shop.keys[0]))
                }
                for (place, client) in clients.enumerated() {
                    let code = try #require(client.reply().json["code"] as? String)
                    if place % 2 == 0 { codes[code, default: 0] += 1 } else { #expect(code == "VALID") }
                }
            }
            #expect(codes == ["VALID": 10, "QUOTA_EXCEEDED": 6])
        }
    }

    @Test("What is answered is what its wire type would be written as")
    func wire() async throws {
        // Neither clock goes on: no month ends meanwhile, and nothing is given back.
        let moment = RunningServer.now()
        try await RunningServer.run(policies: Self.policies, now: { moment }, steady: { 0 }) { running in
            let shop = try Shop(running)
            let full = try shop.issue(
                #","owner":"acme","scopes":["read","write"],"metadata":{"plan":"gold","a":"b"},"#
                    + #""limits":["2/h","1000/d"],"quota":5,"quota_refill":"monthly","expires":"2100-01-01T00:00:00Z""#)
            for body in [#"{"key":"\#(full.key)"}"#, #"{"key":"\#(full.key)","cost":3}"#, #"{"key":"x"}"#] {
                let reply = try shop.verify(body)
                let read = try WireJSON.reply(VerifyReply.self, from: reply.body)
                #expect(try WireJSON.encode(read) == reply.body)
            }
            let batch = try shop.client.ask(
                "POST", "/v1/verify:batch", shop.administrator,
                body: #"{"keys":[{"key":"\#(full.key)","cost":0},{"key":"x"}]}"#)
            let all = try WireJSON.reply(VerifyBatchReply.self, from: batch.body)
            #expect(all.results.map(\.code) == [.valid, .notFound])
            #expect(try WireJSON.encode(all) == batch.body)
            let read = try WireJSON.reply(VerifyReply.self, from: shop.verify(#"{"key":"\#(full.key)","cost":2}"#).body)
            #expect(read.code == .rateLimited && read.retryAfter != nil && read.quota?.remaining == 4)
            #expect(read.quota?.resets?.description.hasSuffix("-01T00:00:00Z") == true && read.visibility == .private)
            #expect(read.limits?.map(\.remaining) == [1, 999] && read.remaining == 1 && read.quota?.resets != nil)
            // Whoever verifies a public key is told that it is one.
            let web = try shop.client.ask(
                "POST", "/v1/issuers", shop.administrator, body: #"{"name":"web","visibility":"public"}"#)
            #expect(web.status == 201)
            let open = try shop.issue(by: "web").key
            #expect(try shop.verify(#"{"key":"\#(open)"}"#).json["visibility"] as? String == "public")
            let headers = shop.administrator.merging(["Keyturn-Key": open]) { $1 }
            #expect(try shop.client.ask("GET", "/v1/verify", headers)["Keyturn-Visibility"] == "public")
        }
    }
}
