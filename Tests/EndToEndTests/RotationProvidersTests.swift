import Foundation
import RealServers
import TestThreads
import Testing

/// The running program replaces credentials at servers that are what applications use.
@Suite(.blocks, .timeLimit(.minutes(20))) struct RotationProvidersTests {
    private struct Vault {
        let server: TestServer
        let folder: TemporaryFolder

        init() throws {
            server = try TestServer.ready()
            folder = try TemporaryFolder()
        }

        @discardableResult
        func ask(_ arguments: [String]) throws -> Ended {
            let said = try server.keyturn(arguments)
            try #require(said.code == 0, "\(arguments): \(said.errors)")
            return said
        }

        func put(_ path: String, _ fields: [(String, String)], _ more: [String] = []) throws {
            var arguments = ["put", path]
            for (name, value) in fields {
                arguments += ["--field", name, "--value-file", try folder.write(value, to: name)]
            }
            try ask(arguments + more)
        }

        func field(_ name: String, of path: String) throws -> String {
            try ask(["get", path, "--field", name]).output.trimmingCharacters(in: .newlines)
        }

        func settings(_ settings: [(String, String)]) -> [String] {
            settings.flatMap { ["--rotator-setting", "\($0.0)=\($0.1)"] }
        }

        func waitForEnd(ofVersionBeforeThatOf path: String) throws {
            try waitUntil("the version before is ended at the server") {
                try ask(["show", path, "--json"]).json()["previous"] == nil
            }
        }
    }

    @Test("Two roles of a PostgreSQL server take turns, and the one before is let in through the overlap and not after")
    func twoRoles() throws {
        let database = try TestPostgres()
        defer { database.stop() }
        try database.sql("CREATE ROLE app_a LOGIN PASSWORD 'by hand'; CREATE ROLE app_b LOGIN")
        let vault = try Vault()
        try vault.put("ops/db", [("username", database.administrator), ("value", database.password)])
        let settings = vault.settings([
            ("host", database.folder), ("port", "\(database.port)"), ("roles", "app_a,app_b"), ("credential", "ops/db"),
        ])
        try vault.put(
            "apps/db", [("username", "app_a"), ("value", "by hand")],
            ["--rotator", "postgres", "--every", "30d", "--overlap", "1h"] + settings)
        try vault.ask(["rotate", "apps/db", "--wait", "60s"])
        let first = try vault.field("value", of: "apps/db")
        #expect(try vault.field("username", of: "apps/db") == "app_b")
        #expect(database.letsIn("app_b", first))
        #expect(database.letsIn("app_a", "by hand"))

        try vault.ask(["rotate", "apps/db", "--end-overlap", "--wait", "60s"])
        let second = try vault.field("value", of: "apps/db")
        #expect(try vault.field("username", of: "apps/db") == "app_a")
        #expect(database.letsIn("app_a", second))
        #expect(!database.letsIn("app_a", "by hand"))
        #expect(database.letsIn("app_b", first))
        try vault.ask(["rotation", "rollback", "apps/db"])
        #expect(try vault.field("value", of: "apps/db") == first)
        let log = try database.log()
        #expect(!log.contains(first) && !log.contains(second))
    }

    @Test("A PostgreSQL password changes in place, and one that cannot be changed stays what it is")
    func onePassword() throws {
        let database = try TestPostgres()
        defer { database.stop() }
        try database.sql("CREATE ROLE solo LOGIN PASSWORD 'by hand'")
        let vault = try Vault()
        let settings = vault.settings([
            ("host", database.folder), ("port", "\(database.port)"), ("role", "solo"),
        ])
        try vault.put(
            "apps/solo", [("username", "solo"), ("value", "by hand")], ["--rotator", "postgres"] + settings)
        try vault.ask(["rotate", "apps/solo", "--wait", "60s"])
        let value = try vault.field("value", of: "apps/solo")
        #expect(database.letsIn("solo", value) && !database.letsIn("solo", "by hand"))

        try database.sql("ALTER ROLE solo NOLOGIN")
        let refused = try vault.server.keyturn(["rotate", "apps/solo", "--wait", "5s"])
        #expect(refused.code != 0)
        try waitUntil("the rotation fails") {
            let reply = try vault.ask(["rotations", "--json"]).json()
            return (reply["rotations"] as? [[String: Any]])?.first?["state"] as? String == "failing"
        }
        #expect(try vault.field("value", of: "apps/solo") == value)
        try database.sql("ALTER ROLE solo LOGIN")
        try vault.ask(["rotation", "resume", "apps/solo"])
        try waitUntil("it has gone on") { try vault.field("value", of: "apps/solo") != value }
        #expect(database.letsIn("solo", try vault.field("value", of: "apps/solo")))
    }

    @Test("An access key of AWS makes its successor, which takes over, and is ended when its overlap is over")
    func accessKey() throws {
        let moto = try TestMoto()
        defer { moto.stop() }
        let vault = try Vault()
        try vault.put(
            "shop/aws",
            [("access_key_id", moto.beginning.id), ("secret_access_key", moto.beginning.secret)],
            ["--rotator", "aws-iam", "--every", "90d", "--overlap", "1s"]
                + vault.settings([("user", "app"), ("endpoint", moto.endpoint), ("exclusive", "true")]))
        try vault.ask(["rotate", "shop/aws", "--wait", "60s"])
        let id = try vault.field("access_key_id", of: "shop/aws")
        #expect(id != moto.beginning.id)
        try vault.waitForEnd(ofVersionBeforeThatOf: "shop/aws")
        #expect(try moto.keys() == [id: "Active"])
    }
}
