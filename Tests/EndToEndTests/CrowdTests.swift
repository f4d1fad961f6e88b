import Foundation
import TestThreads
import Testing

/// Many applications at the same time, from outside.
@Suite("Crowds", .blocks, .timeLimit(.minutes(20))) struct CrowdTests {
    private static let drivers = DocumentPage.root.appendingPathComponent("Benchmarks/driver").path
    private static let policies = [
        "app.yaml": "policy: app\nrules:\n  - allow: [retrieve]\n    keys: [\"app/**\"]\n"
    ]

    private func accessKeys(_ server: TestServer, _ count: Int) throws -> String {
        let keys = try (0..<count).map { number in
            let made = try server.keyturn(["access", "create", "app-\(number)", "--policy", "app"])
            try #require(made.code == 0, "\(made.errors)")
            return made.output
        }
        return try server.folder.write(keys.joined(), to: "keys")
    }

    @Test("A thousand who wait for ten keys cost little, and all of them are told")
    func waiters() throws {
        let server = try WideServer(policies: Self.policies)
        try server.start()
        try server.initialize()
        let keys = try accessKeys(server, 5)
        let administrator = try server.folder.write(server.accessKey, to: "administrator")
        let ended = try run(
            "/usr/bin/python3",
            [Self.drivers + "/waiters.py", "\(server.port)", "\(server.pid)", "1000", keys, administrator]
                + (0..<10).map { "app/key\($0)" })
        try #require(ended.code == 0, "\(ended.errors) \(server.said)")
        let found = try ended.json()
        #expect(found["told"] as? Int == 1_000)
        #expect(found["wrong"] as? Int == 0)
        #expect(found["left"] as? Int == 0)
        // A connection with all that belongs to it; measured in docs/performance.md.
        #expect(found["bytes_each"] as? Int ?? .max < 64 * 1024, "\(ended.output)")
    }

    @Test("A thousand programs that start at once against a sealed vault are all served, and do not ask all at once")
    func start() throws {
        let server = try TestServer.ready(policies: Self.policies)
        try server.put("app/key", "some value")
        let key = try accessKeys(server, 1)
        server.terminate()
        try server.start()
        let ended = try run(
            "/usr/bin/python3",
            [
                Self.drivers + "/crowd.py", "\(server.port)", "\(server.pid)", "1000", key, "app/key",
                server.passphraseFile, server.data + "/keyturn.sock", "6",
            ])
        try #require(ended.code == 0, "\(ended.errors) \(server.said)")
        let found = try ended.json()
        #expect(found["served"] as? Int == 1_000)
        #expect(found["refused"] as? [Int] == [])
        // Spread out, a tenth of a second sees about one question in forty.
        #expect(found["most_in_a_tenth_later"] as? Int ?? .max < 250, "\(ended.output)")
        // Descriptors beside the thousand connections that one listener takes.
        #expect(found["descriptors"] as? Int ?? .max < 1_100, "\(ended.output)")
        #expect(found["memory_grew"] as? Int ?? .max < 400 * 1024 * 1024, "\(ended.output)")
    }

    @Test("While 64 clients hammer a key, no second has more than its limit, and the rest of them is told so")
    func hammer() throws {
        let server = try TestServer.ready()
        try #require(server.keyturn(["issuer", "create", "shop"]).code == 0)
        let made = try server.keyturn(["issue", "shop", "hammered", "--limit", "100/s", "--json"])
        let key = try #require(made.json()["key"] as? String, "\(made.errors)")
        let verifier = try server.folder.write(server.accessKey, to: "verifier")
        let hammered = try server.folder.write(key, to: "hammered")
        let ended = try run(
            "/usr/bin/python3",
            [Self.drivers + "/hammer.py", "\(server.port)", verifier, hammered, "64", "100", "3"])
        try #require(ended.code == 0, "\(ended.errors) \(server.said)")
        let found = try ended.json()
        #expect(found["most"] as? Int ?? .max <= 100, "\(ended.output)")
        // Nearly all of it, where the clients get to ask often enough; docs/performance.md has how much.
        #expect(found["passed"] as? Int ?? 0 >= 150, "\(ended.output)")
        let codes = try #require(found["codes"] as? [String: Any])
        #expect(Set(codes.keys) == ["VALID", "RATE_LIMITED"], "\(ended.output)")
    }
}

/// A server with room for many connections.
private final class WideServer: TestServer, @unchecked Sendable {
    override var arguments: [String] { super.arguments + ["--connections", "4000"] }
}
