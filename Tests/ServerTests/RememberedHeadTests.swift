import NIOHTTP1
import SecretMemory
import Testing
import Vault

@testable import Server

/// What a connection remembers of its last request is the reading of its head, and nothing that could have changed.
@Suite("A head that comes again", .timeLimit(.minutes(20)))
struct RememberedHeadTests {
    private static let path = "/v1/values/app/a"

    @Test("Heads that differ in anything have different digests")
    func digests() {
        let key = KeyedDigest.Key()
        func digest(
            _ method: HTTPMethod = .GET, _ uri: String = "/a", _ version: HTTPVersion = .http1_1,
            _ headers: [(String, String)], _ key: KeyedDigest.Key
        ) -> KeyedDigest {
            let head = HTTPRequestHead(version: version, method: method, uri: uri, headers: HTTPHeaders(headers))
            return KeyedDigest(of: head, key)
        }
        let plain = [("Host", "localhost"), ("X-API-Key", "abc")]
        let first = digest(.GET, "/a", .http1_1, plain, key)
        #expect(first == digest(.GET, "/a", .http1_1, plain, key))
        #expect(first != digest(.GET, "/a", .http1_1, plain, KeyedDigest.Key()))
        #expect(first != digest(.HEAD, "/a", .http1_1, plain, key))
        #expect(first != digest(.GET, "/b", .http1_1, plain, key))
        #expect(first != digest(.GET, "/a", .http1_0, plain, key))
        for headers in [
            [("Host", "localhost"), ("X-API-Key", "abd")], [("Host", "localhostX"), ("-API-Key", "abc")],
            [("Host", "localhost"), ("X-API-Keya", "bc")], [("X-API-Key", "abc"), ("Host", "localhost")],
            [("Host", "localhost")], [("host", "localhost"), ("X-API-Key", "abc")], plain + [("", "")],
        ] {
            #expect(first != digest(.GET, "/a", .http1_1, headers, key))
        }
    }

    @Test("A revoked key, a policy that was changed, a key that was deleted: the next request is told")
    func freshness() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let (administrator, client, other) = try Self.begin(running)
            let made = try other.ask(
                "POST", "/v1/issuers/keyturn/keys", administrator, body: #"{"name":"b","policies":["app"]}"#)
            let (id, text) = (try #require(made.json["id"] as? String), try #require(made.json["key"] as? String))
            let holder = ["Authorization": "Bearer \(text)"]
            for _ in 0..<3 { #expect(try client.ask("GET", Self.path, holder).status == 200) }
            let changed = #"{"fields":{"value":"second"}}"#
            #expect(try other.ask("PUT", "/v1/keys/app/a", administrator, body: changed).status == 200)
            #expect(try client.ask("GET", Self.path, holder).text.contains("second"))
            #expect(try other.ask("DELETE", "/v1/keys/app/a", administrator).status == 200)
            #expect(try client.ask("GET", Self.path, holder).status == 404)
            #expect(try other.ask("POST", "/v1/keys/app/a:restore", administrator).status == 200)
            #expect(try client.ask("GET", Self.path, holder).status == 200)
            #expect(try other.ask("POST", "/v1/issuers/keyturn/keys/\(id):revoke", administrator).status == 200)
            for _ in 0..<2 { #expect(try client.ask("GET", Self.path, holder).status == 401) }
        }
    }

    @Test("Several callers by way of one connection are each answered as they may")
    func severalCallers() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let (administrator, client, other) = try Self.begin(running)
            let made = try other.ask(
                "POST", "/v1/issuers/keyturn/keys", administrator, body: #"{"name":"b","policies":["app"]}"#)
            let text = try #require(made.json["key"] as? String)
            let altered = String(text.dropLast()) + (text.hasSuffix("a") ? "b" : "a")
            let taken = running.server.answeredInLane
            for _ in 0..<2 {
                for (headers, path, status) in [
                    (["Authorization": "Bearer \(text)"], Self.path, 200),
                    (["Authorization": "Bearer \(text)"], Self.path, 200),
                    (["Authorization": "Bearer \(altered)"], Self.path, 401),
                    (["Authorization": "Bearer \(altered)"], Self.path, 401),
                    (["X-API-Key": text], Self.path, 200),
                    (["Authorization": "Bearer \(text)"], "/v1/values/app/denied", 403),
                    (["Authorization": "Bearer \(text)"], "/v1/values/app/denied", 403),
                    (["Authorization": "Bearer \(text)"], Self.path + "?version=7", 404),
                    (administrator, Self.path, 200), ([:], Self.path, 401),
                ] {
                    #expect(try client.ask("GET", path, headers).status == status, "\(path)")
                }
            }
            #expect(running.server.answeredInLane == taken + 20)
        }
    }

    @Test("After a seal nobody is served, and after an unseal the same head is understood again")
    func sealing() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let (administrator, client, _) = try Self.begin(running)
            for _ in 0..<2 { #expect(try client.ask("GET", Self.path, administrator).status == 200) }
            let operators = { try running.client(running.operatorSocket) }
            #expect(try operators().ask("POST", "/v1/seal:seal").status == 200)
            // Connections do not outlive a seal, nor does what they remember.
            let late = try? client.ask("GET", Self.path, administrator)
            #expect(late == nil || late?.status == 503)
            let next = try running.client()
            for _ in 0..<2 { #expect(try next.ask("GET", Self.path, administrator).status == 503) }
            let opened = try operators().ask("POST", "/v1/seal:unseal", body: RunningServer.passphrase)
            #expect(opened.status == 200)
            for _ in 0..<2 { #expect(try next.ask("GET", Self.path, administrator).status == 200) }
        }
    }

    @Test("A head with other secrets than an access key is not remembered, nor is somebody who presents nothing")
    func notRemembered() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let key = try running.initialize()
            func remembered(_ headers: [(String, String)], _ uri: String = Self.path) throws -> RememberedHead? {
                let head = HTTPRequestHead(
                    version: .http1_1, method: .GET, uri: uri,
                    headers: HTTPHeaders([("Host", "localhost")] + headers))
                let intake = Intake(rules: PeerRules(serverUser: 0))
                let names = HostNames(own: nil, port: nil, isTLS: false, allowed: [])
                var admission = try intake.admit(
                    head, peer: Peer(user: 7), doorway: Doorway(door: .socket, names: names))
                _ = try running.vault.spendNow(&admission.requester)
                return RememberedHead(KeyedDigest(of: head, .init()), admission, running.vault)
            }
            let bearer = ("Authorization", "Bearer \(key)")
            #expect(try remembered([bearer]) != nil)
            #expect(try remembered([bearer, ("Keyturn-Authorization", "x")]) == nil)
            #expect(try remembered([bearer, ("Keyturn-Init-Token", "x")]) == nil)
            #expect(try remembered([bearer, ("Keyturn-Key", "x")], "/v1/verify") == nil)
            #expect(try remembered([("Via", "1.1 proxy")]) == nil)
        }
    }

    /// A vault with one key.
    private static func begin(
        _ running: RunningServer
    ) throws -> (administrator: [String: String], client: RawClient, other: RawClient) {
        let administrator = ["Authorization": "Bearer \(try running.initialize())"]
        let (client, other) = (try running.client(), try running.client())
        let stored = try other.ask("PUT", "/v1/keys/app/a", administrator, body: #"{"fields":{"value":"first"}}"#)
        #expect(stored.status == 201)
        return (administrator, client, other)
    }
}
