import Foundation
import Testing
import VaultAPI
import Vault

@testable import Server

@Suite("Requests that are not in order", .timeLimit(.minutes(20)))
struct HygieneTests {
    @Test("A hostile path over the wire is answered with 400 and nothing of itself")
    func paths() async throws {
        try await RunningServer.run { running in
            let host = ["Host": "localhost:\(running.addresses.port ?? 0)"]
            for path in [
                "/v1/keys/../x", "/v1/keys/%2e%2e/x", "/v1//keys", "/v1/keys/a%2Fb", "/v1/keys/a%00b", "/v1/keys/a\\b",
                "/v1/keys/\u{e9}",
            ] {
                let reply = try running.client().ask("GET", path, host)
                #expect(reply.status == 400, "\(path)")
                #expect(!reply.everything.contains(path))
            }
        }
    }

    @Test("CR, LF and NUL in a target or a header are never emitted")
    func controls() async throws {
        try await RunningServer.run { running in
            for raw in [
                "GET /v1/status\r\nX-Injected: 1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-A: a\u{0}b\r\n\r\n",
                "GET /v1/sta\u{0}tus HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-A: INJECTED\rY\r\n\r\n",
                "GET /v1/status?a=%0d%0aX-Injected:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /v1/keys/INJECTED\u{1b}[31m HTTP/1.1\r\nHost: localhost\r\n\r\n",
            ] {
                let client = try running.client(running.operatorSocket)
                client.send(raw)
                let reply = try client.reply()
                #expect(reply.status == 400)
                #expect(!reply.everything.contains("njected") && !reply.everything.contains("INJECTED"))
                #expect(!reply.everything.utf8.contains(0) && !reply.everything.utf8.contains(0x1b))
            }
        }
    }

    @Test(
        "What is no HTTP is answered with a problem that repeats nothing, and the connection ends",
        arguments: [
            "SECRET\r\n\r\n", "GET /v1/status SECRET\r\n\r\n", "GET /v1/status HTTP/1.1\r\nSECRET\r\n\r\n",
            "GET /v1/status HTTP/2.0\r\nHost: SECRET\r\n\r\n", "\u{16}\u{3}\u{1}SECRET\r\n\r\n",
            "PUT /v1/keys/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nSECRET\r\n",
            "PUT /v1/keys/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: SECRET\r\n\r\n",
        ])
    func notHTTP(raw: String) async throws {
        try await RunningServer.run { running in
            let client = try running.client(running.operatorSocket)
            client.send(raw)
            let reply = try client.reply()
            #expect(reply.status == 400)
            #expect(reply["Content-Type"] == "application/problem+json")
            #expect(reply.code == "malformed")
            #expect(!reply.everything.contains("SECRET"))
            #expect(client.isClosed())
            #expect(!running.log.text.contains("SECRET"))
        }
    }

    @Test(
        "Headers that could mean two things are refused",
        arguments: [
            "Host: localhost\r\nHost: evil", "Authorization: Bearer a\r\nAuthorization: Bearer b",
            "Content-Length: 1\r\nContent-Length: 2", "Content-Length: 1\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity", "Expect: something",
            "Authorization: Bearer a\r\nX-API-Key: b", "Content-Length: +1", "Content-Length: 1, 1",
        ])
    func ambiguous(headers: String) async throws {
        try await RunningServer.run { running in
            let client = try running.client(running.socket)
            client.send("POST /v1/policies:reload HTTP/1.1\r\n\(headers)\r\n\r\n")
            let reply = try client.reply()
            #expect(reply.status == 400)
            #expect(reply.closes)
            #expect(client.isClosed())
        }
    }

