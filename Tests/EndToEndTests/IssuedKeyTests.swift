import Foundation
import TestThreads
import Testing

/// Keys for an API of one's own, from the command line and through a real nginx in front of that API.
@Suite(.blocks, .timeLimit(.minutes(20))) struct IssuedKeyTests {
    static let policies = [
        "gateway.yaml": """
        policy: gateway
        description: The proxy in front of the shop's API.
        rules:
          - allow: [verify]
            issuers: [shop]
        callers:
          unix-users: [games]
        """,
        "sales.yaml": """
        policy: sales
        description: Who hands keys to the shop's customers.
        rules:
          - allow: [issue, revoke]
            issuers: [shop]
        """,
    ]

    /// A vault with the issuer `shop`.
    private func shop() throws -> TestServer {
        let server = try TestServer.ready(policies: Self.policies)
        let made = try server.keyturn([
            "issuer", "create", "shop", "--prefix", "shop_live", "--scope", "orders:read", "--scope", "orders:write",
            "--tier", "free=1/h,quota=100/month",
        ])
        try #require(made.code == 0, "\(made.errors)")
        return server
    }

    /// Issues a key with the scope `orders:read`; gives its id and text.
    private func issue(_ server: TestServer, _ options: [String] = []) throws -> (id: String, key: String) {
        let made = try server.keyturn(
            ["issue", "shop", "a customer", "--owner", "acme", "--scope", "orders:read", "--json"] + options)
        try #require(made.code == 0, "\(made.errors)")
        let json = try made.json()
        return (try #require(json["id"] as? String), try #require(json["key"] as? String))
    }

    private func accessKey(_ server: TestServer, _ policy: String) throws -> String {
        let made = try server.keyturn(["access", "create", policy, "--policy", policy, "--json"])
        try #require(made.code == 0, "\(made.errors)")
        return try #require(made.json()["key"] as? String)
    }

    @Test("nginx lets in whom Keyturn lets in, says why it does not, and a revocation holds for the very next request")
    func nginx() throws {
        let server = try shop()
        let gateway = try accessKey(server, "gateway")
        let proxy = try Nginx(asking: server, as: .accessKey(gateway))

        let good = try issue(server)
        let served = try proxy.get(key: good.key)
        #expect(served.status == 200 && served.text == "today's orders\n")
        #expect(served.head.contains("Customer: acme"))
        #expect(try proxy.get(headers: ["X-API-Key: \(good.key)"]).status == 200)

        // Nobody, and what is no key.
        let stranger = try proxy.get()
        #expect(stranger.status == 401 && stranger.head.contains("WWW-Authenticate: Bearer"))
        let altered = good.key.dropLast() + (good.key.last == "0" ? "1" : "0")
        for wrong in ["x", altered, "keyturn_" + good.key.dropFirst(10), "a\u{e9}"] {
            #expect(try proxy.get(key: String(wrong)).status == 401)
        }
        // Its own credential is no customer's, and a customer's is none of its own.
        #expect(try proxy.get(key: gateway).status == 401)
        #expect(try server.request("GET", "/v1/verify", key: good.key).status == 401)

        let elsewhere = try issue(server, ["--network", "192.0.2.0/24"])
        #expect(try proxy.get(key: elsewhere.key).status == 403)
        #expect(try proxy.get(key: elsewhere.key, headers: ["X-Forwarded-For: 192.0.2.7"]).status == 403)
        // What a customer writes into Keyturn's headers goes nowhere.
        let forged = ["Keyturn-Key: \(good.key)", "Keyturn-Network: 192.0.2.7", "Keyturn-Scope: orders:write"]
        #expect(try proxy.get(key: elsewhere.key, headers: forged).status == 403)
        #expect(try proxy.get(headers: forged).status == 401)

        let other = try issue(server, ["--network", "127.0.0.0/8", "--network", "::1/128"])
        #expect(try proxy.get(key: other.key).status == 200)

        let limited = try issue(server, ["--tier", "free"])
        #expect(try proxy.get(key: limited.key).status == 200)
        let refused = try proxy.get(key: limited.key)
        #expect(refused.status == 429)
        #expect(refused.head.firstMatch(of: /Retry-After: [1-9][0-9]*/) != nil)

        let counted = try issue(server, ["--quota", "2"])
        #expect(try proxy.get(key: counted.key).status == 200)
        #expect(try proxy.get(key: counted.key).status == 200)
        #expect(try proxy.get(key: counted.key).status == 429)

        let brief = try issue(server, ["--expires", "1s"])
        try waitUntil("a key has expired") { try proxy.get(key: brief.key).status == 401 }
        #expect(try verify(server, brief.key) == "EXPIRED")

        #expect(try server.keyturn(["issued", "disable", "shop", other.id]).code == 0)
        #expect(try proxy.get(key: other.key).status == 401)
        #expect(try server.keyturn(["issued", "enable", "shop", other.id]).code == 0)
        #expect(try proxy.get(key: other.key).status == 200)

        #expect(try server.keyturn(["issued", "revoke", "shop", good.id]).code == 0)
        #expect(try proxy.get(key: good.key).status == 401)

        // Without an answer nobody is let in.
        #expect(try server.keyturn(["seal"]).code == 0)
        #expect(try proxy.get(key: other.key).status == 503)
        try server.unseal()
        #expect(try proxy.get(key: other.key).status == 200)
        #expect(!proxy.errorLog.contains(good.key))
    }

    @Test("nginx needs no secret where it asks through the applications' socket")
    func socket() throws {
        let server = try shop()
        let proxy = try Nginx(asking: server, as: .unixUser("games"))
        let good = try issue(server)
        #expect(try proxy.get(key: good.key).status == 200)
        #expect(try proxy.get(key: good.key, headers: ["Via: 1.1 x", "Origin: https://example.com"]).status == 200)
        #expect(try proxy.get(key: good.key + "x").status == 401)
        // Another user may not ask, and whoever asks it gets no word about keys.
        let other = try Nginx(asking: server, as: .unixUser("daemon"))
        #expect(try other.get(key: good.key).status == 503)
    }

    /// The code that the command line prints.
    private func verify(_ server: TestServer, _ key: String, _ options: [String] = []) throws -> String {
        let said = try server.keyturn(["verify", "-"] + options, input: key + "\n")
        let code = said.output.components(separatedBy: "\n").first ?? ""
        #expect(said.code == (code == "VALID" ? 0 : 4), "\(said.errors)")
        return code
    }

    @Test("A team moves in with the keys that its customers have, finds a leaked one, and ends all of a customer's")
    func life() throws {
        let server = try shop()
        let sales = try accessKey(server, "sales")
        let old = "legacy-key-of-a-customer-0001"
        let sum = try run("/usr/bin/sha256sum", [], input: Data(old.utf8)).output.prefix(64)
        let file = try server.folder.write(
            #"[{"sha256": "\#(sum)", "name": "moved in", "owner": "initech", "scopes": ["orders:read"], "prefix": "legacy"}]"#,
            to: "customers.json")
        let imported = try server.keyturn(["issued", "import", "shop", file], key: sales)
        #expect(imported.code == 0, "\(imported.errors)")
        #expect(try verify(server, old) == "VALID")
        #expect(try verify(server, old + "x") == "NOT_FOUND")
        #expect(try verify(server, old, ["--scope", "orders:write"]) == "SCOPE_DENIED")

        let first = try issue(server)
        let second = try issue(server, ["--meta", "plan=gold"])
        let listed = try server.keyturn(["issued", "list", "shop", "--owner", "acme", "--json"], key: sales)
        #expect((try listed.json()["keys"] as? [[String: Any]])?.count == 2)
        // Another team's access key learns nothing of it.
        let gateway = try accessKey(server, "gateway")
        #expect(try server.keyturn(["issued", "list", "shop"], key: gateway).code == 4)
        #expect(try server.keyturn(["issue", "shop", "x"], key: gateway).code == 4)

        let leaked = try server.keyturn(["issued", "find", "-", "--revoke", "--json"], key: sales, input: first.key)
        #expect(leaked.code == 0, "\(leaked.errors)")
        #expect(try leaked.json()["exact"] as? Bool == true)
        #expect(try verify(server, first.key) == "REVOKED")
        #expect(try verify(server, second.key) == "VALID")

        let rolled = try server.keyturn(["issued", "roll", "shop", second.id, "--overlap", "1h", "--json"], key: sales)
        let successor = try #require(rolled.json()["key"] as? String)
        #expect(try verify(server, second.key) == "VALID")
        #expect(try verify(server, successor) == "VALID")
        let ended = try server.keyturn(["issued", "revoke", "shop", "--owner", "acme", "--yes"], key: sales)
        #expect(ended.code == 0, "\(ended.errors)")
        for key in [second.key, successor] { #expect(try verify(server, key) == "REVOKED") }
        #expect(try verify(server, old) == "VALID")
        #expect(try server.keyturn(["issuer", "delete", "shop"]).code == 1)
    }

    @Test("A restart gives no allowance back")
    func restart() throws {
        let server = try shop()
        let counted = try issue(server, ["--limit", "3/h", "--quota", "100"])
        #expect(try verify(server, counted.key) == "VALID")
        #expect(try verify(server, counted.key, ["--cost", "2"]) == "VALID")
        #expect(try verify(server, counted.key) == "RATE_LIMITED")
        server.kill()
        try server.start()
        try server.unseal()
        #expect(try verify(server, counted.key) == "RATE_LIMITED")
    }

    @Test("An access key that has spent its rate is turned away before its body is read")
    func rate() throws {
        let server = try TestServer.ready(policies: Self.policies)
        let made = try server.keyturn([
            "access", "create", "busy", "--policy", "gateway", "--limit", "2/h", "--json",
        ])
        let key = try #require(made.json()["key"] as? String)
        #expect(try server.request("GET", "/v1/whoami", key: key).status == 200)
        // Refused requests count too.
        #expect(try server.request("GET", "/v1/keys/a", key: key).status == 403)
        let spent = try server.request("GET", "/v1/whoami", key: key)
        #expect(spent.status == 429)
        #expect(try spent.json()["code"] as? String == "rate_limited")
        #expect(spent.head.firstMatch(of: /Retry-After: [1-9][0-9]*/) != nil)
        // A body that would be refused as too deep is not looked at.
        let deep = String(repeating: "[", count: 100_000)
        #expect(try server.request("POST", "/v1/verify", key: key, body: deep).status == 429)
        #expect(try server.request("POST", "/v1/verify", body: deep).status == 400)
    }
}
