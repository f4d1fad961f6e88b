import Foundation
import Synchronization
import TestThreads
import Testing

/// The whole life of a key inside one vault: issued for an API, stored for an application, replaced while it is in use.
@Suite(.blocks, .timeLimit(.minutes(20))) struct RotationLoopTests {
    private static let policies = [
        "gateway.yaml": """
        policy: gateway
        rules:
          - allow: [verify]
            issuers: [shop]
        """,
        "web.yaml": """
        policy: web
        rules:
          - allow: [retrieve]
            keys: ["apps/web"]
        """,
    ]

    /// What an application saw.
    private struct Seen {
        var calls = 0
        var refused: [Int] = []
        var versions: Set<Int> = []
        var trouble: [String] = []
    }

    @Test("An application calls an API that Keyturn guards while its key is replaced: not one call is refused")
    func loop() throws {
        let server = try TestServer.ready(policies: Self.policies)
        func ask(_ arguments: [String], input: String = "") throws -> Ended {
            let said = try server.keyturn(arguments, input: input)
            try #require(said.code == 0, "\(arguments): \(said.errors)")
            return said
        }
        _ = try ask(["issuer", "create", "shop", "--prefix", "shop_live", "--scope", "orders:read"])
        let first = try ask(["issue", "shop", "web", "--owner", "web", "--scope", "orders:read", "--json"]).json()
        let firstKey = try #require(first["key"] as? String)
        _ = try ask(
            [
                "put", "apps/web", "--value-file", "-", "--rotator", "issuer", "--rotator-setting", "issuer=shop",
                "--rotator-setting", "scopes=orders:read", "--overlap", "1s", "--retire", "when-acknowledged",
                "--deadline", "1h",
            ], input: firstKey)
        func accessKey(_ policy: String) throws -> String {
            try #require(ask(["access", "create", policy, "--policy", policy, "--json"]).json()["key"] as? String)
        }
        let proxy = try Nginx(asking: server, as: .accessKey(try accessKey("gateway")))
        let own = try accessKey("web")

        // The application fetches its key now and then, and calls the API with what it has.
        let seen = Mutex(Seen())
        let isOver = Atomic(false)
        let application = Thread {
            var key = ""
            while !isOver.load(ordering: .relaxed) {
                do {
                    if seen.withLock({ $0.calls % 25 == 0 }) {
                        let value = try server.request("GET", "/v1/values/apps/web", key: own).json()
                        key = (value["fields"] as? [String: String])?["value"] ?? ""
                        let version = value["version"] as? Int ?? 0
                        seen.withLock { _ = $0.versions.insert(version) }
                    }
                    let status = try proxy.get(key: key).status
                    seen.withLock {
                        $0.calls += 1
                        if status != 200 { $0.refused.append(status) }
                    }
                } catch {
                    seen.withLock { $0.trouble.append("\(error)") }
                    return
                }
            }
        }
        application.start()
        defer { isOver.store(true, ordering: .relaxed) }
        try waitUntil("the application has version 1") {
            seen.withLock { $0.versions.contains(1) || !$0.trouble.isEmpty }
        }

        for version in 2...4 {
            _ = try ask(["rotate", "apps/web", "--wait", "60s"])
            try waitUntil("the application has version \(version)") {
                seen.withLock { $0.versions.contains(version) || !$0.trouble.isEmpty }
            }
            // It has moved on, and nobody else uses the version before: that is ended at the issuer.
            try waitUntil("version \(version - 1) is ended") {
                try ask(["show", "apps/web", "--json"]).json()["previous"] == nil
            }
        }
        let calls = seen.withLock { $0.calls }
        try waitUntil("calls go on") { seen.withLock { $0.calls > calls + 50 || !$0.trouble.isEmpty } }
        isOver.store(true, ordering: .relaxed)
        seen.withLock { seen in
            #expect(seen.trouble == [])
            #expect(seen.refused == [])
            #expect(seen.versions == [1, 2, 3, 4])
            #expect(seen.calls > 100)
        }
        // Of the four keys that were issued one is good.
        let issued = try ask(["issued", "list", "shop", "--json"]).json()["keys"] as? [[String: Any]] ?? []
        #expect(issued.count == 4)
        #expect(issued.filter { $0["state"] as? String == "active" }.count == 1)
        #expect(try proxy.get(key: firstKey).status == 401)
        #expect(try proxy.get(key: ask(["get", "apps/web"]).output).status == 200)
    }
}
