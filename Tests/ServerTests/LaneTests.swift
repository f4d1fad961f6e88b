import Foundation
import Logging
import SecretMemory
import ServiceLifecycle
import Testing
import Vault

@testable import Server

/// The same requests to one vault by way of the lane and around it.
@Suite("The lane", .timeLimit(.minutes(20)))
struct LaneTests {
    static let policies: [(name: String, text: String)] = [
        (
            "app.yaml",
            """
            policy: app
            description: What is under app.
            rules:
              - allow: [retrieve]
                keys: ["app/**"]
              - deny: [retrieve]
                keys: ["app/denied"]
            callers:
              unix-users: [somebody]
            """
        )
    ]

    /// Runs `body` with a server that has a lane, and the places of another one of the same vault that has none.
    static func compare(
        _ policies: [(name: String, text: String)] = LaneTests.policies,
        _ body: @escaping @Sendable (RunningServer, _ around: KeyturnServer.Addresses) async throws -> Void
    ) async throws {
        let directory = UserDirectory { _ in "somebody" }
        try await RunningServer.run(policies: policies, directory: directory) { running in
            var configuration = ServerConfiguration(
                dataFolder: try running.folder.folder("data2"), listen: try ListenAddress(parsing: "127.0.0.1:0"),
                socket: .init(path: try running.folder.folder("run2", mode: 0o755) + "/app.sock"))
            configuration.hasLane = false
            let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let ready = AsyncStream<KeyturnServer.Addresses>.makeStream()
            let server = try KeyturnServer(
                configuration: configuration, vault: running.vault, logger: quiet, directory: directory,
                now: { Int64(Date().timeIntervalSince1970 * 1000) }, onReady: { ready.continuation.yield($0) })
            let group = ServiceGroup(configuration: .init(services: [server], logger: quiet))
            async let done: Void = group.run()
            guard let around = await ready.stream.first(where: { _ in true }) else { return }
            do {
                try await body(running, around)
            } catch {
                await group.triggerGracefulShutdown()
                try? await done
                throw error
            }
            await group.triggerGracefulShutdown()
            try await done
            #expect(server.answeredInLane == 0)
        }
    }

