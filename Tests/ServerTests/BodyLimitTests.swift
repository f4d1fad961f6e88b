import Foundation
import NIOCore
import Testing

@testable import Server

@Suite("Bodies and senders without end", .timeLimit(.minutes(20)))
struct BodyLimitTests {
    /// Makes the vault. Whoever is late by the limits is let go, and it is done again.
    private static func initialize(_ running: RunningServer, within limit: Duration) throws -> String {
        for _ in 0..<10 {
            let start = ContinuousClock.now
            do {
                return try running.initialize()
            } catch let error as RawClient.NoReply {
                guard ContinuousClock.now - start >= limit else { throw error }
            }
        }
        return try running.initialize()
    }

    /// A client that has asked for the status in time. Whoever is late by the limits is let go, and another one asks.
    private static func asking(
        _ running: RunningServer, _ place: RawClient.Place, within limit: Duration
    ) throws -> RawClient {
        while true {
            let start = ContinuousClock.now
            let client = try running.client(place)
            client.send("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
            if ContinuousClock.now - start < limit { return client }
        }
    }

    @Test("A body that says it is too large is refused before a byte of it is read")
    func announced() async throws {
        try await RunningServer.run { running in
            for (target, length) in [("/v1/keys/a", 512 * 1024 + 1), ("/v1/keys/a", 999_999_999_999)] {
                let client = try running.client(running.socket)
                client.send("PUT \(target) HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n")
                let reply = try client.reply()
                #expect(reply.status == 413)
                #expect(reply.closes)
            }
            let client = try running.client(running.socket)
            client.send("POST /v1/seal:unseal HTTP/1.1\r\nHost: x\r\nContent-Length: 4097\r\n\r\n")
            #expect(try client.reply().status == 413)
        }
    }

    @Test("A body in chunks is refused where it grows too large, and the reply arrives although more is sent")
    func chunked() async throws {
        try await RunningServer.run { running in
            let key = try running.initialize()
            let client = try running.client(running.socket)
            client.send(
                "PUT /v1/keys/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            let chunk = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
            for _ in 0..<1_600 { client.send(chunk) }
            let reply = try client.reply()
            #expect(reply.status == 413)
            #expect(reply.code == "too_large")
        }
    }

    @Test("JSON that is too deep or has too many members is refused with 400")
    func deep() async throws {
        try await RunningServer.run { running in
            let key = try running.initialize()
            let auth = ["Authorization": "Bearer \(key)"]
            let nested = "{\"fields\":" + String(repeating: "[", count: 20) + String(repeating: "]", count: 20) + "}"
            #expect(try running.client(running.socket).ask("PUT", "/v1/keys/a", auth, body: nested).code == "too_deep")
            let many = "{" + (0..<1_100).map { "\"a\($0)\":1" }.joined(separator: ",") + "}"
            #expect(try running.client(running.socket).ask("PUT", "/v1/keys/a", auth, body: many).code == "too_deep")
            let long = "{\"fields\":{\"value\":\"" + String(repeating: "x", count: 100_000) + "\"}}"
            #expect(try running.client(running.socket).ask("PUT", "/v1/keys/a", auth, body: long).status == 400)
            let twice = "{\"fields\":{\"value\":\"x\"},\"fields\":{\"value\":\"y\"}}"
            #expect(try running.client(running.socket).ask("PUT", "/v1/keys/a", auth, body: twice).code == "malformed")
        }
    }

    @Test("A client that waits to be told to go on is told so, or that its body is too large")
    func expectation() async throws {
        try await RunningServer.run { running in
            let key = try running.initialize()
            let head = "Host: x\r\nAuthorization: Bearer \(key)\r\nExpect: 100-Continue\r\n"
            let client = try running.client(running.socket)
            let body = "{\"fields\":{\"value\":\"x\"}}"
            client.send("PUT /v1/keys/a HTTP/1.1\r\n\(head)Content-Length: \(body.utf8.count)\r\n\r\n")
            #expect(try client.reply().status == 100)
            client.send(body)
            #expect(try client.reply().status == 201)
            let large = try running.client(running.socket)
            large.send("PUT /v1/keys/a HTTP/1.1\r\n\(head)Content-Length: 600000\r\n\r\n")
            #expect(try large.reply().status == 413)
        }
    }

    @Test("Whoever sends a head, a body or nothing too slowly is let go, and the operator is served meanwhile")
    func slow() async throws {
        try await RunningServer.run { configuration in
            configuration.limits.firstByte = .seconds(5)
            configuration.limits.idle = .seconds(5)
            configuration.limits.request = .seconds(5)
            configuration.limits.sealingRequest = .seconds(5)
        } _: { running in
            let key = try Self.initialize(running, within: .seconds(5))
            while true {
                let start = ContinuousClock.now
                let head = try running.client(running.socket)
                head.send("GET /v1/status HTTP/1.1\r\nHost: ")
                let body = try running.client(running.socket)
                body.send(
                    "PUT /v1/keys/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n"
                        + "Content-Length: 10\r\n\r\n12345")
                let passphrase = try running.client(running.socket)
                passphrase.send("POST /v1/seal:unseal HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
                let nothing = try running.client(running.socket)
                let kept = try Self.asking(running, running.socket, within: .seconds(5))
                let operators = try Self.asking(running, running.operatorSocket, within: .seconds(5))
                // On a busy machine some were let go by then, which is no failure: it is done again.
                guard ContinuousClock.now - start < .seconds(5) else { continue }
                #expect(try kept.reply().status == 200)
                #expect(try operators.reply().status == 200)
                #expect(try head.reply().code == "timeout")
                #expect(try body.reply().code == "timeout")
                #expect(try passphrase.reply().status == 408)
                #expect(nothing.isClosed())
                #expect(kept.isClosed())
                return
            }
        }
    }

    @Test("Connections beyond the limit wait, and the operator's socket is not among them")
    func connections() async throws {
        try await RunningServer.run { configuration in
            configuration.limits.connections = 3
            configuration.limits.firstByte = .seconds(2)
        } _: { running in
            let idle = try (0..<20).map { _ in try running.client(running.socket) }
            for _ in 0..<3 {
                let client = try Self.asking(running, running.operatorSocket, within: .seconds(2))
                #expect(try client.reply().status == 200)
            }
            // Those that say nothing go in their time, and the rest is served.
            let last = try Self.asking(running, running.socket, within: .seconds(2))
            #expect(try last.reply().status == 200)
            #expect(idle.count == 20)
        }
    }

    @Test("Strangers' bodies are not read: they cannot take the room of those who may be served")
    func strangers() async throws {
        try await RunningServer.run {
            $0.limits.bodyBytes = 64 * 1024
        } _: { running in
            let key = try running.initialize()
            let strangers = try (0..<40).map { _ in try running.client(running.port) }
            for stranger in strangers {
                stranger.send(
                    "POST /v1/keys:import HTTP/1.1\r\nHost: 127.0.0.1:\(running.addresses.port ?? 0)\r\n"
                        + "Content-Length: 4000000\r\n\r\n")
                stranger.send(String(repeating: "x", count: 8_000))
            }
            for stranger in strangers { #expect(try stranger.reply().status == 401) }
            let small = "{\"fields\":{\"value\":\"served\"}}"
            let reply = try running.client(running.socket).ask(
                "PUT", "/v1/keys/a", ["Authorization": "Bearer \(key)"], body: small)
            #expect(reply.status == 201)
        }
    }

    @Test("While the vault is sealed, no body is read")
    func sealed() async throws {
        try await RunningServer.run { running in
            let client = try running.client(running.socket)
            client.send(
                "PUT /v1/keys/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 500000\r\n\r\n")
            #expect(try client.reply().status == 503)
        }
    }

    @Test("Bodies that many send at once are held up to a bound")
    func budget() async throws {
        try await RunningServer.run {
            $0.limits.bodyBytes = 64 * 1024
        } _: { running in
            let key = try running.initialize()
            let body =
                "{\"fields\":{\"value\":\"" + String(repeating: "x", count: 60_000) + "\"},\"name\":\""
                + String(repeating: "y", count: 10_000) + "\"}"
            let reply = try running.client(running.socket).ask(
                "PUT", "/v1/keys/a", ["Authorization": "Bearer \(key)"], body: body)
            #expect(reply.status == 503)
            #expect(reply.code == "overloaded")
            // It was given back.
            let small = "{\"fields\":{\"value\":\"" + String(repeating: "x", count: 50_000) + "\"}}"
            for _ in 0..<3 {
                let reply = try running.client(running.socket).ask(
                    "PUT", "/v1/keys/a", ["Authorization": "Bearer \(key)"], body: small)
                #expect(reply.status < 300)
            }
        }
    }
}
