import Foundation
import TestThreads
import Testing

/// Counting, as operators and applications see it.
@Suite(.blocks, .timeLimit(.minutes(20))) struct UsageSurvivalTests {
    private func reads(_ server: TestServer, _ key: String) throws -> Int? {
        let told = try server.keyturn(["usage", key, "--json"])
        #expect(told.code == 0, "\(told.errors)")
        return (try told.json()["total"] as? [String: Any])?["reads"] as? Int
    }

    @Test("Reads are counted through kill -9, seal and restart, each once")
    func survives() throws {
        let server = try TestServer.ready()
        try server.put("demo/key", "v")
        for _ in 0..<3 { #expect(try server.keyturn(["get", "demo/key"]).code == 0) }
        server.kill()
        try server.start()
        #expect(try server.keyturn(["get", "demo/key"]).code == 3)
        try server.unseal()
        #expect(try reads(server, "demo/key") == 3)
        #expect(try server.keyturn(["get", "demo/key"]).code == 0)
        server.terminate()
        try server.start()
        try server.unseal()
        #expect(try reads(server, "demo/key") == 4)
        #expect(try server.keyturn(["get", "demo/key"]).code == 0)
        server.kill()
        try server.start()
        try server.unseal()
        #expect(try reads(server, "demo/key") == 5)
    }

    @Test("A deletion names who read the key within a day; names that terminals obey are shown inert")
    func warning() throws {
        let policy = "policy: reader\ndescription: Reads.\nrules:\n  - allow: [retrieve]\n    keys: [\"**\"]\n"
        let server = try TestServer.ready(policies: ["reader.yaml": policy])
        for key in ["demo/a", "demo/b"] { try server.put(key, "v") }
        let made = try server.keyturn(["access", "create", "evil] name", "--policy", "reader", "--json"])
        let key = try #require(made.json()["key"] as? String)
        #expect(try server.application(["get", "demo/a"], key: key).code == 0)
        let deleted = try server.keyturn(["delete", "demo/a"])
        #expect(deleted.code == 0)
        #expect(deleted.errors.contains("demo/a was read within the last day"))
        #expect(deleted.errors.contains("(evil] name)"))
        #expect(try server.keyturn(["delete", "demo/b"]).errors.isEmpty)
        let top = try server.keyturn(["usage", "--top", "callers"])
        #expect(top.output.contains("evil] name"))
        #expect(try server.application(["usage"], key: key).code == 4)
        #expect(try server.keyturn(["usage", "--top", "keys", "--unused", "30d"]).code == 2)
        #expect(try server.keyturn(["usage", "../x"]).code == 2)
        #expect(try server.keyturn(["usage", "--since", "tomorrow"]).code == 2)
    }
}
