import Foundation
import NIOHTTP1
import Testing
import Vault

@testable import Console
@testable import Server

/// The console on the server's own listeners: what HTTP decides before a page does.
@Suite struct ConsoleCallTests {
    private static let page = ["Accept": "text/html", "Sec-Fetch-Site": "none"]

    private static func label(_ reply: RawReply) throws -> String {
        let location = try #require(reply["Location"])
        return String(location.dropFirst("http://".count).split(separator: "/")[0])
    }

    @Test("A browser is led from / to a label of its own; a program is told that there is no such call")
    func root() async throws {
        try await RunningServer.run { running in
            let reply = try running.client().ask("GET", "/", Self.page)
            #expect(reply.status == 303)
            #expect(reply["Location"]?.hasSuffix(".localhost:\(running.addresses.port ?? 0)/console") == true)
            #expect(try running.client().ask("GET", "/").status == 404)
            #expect(try running.client().ask("GET", "/", ["Accept": "*/*"]).code == "not_found")
        }
    }

    @Test("A rebound host name is refused for every page, and a label only helps where this server listens")
    func hosts() async throws {
        try await RunningServer.run { running in
            let port = running.addresses.port ?? 0
            let label = try Self.label(try running.client().ask("GET", "/console", Self.page))
            for host in [
                "evil.example", "evil.example:\(port)", "localhost:1", "\(label).evil.example",
                "localhost.evil.example:\(port)",
                "\(label.split(separator: ":")[0]).localhost:1", "x.localhost:\(port)", "localhost.:\(port)",
            ] {
                for target in ["/console", "/console/sign-in", "/console/keys/a", "/console/assets/console.css"] {
                    let reply = try running.client().ask("GET", target, ["Host": host])
                    #expect(reply.status == 403 && reply.text.contains("host_refused"), "\(host) \(target)")
                    #expect(reply["Content-Type"]?.hasPrefix("text/html") == true)
                    #expect(reply["Content-Security-Policy"] != nil && reply["Cache-Control"] == "no-store")
                }
            }
            // Under a label there is a console, and no API.
            #expect(try running.client().ask("GET", "/v1/status", ["Host": label]).code == "host_refused")
            #expect(try running.client().ask("GET", "/console/initialize", ["Host": label]).status == 200)
        }
    }

    @Test("A browser signs in and out over HTTP; cookies mean nothing to the API")
    func signIn() async throws {
        try await RunningServer.run { running in
            let key = try running.initialize()
            var host = try Self.label(try running.client().ask("GET", "/console", Self.page))
            var cookies: [String: String] = [:]
            func ask(_ method: String, _ target: String, _ form: [String: String]? = nil) throws -> RawReply {
                var headers = ["Host": host, "Sec-Fetch-Site": "same-origin"]
                if !cookies.isEmpty {
                    headers["Cookie"] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
                }
                if form != nil { headers["Content-Type"] = "application/x-www-form-urlencoded" }
                let body = form.map { form in
                    form.map { "\($0.key)=\(FormEncoding.encode($0.value))" }.joined(separator: "&")
                }
                let reply = try running.client().ask(method, target, headers, body: body)
                for (_, value) in reply.headers.filter({ $0.name == "Set-Cookie" }) {
                    let pair = value.split(separator: ";")[0].split(separator: "=", maxSplits: 1).map(String.init)
                    cookies[pair[0]] = value.contains("Max-Age=0") ? nil : pair[1]
                }
                #expect(reply["X-Content-Type-Options"] == "nosniff" && reply["Content-Security-Policy"] != nil)
                return reply
            }
            func token(_ page: RawReply) throws -> String {
                let match = try #require(page.text.firstMatch(of: #/name="csrf" value="([0-9a-f]+)"/#))
                return String(match.1)
            }
            #expect(try ask("GET", "/console/keys")["Location"] == "/console/sign-in?to=/console/keys")
            let form = try ask("GET", "/console/sign-in?to=/console/keys")
            let signedIn = try ask("POST", "/console/sign-in", ["csrf": try token(form), "key": key])
            #expect(signedIn.status == 200 && signedIn.closes && cookies["keyturn"] == nil)
            // The session lives under a label that this answer alone names.
            let way = try #require(signedIn["Refresh"]?.firstMatch(of: #/0; url=http:\/\/([^\/]+)(\/.+)/#))
            #expect(host != String(way.1))
            host = String(way.1)
            let entered = try ask("GET", String(way.2))
            #expect(entered.status == 200 && entered["Refresh"] == "0; url=/console/keys")
            let list = try ask("GET", "/console/keys")
            #expect(list.status == 200 && list["Cache-Control"] == "no-store" && list.text.contains("No keys yet"))
            let session = try #require(cookies["keyturn"])
            for target in ["/v1/whoami", "/v1/keys"] {
                let reply = try running.client().ask(
                    "GET", target, ["Cookie": "keyturn=\(session); __Host-keyturn=\(session)"])
                #expect(reply.status == 401)
            }
            let out = try ask("POST", "/console/sign-out", ["csrf": try token(list)])
            #expect(out.status == 303 && out["Clear-Site-Data"] != nil && cookies["keyturn"] == nil)
            cookies["keyturn"] = session
            #expect(try ask("GET", "/console/keys").status == 303)
            #expect(!running.log.text.contains(key) && !running.auditText.contains(key))
            #expect(!running.log.text.contains(session))
        }
    }

