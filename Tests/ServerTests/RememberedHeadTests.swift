import NIOCore
import NIOHTTP1
import SecretMemory
import Synchronization
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
            _ method: HTTPMethod, _ uri: String, _ version: HTTPVersion, _ headers: [(String, String)],
            _ key: KeyedDigest.Key
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

    @Test("A new version, a key that was deleted, an access key that was revoked: the next request is told")
    func freshness() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let (administrator, client, other) = try Self.begin(running)
            let (id, text) = try Self.accessKey(other, administrator)
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

    @Test("Other policies, and a rate that is spent, hold at the next request of a head that is remembered")
    func laws() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let (administrator, client, other) = try Self.begin(running)
            let holder = ["Authorization": "Bearer \(try Self.accessKey(other, administrator).text)"]
            func status() throws -> Int { try client.ask("GET", Self.path, holder).status }
            for _ in 0..<2 { #expect(try status() == 200) }
            let before = running.policies.all.withLock { $0 }
            for (texts, expected) in [
                ([("app.yaml", "policy: app\nrules:\n  - {allow: [retrieve], keys: [\"none/**\"]}\n")], 403),
                (before, 200),
            ] {
                running.policies.all.withLock { $0 = texts }
                #expect(try other.ask("POST", "/v1/policies:reload", administrator).status == 200)
                for _ in 0..<2 { #expect(try status() == expected) }
            }
            let recognised = running.server.recognisedInLane
            #expect(recognised > 2)
            let body = #"{"name":"c","policies":["app"],"limits":["3/d"]}"#
            let made = try other.ask("POST", "/v1/issuers/keyturn/keys", administrator, body: body)
            let limited = ["Authorization": "Bearer \(try #require(made.json["key"] as? String))"]
            let each = try (0..<5).map { _ in try client.ask("GET", Self.path, limited).status }
            #expect(each == [200, 200, 200, 429, 429])
            #expect(running.server.recognisedInLane > recognised)
        }
    }

    @Test("Several callers by way of one connection are each answered as they may")
    func severalCallers() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let (administrator, client, other) = try Self.begin(running)
            let text = try Self.accessKey(other, administrator).text
            let altered = String(text.dropLast()) + (text.hasSuffix("a") ? "b" : "a")
            let (taken, recognised) = (running.server.answeredInLane, running.server.recognisedInLane)
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
            // Each pair's second. Somebody who presents nothing is not kept, and leaves nothing behind.
            #expect(running.server.recognisedInLane == recognised + 6)
        }
    }

    @Test("A call that waits waits each time that it comes")
    func waits() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let (administrator, client, _) = try Self.begin(running)
            let tag = try #require(try client.ask("GET", Self.path, administrator)["ETag"])
            let headers = administrator.merging(["If-None-Match": tag]) { $1 }
            let clock = ContinuousClock()
            for _ in 0..<2 {
                let start = clock.now
                #expect(try client.ask("GET", Self.path + "?wait=1s", headers).status == 304)
                #expect(clock.now - start >= .milliseconds(900))
            }
            #expect(running.server.recognisedInLane == 1)
        }
    }

    @Test("A request that the router has to answer after all is answered to its caller")
    func router() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let (administrator, client, _) = try Self.begin(running)
            let odd = #"{"key":"\u006eobody"}"#
            for _ in 0..<3 {
                #expect(
                    try client.ask("POST", "/v1/verify", administrator, body: odd).json["code"] as? String
                        == "NOT_FOUND")
            }
            let stranger = ["Authorization": "Bearer keyturn_wrong"]
            for _ in 0..<3 { #expect(try client.ask("POST", "/v1/verify", stranger, body: odd).status == 401) }
            #expect(running.server.answeredInLane == 0)
        }
    }

    @Test("While the vault is sealed nobody is remembered or recognised, and not by another vault")
    func sealing() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let (administrator, client, _) = try Self.begin(running)
            for _ in 0..<2 { #expect(try client.ask("GET", Self.path, administrator).status == 200) }
            let admission = try Self.admission(running, [("Authorization", administrator["Authorization"] ?? "")])
            let digest = KeyedDigest(of: admission.0, .init())
            let known = try #require(RememberedHead(admission.1, running.vault) { digest })
            #expect(known.again(digest, running.vault) != nil)
            #expect(known.again(KeyedDigest(of: admission.0, .init()), running.vault) == nil)
            let folder = try TemporaryFolder()
            let other = try RunningServer.vault(folder)
            #expect(known.again(digest, other) == nil)
            _ = try await other.initialize(
                Requester(credential: .none, door: .network, route: "-"),
                passphrase: try SecretBytes(copying: Array(RunningServer.passphrase.utf8).span.bytes),
                token: WipedBytes(utf8: "the-one-time-token"),
                acceptRecoveryCode: true, costs: RequestedCosts())
            #expect(other.status().state == .unsealed && known.again(digest, other) == nil)
            let operators = { try running.client(running.operatorSocket) }
            #expect(try operators().ask("POST", "/v1/seal:seal").status == 200)
            #expect(known.again(digest, running.vault) == nil)
            #expect(RememberedHead(admission.1, running.vault) { digest } == nil)
            let late = try? client.ask("GET", Self.path, administrator)
            #expect(late == nil || late?.status == 503)
            let next = try running.client()
            for _ in 0..<2 { #expect(try next.ask("GET", Self.path, administrator).status == 503) }
            let opened = try operators().ask("POST", "/v1/seal:unseal", body: RunningServer.passphrase)
            #expect(opened.status == 200)
            #expect(known.again(digest, running.vault) != nil)
            for _ in 0..<2 { #expect(try next.ask("GET", Self.path, administrator).status == 200) }
        }
    }

    @Test("A head with other secrets than an access key is not remembered, nor is somebody who presents nothing")
    func notRemembered() async throws {
        try await RunningServer.run(policies: LaneTests.policies) { running in
            let bearer = ("Authorization", "Bearer \(try running.initialize())")
            func remembered(_ headers: [(String, String)], _ uri: String = Self.path) throws -> RememberedHead? {
                let (head, admission) = try Self.admission(running, headers, uri)
                return RememberedHead(admission, running.vault) { KeyedDigest(of: head, .init()) }
            }
            #expect(try remembered([bearer]) != nil)
            #expect(try remembered([bearer, ("Keyturn-Authorization", "x")]) == nil)
            #expect(try remembered([bearer, ("Keyturn-Init-Token", "x")]) == nil)
            #expect(try remembered([bearer, ("Keyturn-Key", "x")], "/v1/verify") == nil)
            #expect(try remembered([("Via", "1.1 proxy")]) == nil)
        }
    }

    /// A head, and what it is read as once it has paid.
    private static func admission(
        _ running: RunningServer, _ headers: [(String, String)], _ uri: String = path
    ) throws -> (HTTPRequestHead, Admission) {
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: uri, headers: HTTPHeaders([("Host", "localhost")] + headers))
        let names = HostNames(own: nil, port: nil, isTLS: false, allowed: [])
        var admission = try Intake(rules: PeerRules(serverUser: 0)).admit(
            head, peer: Peer(user: 7), doorway: Doorway(door: .socket, names: names))
        _ = try running.vault.spendNow(&admission.requester)
        return (head, admission)
    }

    /// A vault with one key.
    private static func begin(
        _ running: RunningServer
    ) throws -> (administrator: [String: String], client: RawClient, other: RawClient) {
        let administrator = ["Authorization": "Bearer \(try running.initialize())"]
        let other = try running.client()
        let stored = try other.ask("PUT", "/v1/keys/app/a", administrator, body: #"{"fields":{"value":"first"}}"#)
        #expect(stored.status == 201)
        return (administrator, try running.client(), other)
    }

    /// An application's access key.
    private static func accessKey(
        _ client: RawClient, _ administrator: [String: String]
    ) throws -> (id: String, text: String) {
        let made = try client.ask(
            "POST", "/v1/issuers/keyturn/keys", administrator, body: #"{"name":"b","policies":["app"]}"#)
        return (try #require(made.json["id"] as? String), try #require(made.json["key"] as? String))
    }
}