    /// A reply without what is by chance or by the clock.
    static func still(_ reply: RawReply) -> String {
        let headers = reply.headers.map { name, value in
            ["date", "keyturn-request", "content-length"].contains(name.lowercased()) ? name : "\(name): \(value)"
        }
        var body = reply.text
        // Each refusal has a number of its own.
        if let decision = reply.json["decision"] as? String { body = body.replacing(decision, with: "…") }
        return ([String(reply.status)] + headers + [body]).joined(separator: "\n")
    }

    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ state >> 31) &* 0x9e37_79b9_7f4a_7c15
        }
    }

    /// What requests are made of; most choices are in order, so that most requests get somewhere.
    private struct Requests {
        var random: Seeded
        let keys: [String]
        let tag: String

        mutating func one<T>(_ choices: [T]) -> T { choices[Int(random.next() % UInt64(choices.count))] }

        mutating func next() -> String {
            let path = one([
                "app/a", "app/a", "app/text", "app/bytes", "app/large", "app/denied", "app/gone", "app/none",
                "other/a", "app//a", "app/.a", "app/a:b", "app/%61", "",
            ])
            let query = one([
                "", "", "", "", "?version=1", "?version=9", "?version=x", "?stage=previous",
                "?stage=pending", "?version=1&stage=current", "?field=value", "?field=none", "?field=value&field=value",
                "?unknown=1", "?", "?field=%zz",
            ])
            let line = random.next() % 16 == 0 ? one(["HEAD", "get"]) : "GET"
            var text = "\(line) /v1/values/\(path)\(query) HTTP/1.\(random.next() % 16 == 0 ? "0" : "1")\r\n"
            text += "Host: \(random.next() % 16 == 0 ? "elsewhere" : "localhost")\r\n"
            if random.next() % 8 != 0 {
                text += "\(one(["Authorization: Bearer", "authorization: bearer", "X-API-Key:"])) \(one(keys))\r\n"
            }
            if random.next() % 16 == 0 { text += "X-API-Key: \(one(keys))\r\n" }
            if random.next() % 3 == 0 {
                text +=
                    "If-None-Match: \(one(["\"\(tag)\"", "\"x\", \"\(tag)\"", "\"x\"", "*", "W/\"\(tag)\"", "nothing"]))\r\n"
            }
            guard random.next() % 3 == 0 else { return text + "\r\n" }
            text += one([
                "Connection: close\r\n", "Connection: Close\r\n", "Connection: keep-alive\r\n",
                "Origin: http://elsewhere\r\n", "Via: 1.1 proxy\r\n", "X-Forwarded-For: 192.0.2.1\r\n",
                "Expect: 100-continue\r\n", "Expect: nothing\r\n", "Accept: */*\r\n", "Upgrade: h2c\r\n",
                "Content-Length: 0\r\n", "Content-Length: x\r\n", "Transfer-Encoding: chunked, gzip\r\n",
                "X: \u{7f}\r\n",
            ])
            return text + "\r\n"
        }
    }

    @Test("Whatever is asked, the reply is the same as without it, header by header", arguments: [1, 2, 3])
    func same(seed: UInt64) async throws {
        try await Self.compare { running, around in
            let administrator = try running.initialize()
            let auth = ["Authorization": "Bearer \(administrator)"]
            let client = try running.client(running.socket)
            func put(_ path: String, _ body: String) throws {
                #expect(try client.ask("PUT", "/v1/keys/\(path)", auth, body: body).status < 300)
            }
            try put("app/a", #"{"fields":{"value":"first"}}"#)
            try put("app/a", #"{"fields":{"value":"second","other":"\"<&>\u0001é"},"overlap":"1h"}"#)
            try put("app/text", #"{"fields":{"value":"text"},"expires":"2100-01-01T00:00:00Z"}"#)
            try put("app/bytes", #"{"fields":{"value":"/wA="},"encoding":"base64"}"#)
            try put("app/large", #"{"fields":{"value":"\#(String(repeating: "x", count: 60_000))"}}"#)
            try put("app/denied", #"{"fields":{"value":"no"}}"#)
            try put("app/gone", #"{"fields":{"value":"no"}}"#)
            #expect(try client.ask("DELETE", "/v1/keys/app/gone", auth).status == 200)
            let minted = try client.ask(
                "POST", "/v1/issuers/keyturn/keys", auth, body: #"{"name":"app","policies":["app"]}"#)
            let key = try #require(minted.json["key"] as? String)
            let tag = try #require(try client.ask("GET", "/v1/values/app/a", auth)["ETag"]).dropFirst().dropLast()

            var requests = Requests(
                random: Seeded(state: seed), keys: [key, key, key, administrator, key + "x", "keyturn_wrong", "\u{1}"],
                tag: String(tag))
            var statuses: [Int: Int] = [:]
            let places = try [running.socket, .local(#require(around.socket))]
            var clients: [RawClient] = []
            for _ in 0..<500 {
                if clients.isEmpty {
                    clients = try places.map { try running.client($0) }
                    // The lane is open once the router has answered.
                    for client in clients { #expect(try client.ask("GET", "/v1/status").status == 200) }
                }
                let request = requests.next()
                for client in clients { client.send(request) }
                let replies = try clients.map { try $0.reply(hasBody: !request.hasPrefix("HEAD")) }
                #expect(Self.still(replies[0]) == Self.still(replies[1]), "\(request)")
                statuses[replies[0].status, default: 0] += 1
                if replies[0].closes { clients = [] }
            }
            // The requests were of all kinds, and the lane was in use.
            for status in [200, 304, 400, 401, 403, 404] {
                #expect(statuses[status] != nil, "\(status)")
            }
            #expect(running.server.answeredInLane > 50)
        }
    }

    @Test("On one connection, requests of every kind are answered in their order", arguments: [4, 5])
    func pipelined(seed: UInt64) async throws {
        try await Self.compare { running, _ in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let setUp = try running.client(running.socket)
            for number in 0..<8 {
                let made = try setUp.ask(
                    "PUT", "/v1/keys/app/k\(number)", auth,
                    body:
                        #"{"fields":{"value":"\#(String(repeating: "\(number)", count: number % 2 == 0 ? 9 : 2_000))"}}"#
                )
                #expect(made.status == 201)
            }
            var random = Seeded(state: seed)
            let client = try running.client(running.socket)
            for _ in 0..<10 {
                let wanted = (0..<40).map { _ in Int(random.next() % 12) }
                client.send(
                    wanted.map { number in
                        let path = number < 8 ? "/v1/values/app/k\(number)" : "/v1/keys/app/k\(number - 8)"
                        return
                            "GET \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: \(auth["Authorization"] ?? "")\r\n\r\n"
                    }.joined())
                for number in wanted {
                    let reply = try client.reply()
                    #expect(reply.json["path"] as? String == "app/k\(number < 8 ? number : number - 8)")
                    #expect((reply.json["fields"] is [String: String]) == (number < 8))
                }
            }
        }
    }

    @Test("Many connections at once get their own values, and each has its line before its reply")
    func many() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            for number in 0..<16 {
                _ = try client.ask("PUT", "/v1/keys/app/k\(number)", auth, body: #"{"fields":{"value":"v\#(number)"}}"#)
            }
            let clients = try (0..<16).map { _ in try running.client(running.socket) }
            for round in 0..<20 {
                for (number, client) in clients.enumerated() {
                    client.send(
                        "GET /v1/values/app/k\((number + round) % 16) HTTP/1.1\r\nHost: x\r\n"
                            + "Authorization: \(auth["Authorization"] ?? "")\r\n\r\n")
                }
                for (number, client) in clients.enumerated() {
                    let fields = try client.reply().json["fields"] as? [String: String]
                    #expect(fields?["value"] == "v\((number + round) % 16)")
                }
                let lines = running.auditText.components(separatedBy: #""action":"retrieve""#).count - 1
                #expect(lines == (round + 1) * 16)
            }
        }
    }
}
