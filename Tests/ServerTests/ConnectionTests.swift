import Foundation
import Testing

@testable import Server

@Suite("Connections", .timeLimit(.minutes(20)))
struct ConnectionTests {
    @Test(
        "HTTP/1.0 and `Connection: close` in any case end the connection",
        arguments: [
            "GET /v1/status HTTP/1.0\r\n\r\n", "GET /v1/status HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: foo, CLOSE\r\n\r\n",
            "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        ])
    func closing(raw: String) async throws {
        try await RunningServer.run { running in
            let client = try running.client(running.socket)
            client.send(raw + "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
            let reply = try client.reply()
            #expect(reply.status == 200)
            #expect(reply.closes)
            #expect(client.isClosed())
        }
    }

    @Test("A connection serves one request after the other, pipelined ones in their order")
    func keptAlive() async throws {
        try await RunningServer.run { running in
            let client = try running.client(running.socket)
            for _ in 0..<3 {
                let reply = try client.ask("GET", "/v1/status")
                #expect(reply.status == 200)
                #expect(!reply.closes)
            }
            let one = "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n"
            let other = "GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
            client.send(one + other + one + "GET /v1/none HTTP/1.1\r\nHost: x\r\n\r\n" + one)
            #expect(try client.reply().status == 200)
            #expect(try client.reply().status == 503)
            #expect(try client.reply().status == 200)
            #expect(try client.reply().status == 404)
            #expect(client.isClosed())
        }
    }

    @Test("A client that has said all it will say is still answered")
    func halfClosed() async throws {
        try await RunningServer.run { running in
            let client = try running.client(running.socket)
            client.send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
            client.finish()
            #expect(try client.reply().status == 200)
            #expect(client.isClosed())
        }
    }

    @Test("Every reply says not to be kept, not to be guessed at, and how to find it in the log")
    func headers() async throws {
        try await RunningServer.run { running in
            let status = try running.client(running.socket).ask("GET", "/v1/status")
            #expect(status["Cache-Control"] == "no-cache")
            #expect(status["Content-Type"] == "application/json")
            let refused = try running.client(running.socket).ask("GET", "/v1/keys")
            #expect(refused["Cache-Control"] == "no-store")
            for reply in [status, refused] {
                #expect(reply["X-Content-Type-Options"] == "nosniff")
                #expect(reply["Server"] == nil)
                #expect(reply["Keyturn-Request"]?.count == 16)
            }
            #expect(running.log.text.contains(status["Keyturn-Request"] ?? "none"))
        }
    }

    @Test("When the vault seals, every other connection is closed, and the one that asked after its reply")
    func sealing() async throws {
        try await RunningServer.run { running in
            let key = try running.initialize()
            let others = try [running.socket, running.port, running.operatorSocket].map { try running.client($0) }
            for client in others {
                #expect(
                    try client.ask("GET", "/v1/status", ["Host": "localhost:\(running.addresses.port ?? 0)"]).status
                        == 200)
            }
            let half = try running.client(running.socket)
            let head = "PUT /v1/keys/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n"
            half.send(head + "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n")
            #expect(try half.reply().status == 100)
            half.send("123")
            let asking = try running.client(running.operatorSocket)
            #expect(try asking.ask("GET", "/v1/status").status == 200)
            let reply = try asking.ask("POST", "/v1/seal:seal")
            #expect(reply.status == 200)
            #expect(reply.json["state"] as? String == "sealed")
            #expect(reply.closes)
            #expect(asking.isClosed())
            for client in others { #expect(client.isClosed()) }
            #expect(half.isClosed())
            let status = try running.client(running.socket).ask("GET", "/v1/status")
            #expect(status.json["state"] as? String == "sealed")
        }
    }

    @Test(
        "A body that was cut off is never taken for a whole one",
        arguments: [
            "Content-Length: 30\r\n\r\n\(RunningServer.passphrase)",
            "Transfer-Encoding: chunked\r\n\r\n1c\r\n\(RunningServer.passphrase)\r\n",
        ])
    func cutOff(rest: String) async throws {
        try await RunningServer.run { running in
            _ = try running.initialize()
            #expect(try running.client(running.operatorSocket).ask("POST", "/v1/seal:seal").status == 200)
            for finishes in [true, false] {
                var client: RawClient? = try running.client(running.operatorSocket)
                client?.send("POST /v1/seal:unseal HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\(rest)")
                #expect(try client?.reply().status == 100)
                if finishes {
                    client?.finish()
                    #expect(client?.isClosed() == true)
                }
                client = nil
            }
            let status = try running.client(running.operatorSocket).ask("GET", "/v1/status")
            #expect(status.json["state"] as? String == "sealed")
            // The same, whole.
            let opened = try running.client(running.operatorSocket).ask(
                "POST", "/v1/seal:unseal", body: RunningServer.passphrase)
            #expect(opened.status == 200)
        }
    }

    @Test("A connection that carried a passphrase ends with its reply")
    func passphrase() async throws {
        try await RunningServer.run { running in
            let client = try running.client(running.operatorSocket)
            let reply = try client.ask("POST", "/v1/seal:unseal", body: "x")
            #expect(reply.closes)
            #expect(client.isClosed())
        }
    }
}
