import Foundation
import Testing
import Vault

@testable import Server

/// Retrievals that wait for a change, over every kind of door.
@Suite("Waiting calls", .timeLimit(.minutes(20)))
struct WaitCallTests {
    private static let policies: [(name: String, text: String)] = [
        (
            "app.yaml",
            """
            policy: app
            description: What is under app.
            rules:
              - allow: [retrieve]
                keys: ["app/**"]
              - allow: [renew]
            callers:
              unix-users: [somebody]
            """
        )
    ]

    /// A vault with one key, its administrator, an application's key and the value's tag.
    private struct Stage {
        let running: RunningServer
        let administrator: String
        let key: String
        let id: String
        let tag: String

        init(_ running: RunningServer) throws {
            let administrator = try running.initialize()
            let made = try running.client().ask(
                "POST", "/v1/issuers/keyturn/keys", ["Authorization": "Bearer \(administrator)"],
                body: #"{"name": "app", "policies": ["app"]}"#)
            let key = made.json["key"] as? String ?? ""
            try Self.put(running, administrator, "first")
            let first = try running.client().ask("GET", "/v1/values/app/a", ["Authorization": "Bearer \(key)"])
            self.running = running
            self.administrator = administrator
            self.key = key
            id = made.json["id"] as? String ?? ""
            tag = first["ETag"] ?? ""
        }

        func put(_ value: String) throws { try Self.put(running, administrator, value) }

        private static func put(_ running: RunningServer, _ administrator: String, _ value: String) throws {
            let reply = try running.client().ask(
                "PUT", "/v1/keys/app/a", ["Authorization": "Bearer \(administrator)"],
                body: #"{"fields": {"value": "\#(value)"}}"#)
            #expect([200, 201].contains(reply.status))
        }

        /// Sends a request that waits, and returns when it does.
        func waiting(_ client: RawClient, presents: Bool = true, after sent: String = "") throws {
            let before = running.vault.waitCount
            let key = presents ? "Authorization: Bearer \(key)\r\n" : ""
            client.send(
                "GET /v1/values/app/a?wait=60s HTTP/1.1\r\nHost: \(client.host)\r\n\(key)If-None-Match: \(tag)\r\n\r\n"
                    + sent)
            try until { running.vault.waitCount == before + 1 }
        }

        func until(_ holds: () throws -> Bool) throws {
            let end = ContinuousClock.now + .seconds(600)
            while try !holds() {
                guard ContinuousClock.now < end else { throw RawClient.NoReply(received: "it did not come about") }
                usleep(1_000)
            }
        }
    }

    private func run(_ body: @escaping @Sendable (Stage) async throws -> Void) async throws {
        try await RunningServer.run(policies: Self.policies, directory: UserDirectory { _ in "somebody" }) {
            try await body(try Stage($0))
        }
    }

    @Test("A wait that is too long or no duration is refused")
    func refused() async throws {
        try await run { stage in
            for (query, headers) in [
                ("wait=61s", ["If-None-Match": stage.tag]), ("wait=soon", ["If-None-Match": stage.tag]),
                ("wait=0s", ["If-None-Match": stage.tag]), ("wait=61s", [:]),
            ] {
                let headers = headers.merging(["Authorization": "Bearer \(stage.key)"]) { first, _ in first }
                let reply = try stage.running.client().ask("GET", "/v1/values/app/a?\(query)", headers)
                #expect(reply.status == 400)
                #expect(reply.json["field"] as? String == "wait")
            }
        }
    }

    @Test("Through every door a new version ends the wait, and a second request on the connection is served")
    func changed() async throws {
        try await run { stage in
            let clients = try [stage.running.port, stage.running.socket, stage.running.operatorSocket].map {
                try stage.running.client($0)
            }
            for client in clients { try stage.waiting(client) }
            let user = try stage.running.client(stage.running.socket)
            try stage.waiting(user, presents: false)
            try stage.put("second")
            for client in clients + [user] {
                let reply = try client.reply()
                #expect(reply.status == 200)
                #expect(reply.json["version"] as? Int == 2)
                #expect(reply["ETag"] != stage.tag)
                #expect(try client.ask("GET", "/v1/status").status == 200)
            }
        }
    }

    @Test("When the time is over, nothing has changed")
    func timeIsOver() async throws {
        try await run { stage in
            for place in [stage.running.port, stage.running.socket] {
                let reply = try stage.running.client(place).ask(
                    "GET", "/v1/values/app/a?wait=1s",
                    ["Authorization": "Bearer \(stage.key)", "If-None-Match": stage.tag])
                #expect(reply.status == 304)
                #expect(reply["ETag"] == stage.tag)
            }
            #expect(stage.running.vault.waitCount == 0)
        }
    }

    @Test("A revoked access key is told so at once, and a sealed vault lets everybody go")
    func ended() async throws {
        try await run { stage in
            let (revoked, user) = (try stage.running.client(), try stage.running.client(stage.running.socket))
            try stage.waiting(revoked)
            try stage.waiting(user, presents: false)
            let reply = try stage.running.client().ask(
                "POST", "/v1/issuers/keyturn/keys/\(stage.id):revoke",
                ["Authorization": "Bearer \(stage.administrator)"])
            #expect(reply.status == 200)
            #expect(try revoked.reply().status == 401)
            #expect(stage.running.vault.waitCount == 1)
            #expect(try stage.running.client(stage.running.operatorSocket).ask("POST", "/v1/seal:seal").status == 200)
            let sealed = try user.reply()
            #expect(sealed.status == 503)
            #expect((1...4).contains(Int(sealed["Retry-After"] ?? "") ?? 0))
            // With the reply or right after it, whichever the connection heard of first.
            #expect(user.isClosed())
        }
    }

    @Test("A client that goes away is not waited for, and one that says nothing more is answered at once")
    func gone() async throws {
        try await run { stage in
            for place in [stage.running.port, stage.running.socket] {
                var client: RawClient? = try stage.running.client(place)
                if let client { try stage.waiting(client) }
                client = nil
                try stage.until { stage.running.vault.waitCount == 0 }
                let polite = try stage.running.client(place)
                try stage.waiting(polite)
                polite.finish()
                #expect(try polite.reply().status == 304)
                #expect(polite.isClosed())
            }
        }
    }

    @Test("What was sent ahead is answered after the wait")
    func pipelined() async throws {
        try await run { stage in
            let client = try stage.running.client()
            try stage.waiting(client, after: "GET /v1/status HTTP/1.1\r\nHost: \(client.host)\r\n\r\n")
            try stage.put("second")
            #expect(try client.reply().json["version"] as? Int == 2)
            #expect(try client.reply().json["state"] as? String == "unsealed")
        }
    }

    @Test("A server that stops lets everybody go first")
    func stopping() async throws {
        let replies = Replies()
        try await run { stage in
            let clients = try [stage.running.port, stage.running.socket].map { try stage.running.client($0) }
            for client in clients { try stage.waiting(client) }
            replies.read(clients)
        }
        #expect(replies.statuses() == [304, 304])
    }

    @Test("An access key that ends soon is told so in every answer, on the event loop and beside it")
    func warned() async throws {
        try await run { stage in
            let ask = { (place: RawClient.Place, target: String) in
                try stage.running.client(place).ask("GET", target, ["Authorization": "Bearer \(stage.key)"])
            }
            #expect(try ask(stage.running.port, "/v1/values/app/a")["Keyturn-Access-Key-Expires"] == nil)
            let rolled = try stage.running.client().ask(
                "POST", "/v1/access:roll", ["Authorization": "Bearer \(stage.key)"], body: #"{"overlap": "1h"}"#)
            #expect(rolled.status == 200)
            for place in [stage.running.port, stage.running.socket] {
                for target in ["/v1/values/app/a", "/v1/whoami", "/v1/keys/app/a"] {
                    let end = try ask(place, target)["Keyturn-Access-Key-Expires"] ?? ""
                    #expect(end.wholeMatch(of: /2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil)
                }
            }
        }
    }
}

/// Reads replies on threads of its own, which may come after the test's own thread has gone on.
private final class Replies: @unchecked Sendable {
    private let done = DispatchGroup()
    private let lock = NSLock()
    private var found: [Int] = []

    func read(_ clients: [RawClient]) {
        for client in clients {
            let client = Lent(client)
            done.enter()
            Thread.detachNewThread {
                let status = (try? client.value.reply().status) ?? 0
                self.lock.withLock { self.found.append(status) }
                self.done.leave()
            }
        }
    }

    func statuses() -> [Int] {
        done.wait()
        return lock.withLock { found }
    }

    private struct Lent: @unchecked Sendable {
        let value: RawClient
        init(_ value: RawClient) { self.value = value }
    }
}