    @Test("What a browser's request presents as an API's client counts for nothing on a page")
    func noCredentials() async throws {
        try await RunningServer.run { running in
            let key = try running.initialize()
            let host = try Self.label(try running.client().ask("GET", "/console", Self.page))
            let reply = try running.client().ask(
                "GET", "/console/keys", ["Host": host, "Authorization": "Bearer \(key)", "X-API-Key": key])
            #expect(reply.status == 303 && reply["Location"]?.hasPrefix("/console/sign-in") == true)
            // Nor the user of a socket.
            let socket = running.operatorSocket
            let label = String(host.split(separator: ":")[0]) + ":9999"
            let local = try running.client(socket).ask("GET", "/console/keys", ["Host": label])
            #expect(local.status == 303 && local["Location"]?.hasPrefix("/console/sign-in") == true)
            for (name, status) in [
                ("localhost:9999", 303), ("[::1]:1", 303), ("evil.example", 403), ("localhost.evil.example", 403),
                ("127.0.0.1.evil.example:80", 403), ("localhost:9999.evil.example", 403), ("[::1]evil", 403),
            ] {
                #expect(
                    try running.client(socket).ask("GET", "/console/keys", ["Host": name]).status == status, "\(name)")
            }
        }
    }

    @Test("Wrong addresses, methods, bodies and types are answered by pages")
    func problems() async throws {
        try await RunningServer.run { running in
            _ = try running.initialize()
            let host = try Self.label(try running.client().ask("GET", "/console", Self.page))
            func status(_ method: String, _ target: String, _ headers: [String: String] = [:], body: String? = nil)
                throws
                -> (Int, RawReply)
            {
                let reply = try running.client().ask(
                    method, target, ["Host": host, "Sec-Fetch-Site": "same-origin"].merging(headers) { $1 }, body: body)
                #expect(reply["Content-Type"] == "text/html; charset=utf-8", "\(method) \(target)")
                #expect(reply["Content-Security-Policy"] != nil)
                return (reply.status, reply)
            }
            #expect(try status("GET", "/console/nothing").0 == 404)
            #expect(try status("GET", "/console/keys/../x").0 == 400)
            #expect(try status("GET", "/console/keys/%2e%2e").0 == 400)
            let wrong = try status("DELETE", "/console/sign-in")
            #expect(wrong.0 == 405 && wrong.1["Allow"] == "GET, HEAD, POST")
            let type = ["Content-Type": "application/x-www-form-urlencoded"]
            #expect(try status("POST", "/console/sign-in", type, body: String(repeating: "a", count: 5_000)).0 == 413)
            #expect(try status("POST", "/console/sign-in", ["Content-Type": "text/plain"], body: "key=a").0 == 400)
            #expect(try status("POST", "/console/sign-in", type, body: "csrf=%zz").0 == 400)
        }
    }

    @Test("A large form of somebody who has not signed in is not read")
    func unreadBodies() async throws {
        try await RunningServer.run { running in
            _ = try running.initialize()
            let host = try Self.label(try running.client().ask("GET", "/console", Self.page))
            let client = try running.client()
            client.send(
                "POST /console/add-key HTTP/1.1\r\nHost: \(host)\r\nSec-Fetch-Site: same-origin\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 800000\r\n\r\nvalue=")
            let reply = try client.reply()
            #expect(reply.status == 303 && reply["Location"] == "/console/sign-in")
        }
    }

    @Test("Switched off, there is no console, and no label is a name of this server")
    func off() async throws {
        try await RunningServer.run({ $0.hasConsole = false }) { running in
            let port = running.addresses.port ?? 0
            #expect(try running.client().ask("GET", "/", Self.page).code == "not_found")
            #expect(try running.client().ask("GET", "/console", Self.page).code == "not_found")
            let label = String(repeating: "a", count: 32)
            let reply = try running.client().ask("GET", "/console", ["Host": "\(label).localhost:\(port)"])
            #expect(reply.code == "host_refused")
        }
    }

    @Test("A page is told whether its connection is encrypted, and of no credential")
    func heads() throws {
        for isTLS in [true, false] {
            let names = HostNames(own: "127.0.0.1", port: 8200, isTLS: isTLS, allowed: ["vault.example"])
            let intake = Intake(rules: PeerRules(serverUser: 0), pages: .console)
            let admission = try intake.admit(
                HTTPRequestHead(
                    version: .http1_1, method: .GET, uri: "/console/keys/a/b:edit?q=1",
                    headers: ["Host": "vault.example", "Authorization": "Basic !!", "Origin": "null"]),
                peer: Peer(), doorway: Doorway(door: .network, names: names))
            let page = try #require(admission.page)
            #expect(page.isTLS == isTLS && page.path == "/console/keys/a/b:edit" && page.query == "q=1")
            #expect(admission.route.name == "GET /console/keys/{path}:edit" && admission.parameters["path"] == "a/b")
            guard case .none = admission.requester.credential else {
                Issue.record("a credential was taken from a header")
                return
            }
        }
    }
}