    @Test("A Host that is not ours and an Origin that is not ours are refused on TCP, and an Origin on a socket")
    func names() async throws {
        try await RunningServer.run { running in
            let port = running.addresses.port ?? 0
            for host in ["evil.example", "x.localhost", "localhost:1", "localhost:\(port).evil.example"] {
                let reply = try running.client().ask("GET", "/v1/status", ["Host": host])
                #expect(reply.code == "host_refused")
                #expect(reply.status == 403)
            }
            let none = try running.client()
            none.send("GET /v1/status HTTP/1.1\r\n\r\n")
            #expect(try none.reply().status == 400)
            for host in ["localhost:\(port)", "127.0.0.1:\(port)", "[::1]:\(port)", "localhost", "127.0.0.1", "[::1]"] {
                #expect(try running.client().ask("GET", "/v1/status", ["Host": host]).status == 200)
            }
            let foreign = ["Host": "localhost:\(port)", "Origin": "http://evil.example"]
            #expect(try running.client().ask("GET", "/v1/status", foreign).code == "origin_refused")
            let own = ["Host": "localhost:\(port)", "Origin": "http://localhost:\(port)"]
            let reply = try running.client().ask("GET", "/v1/status", own)
            #expect(reply.status == 200)
            #expect(!reply.headers.contains { $0.name.lowercased().hasPrefix("access-control") })
            #expect(
                try running.client(running.socket).ask("GET", "/v1/status", ["Origin": "http://localhost"]).code
                    == "origin_refused")
        }
    }

    @Test("Too many headers, and too large ones, are refused")
    func headers() async throws {
        try await RunningServer.run { running in
            for headers in [
                (0..<70).map { "X-H\($0): 1\r\n" }.joined(),
                "X-Large: " + String(repeating: "x", count: 20_000) + "\r\n",
                (0..<20).map { "X-H\($0): " + String(repeating: "y", count: 1000) + "\r\n" }.joined(),
            ] {
                let client = try running.client(running.socket)
                client.send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\(headers)\r\n")
                #expect(try client.reply().status == 400)
            }
        }
    }

    @Test("Methods that a path does not have are refused with those that there are")
    func methods() async throws {
        try await RunningServer.run { running in
            // One that the decoder does not even know is no HTTP.
            #expect(try running.client(running.socket).ask("BREW", "/v1/status").status == 400)
            for method in ["DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
                let reply = try running.client(running.socket).ask(method, "/v1/status")
                #expect(reply.status == 405 && reply["Allow"] == "GET, HEAD")
            }
            #expect(try running.client(running.socket).ask("GET", "/v1/none").code == "not_found")
        }
    }

    @Test("HEAD says of a value nothing, and is told what to do instead")
    func headOfValue() async throws {
        try await RunningServer.run { running in
            let client = try running.client(running.socket)
            client.send("HEAD /v1/values/a HTTP/1.1\r\nHost: x\r\n\r\n")
            let reply = try client.reply(hasBody: false)
            #expect(reply.status == 405 && reply["Allow"] == "GET")
            let refusal = #expect(throws: Refusal.self) { try RouteTable.standard.match("HEAD", "/v1/values/a") }
            #expect(refusal?.problem.detail.contains("If-None-Match") == true)
        }
    }

    @Test(
        "HEAD is answered as GET is, with everything but the body, and the connection goes on",
        arguments: ["/v1/status", "/v1/openapi.json", "/v1/health", "/console", "/v1/none", "/v1/keys/a", "/v1/keys"])
    func head(target: String) async throws {
        try await RunningServer.run { running in
            let asked = try running.client(running.operatorSocket)
            let get = try asked.ask("GET", target)
            let client = try running.client(running.operatorSocket)
            client.send("HEAD \(target) HTTP/1.1\r\nHost: \(client.host)\r\n\r\n")
            let head = try client.reply(hasBody: false)
            #expect(head.status == get.status)
            // These are another time's, or drawn anew for each reply.
            var changing = [
                "Date", "Keyturn-Request", "Retry-After", "Set-Cookie", "Location", "Content-Security-Policy",
            ]
            // It tells how much room the disk has, which other tests take: the number may have a digit more.
            let saysOfNow = target == "/v1/health"
            if saysOfNow { changing.append("Content-Length") }
            func steady(_ reply: RawReply) -> [String] {
                reply.headers.filter { !changing.contains($0.name) }.map { "\($0.name): \($0.value)" }
            }
            #expect(steady(head) == steady(get))
            if saysOfNow {
                #expect(head["Content-Length"].flatMap { Int($0) } ?? 0 > 0)
            } else {
                #expect(head["Content-Length"] == "\(get.body.count)")
            }
            if head.closes {
                #expect(client.rest() == "")
            } else {
                #expect(try client.ask("GET", "/v1/status").status == 200)
            }
        }
    }

    @Test("What is no request is refused with a body, whatever came before it")
    func afterHead() async throws {
        try await RunningServer.run { running in
            let client = try running.client(running.socket)
            client.send("HEAD /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.reply(hasBody: false).status == 200)
            client.send("GET /v1/status HTTP/1.1\r\nno header\r\n\r\n")
            #expect(try client.reply().code == "malformed")
        }
    }

    @Test("A whole address as the target counts as its path and its host, whatever the Host header says")
    func absoluteForm() async throws {
        try await RunningServer.run { running in
            let port = try #require(running.addresses.port)
            for address in ["http://127.0.0.1:\(port)", "HTTP://LocalHost:\(port)", "http://localhost"] {
                for host in ["127.0.0.1:\(port)", "evil.example"] {
                    let reply = try running.client().ask("GET", address + "/v1/status", ["Host": host])
                    #expect(reply.status == 200, "\(address) \(host)")
                }
            }
            let client = try running.client()
            client.send("GET http://localhost:\(port)/v1/status HTTP/1.1\r\n\r\n")
            #expect(try client.reply().status == 400)
            for (target, code) in [
                ("http://evil.example/v1/status", "host_refused"), ("http://evil.example", "host_refused"),
                ("http://evil.example:\(port)/v1/status", "host_refused"),
                ("http://127.0.0.1:\(port)/v1/../v1/status", "invalid_path"),
                ("http://127.0.0.1:\(port)?x=1", "not_found"), ("http://127.0.0.1:\(port)", "not_found"),
                ("https://127.0.0.1:\(port)/v1/status", "invalid_path"),
                ("http://me:MARKER@127.0.0.1:\(port)/v1/status", "invalid_path"), ("http:///v1/status", "invalid_path"),
                ("ftp://127.0.0.1:\(port)/v1/status", "invalid_path"),
            ] {
                let reply = try running.client().ask("GET", target, ["Host": "127.0.0.1:\(port)"])
                #expect(reply.code == code || code == "invalid_path" && reply.status == 400, "\(target)")
                #expect(!reply.everything.contains("MARKER"))
            }
            let repeated = try running.client()
            repeated.send("GET http://localhost/v1/status HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            #expect(try repeated.reply().status == 400)
        }
    }

    @Test("What a call does not take is refused")
    func unknown() async throws {
        try await RunningServer.run { running in
            for target in ["/v1/status?wait=1", "/v1/keys?due=1"] {
                let reply = try running.client(running.socket).ask("GET", target)
                #expect(reply.code == "unknown_member")
            }
            #expect(try running.client(running.socket).ask("GET", "/v1/status", body: "x").status == 400)
            // What clients send that always send something.
            #expect(try running.client(running.socket).ask("GET", "/v1/status", body: "{}").status == 200)
        }
    }

    @Test("A malformed request that carries a secret leaves it in no reply, no log line and no audit line")
    func secrets() async throws {
        try await RunningServer.run { running in
            let key = try running.initialize()
            let marker = "sk_live_MARKER8f2c"
            let auth = ["Authorization": "Bearer \(key)"]
            let requests: [(String, String, [String: String], String?)] = [
                ("PUT", "/v1/keys/a", auth, "{\"fields\":{\"value\":\"\(marker)\"}"),
                ("PUT", "/v1/keys/a", auth, "{\"fields\":{\"value\":\"\(marker)\"},\"\(marker)\":1}"),
                ("PUT", "/v1/keys/a", auth, "{\"fields\":{\"\(marker)\":\"x\"}}"),
                ("PUT", "/v1/keys/a", auth, "{\"fields\":{\"value\":[\"\(marker)\"]}}"),
                ("PUT", "/v1/keys/a", auth, "{\"fields\":\"\(marker)\"}"),
                ("PUT", "/v1/keys/a", auth, "{\"fields\":{\"value\":\"x\"},\"visibility\":\"\(marker)\"}"),
                ("PUT", "/v1/keys/a", auth, "{\"fields\":{\"value\":\"x\"},\"expires\":\"\(marker)\"}"),
                ("PUT", "/v1/keys/a", auth, "{\"fields\":{\"value\":\"x\"},\"overlap\":\"\(marker)\"}"),
                ("PUT", "/v1/keys/a", auth, "{\"fields\":{\"value\":\"\(marker)\"},\"encoding\":\"base64\"}"),
                ("PUT", "/v1/keys/a", auth, "\(marker)"),
                ("PUT", "/v1/keys/a?\(marker)=\(marker)", auth, "{}"),
                ("PUT", "/v1/keys/%00\(marker)", auth, "{}"),
                ("GET", "/v1/values/a?field=\(marker)%00", auth, nil),
                ("GET", "/v1/keys?limit=\(marker)", auth, nil),
                ("GET", "/v1/whoami", ["Authorization": "Bearer \(marker)"], nil),
                ("GET", "/v1/whoami", ["Authorization": "Basic \(marker)"], nil),
                ("GET", "/v1/whoami", ["Authorization": "Bearer \(marker)", "X-API-Key": "other"], nil),
                ("GET", "/v1/status", ["Host": marker], nil),
                ("GET", "/v1/status", ["Origin": "http://\(marker)"], nil),
                ("GET", "/v1/values/a", ["If-None-Match": marker], nil),
                ("POST", "/v1/seal:unseal?slot=\(marker)", [:], marker),
                (
                    "POST", "/v1/seal:unseal", ["Content-Type": "application/x-www-form-urlencoded"],
                    "passphrase=\(marker)&x=1"
                ),
                ("\(marker)", "/v1/status", [:], nil),
                ("GET", "/v1/status", ["Expect": marker], nil),
                ("POST", "/v1/slots/\(marker):recovery", auth, nil),
                ("POST", "/v1/seal:confirm?ceremony=\(marker)", [:], marker),
            ]
            for (method, target, headers, body) in requests {
                var headers = headers
                if headers["Host"] == nil { headers["Host"] = "localhost:\(running.addresses.port ?? 0)" }
                let reply = try running.client().ask(method, target, headers, body: body)
                #expect(reply.status >= 400, "\(method) \(target)")
                #expect(!reply.everything.contains("MARKER"), "\(method) \(target)")
            }
            #expect(!running.log.text.contains("MARKER"))
            #expect(!running.log.text.contains(key))
            #expect(!running.log.text.contains(RunningServer.passphrase))
            await running.vault.sealAtEnd()
            #expect(!running.auditText.contains("MARKER"))
            #expect(!running.auditText.isEmpty)
        }
    }
}
