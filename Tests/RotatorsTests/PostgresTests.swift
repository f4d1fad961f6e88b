import RealServers
import Rotation
import SecretMemory
import TestThreads
import Testing

@testable import Rotators

@Suite struct PostgresSettingsTests {
    @Test(
        "A setting that is wrong is named and refused",
        arguments: [
            ([:], "host"), (["host": "a,b", "role": "x"], "host"), (["host": "db", "rolle": "x"], "rolle"),
            (["host": "db"], "role"), (["host": "db", "role": "a", "roles": "a,b"], "role"),
            (["host": "db", "roles": "a,a", "credential": "c"], "roles"),
            (["host": "db", "roles": "a,b"], "credential"),
            (["host": "db", "role": "a", "port": "0"], "port"),
            (["host": "db", "role": "a", "port": "5432 x"], "port"),
            (["host": "db", "role": "a", "tls": "prefer"], "tls"),
            (["host": "db", "role": "a", "tls": "disable"], "tls"),
            (["host": "db", "role": "a", "authorities": "ca.pem"], "authorities"),
            (["host": "db", "role": "a", "timeout": "121"], "timeout"), (["host": "db", "role": "a\0b"], "role"),
        ])
    func refused(settings: [String: String], named: String) {
        let error = #expect(throws: RotatorSettingsError.self) { try PostgresRotatorKind().rotator(settings) }
        #expect(error?.setting == named)
    }

    @Test("Another host needs a certificate in its name; a socket does not")
    func tls() throws {
        let far = try #require(
            try PostgresRotatorKind().rotator(["host": "db.example", "role": "app"]) as? PostgresRotator)
        #expect(far.server.tls == "verify-full" && far.reach.hosts == ["db.example:5432"])
        let near = try #require(
            try PostgresRotatorKind().rotator(["host": "/run/postgresql", "role": "app"]) as? PostgresRotator)
        #expect(near.server.tls == "disable" && near.reach.hosts == ["localhost:5432"])
    }

    @Test(
        "Each SQLSTATE has one meaning",
        arguments: [
            ("28P01", "rejected unauthorized"), ("42501", "rejected forbidden"), ("42704", "rejected not_found"),
            ("53300", "not done server_error"), ("57P03", "not done server_error"), ("57014", "not done timed_out"),
            ("08006", "doubtful interrupted"), ("42601", "rejected refused"),
        ])
    func states(state: String, expected: String) {
        let outcome: RotatorOutcome<Void> = PostgresRotator.outcome(of: .state(state, asked: true), hasEffect: true)
        #expect(outcome.fault == expected)
        #expect(PostgresSession.state(in: "connection to server failed: FATAL:  \(state)\n") == state)
    }
}

/// Against a real server, which is made for the suite and goes with it.
@Suite(.blocks) struct PostgresTests {
    /// Names that would break out of any quoting that is not the library's.
    private static let hostile = #"a"; DROP ROLE victim; --'$$\"#

    @Test("Passwords of a real server are rotated, in place and in turn, and no log holds one")
    func realServer() async throws {
        let server = try TestPostgres()
        defer { server.stop() }
        try server.sql("CREATE ROLE victim; CREATE ROLE plain LOGIN PASSWORD 'plain-old'")
        try await inPlace(server)
        try await inTurn(server)
        try await hostileName(server)
        try await refusals(server)
        #expect(try server.sql("SELECT count(*) FROM pg_roles WHERE rolname = 'victim'") == "1\n")
        await unreachable()
    }

    private func settings(_ server: TestPostgres, _ more: [String: String]) -> [String: String] {
        ["host": server.folder, "port": "\(server.port)", "database": "postgres"].merging(more) { $1 }
    }

    private func administered(_ server: TestPostgres) -> RotationContext {
        var context = Sample.context
        context.others = [
            "db/admin": [Sample.field("username", server.administrator), Sample.field("value", server.password)]
        ]
        return context
    }

    private func credential(_ role: String, _ password: String) -> Candidate {
        Candidate(handle: role, fields: [Sample.field("username", role), Sample.field("value", password)])
    }

    /// One role that alters itself; a repetition after a crash finds it done.
    private func inPlace(_ server: TestPostgres) async throws {
        let rotator = try PostgresRotatorKind().rotator(settings(server, ["role": "plain"]))
        #expect(rotator.capabilities.oneSlotOnly && rotator.capabilities.choosesValue)
        var context = Sample.context
        let old = credential("plain", "plain-old")
        context.current = old
        let proposed = try #require(await rotator.propose(context).value)
        context.proposed = proposed
        #expect(await rotator.test(proposed, context).fault == "rejected test_failed, another")
        #expect(await rotator.create(context).fault == nil)
        #expect(await rotator.test(proposed, context).fault == nil)
        #expect(await rotator.test(old, context).fault == "rejected test_failed, another")
        #expect(await rotator.create(context).fault == nil, "the same attempt again is done")
        let secret = try #require(proposed.field("value")?.disclosedText())
        #expect(secret.utf8.count == 43)
        let log = try server.log()
        #expect(log.contains("ALTER ROLE") && log.contains("SCRAM-SHA-256$") && !log.contains(secret))
    }

    /// Two roles: the old one works until it is retired, and takes the next turn.
    private func inTurn(_ server: TestPostgres) async throws {
        try server.sql("CREATE ROLE blue LOGIN; CREATE ROLE green LOGIN")
        let rotator = try PostgresRotatorKind().rotator(
            settings(server, ["roles": "blue,green", "credential": "db/admin"]))
        #expect(!rotator.capabilities.oneSlotOnly && rotator.reach.keys == ["db/admin"])
        var context = administered(server)
        var turns: [Candidate] = []
        for _ in 0..<3 {
            let proposed = try #require(await rotator.propose(context).value)
            context.proposed = proposed
            let made = try #require(await rotator.create(context).value)
            #expect(await rotator.test(made, context).fault == nil)
            let before = context.current
            context.current = made
            if let before {
                #expect(await rotator.test(before, context).fault == nil, "it is honoured through the overlap")
                #expect(await rotator.retire(Candidate(handle: before.handle, fields: []), context).fault == nil)
                #expect(await rotator.test(before, context).fault == "rejected test_failed, another")
                #expect(await rotator.retire(made, context).fault == "rejected unsupported", "never the one in service")
            }
            turns.append(made)
        }
        #expect(turns.map(\.handle) == ["blue", "green", "blue"])
    }

    private func hostileName(_ server: TestPostgres) async throws {
        let doubled = Self.hostile.replacing("\"", with: "\"\"")
        try server.sql("CREATE ROLE \"\(doubled)\" LOGIN")
        let rotator = try PostgresRotatorKind().rotator(
            settings(server, ["role": Self.hostile, "credential": "db/admin"]))
        var context = administered(server)
        context.proposed = await rotator.propose(context).value
        let made = try #require(await rotator.create(context).value)
        #expect(made.handle == Self.hostile)
        #expect(await rotator.test(made, context).fault == nil)
        // A database's name that reads like settings is a name.
        let strange = try PostgresRotatorKind().rotator(
            settings(server, ["role": "plain", "credential": "db/admin", "database": "host=evil.example user=x"]))
        #expect(await strange.create(context).fault == "rejected missing_field")
        #expect(await strange.test(made, context).fault == "rejected not_found")
    }

    private func refusals(_ server: TestPostgres) async throws {
        let rotator = try PostgresRotatorKind().rotator(
            settings(server, ["role": "nobody", "credential": "db/admin"]))
        var context = administered(server)
        context.proposed = await rotator.propose(context).value
        #expect(await rotator.create(context).fault == "rejected not_found")
        context.others["db/admin"] = [Sample.field("username", server.administrator), Sample.field("value", "wrong")]
        #expect(await rotator.create(context).fault == "rejected unauthorized")
        context.others = [:]
        #expect(await rotator.create(context).fault == "rejected missing_field")
        try server.sql("CREATE ROLE weak LOGIN PASSWORD 'weak'; CREATE ROLE strong LOGIN SUPERUSER")
        let weak = try PostgresRotatorKind().rotator(settings(server, ["role": "strong", "credential": "db/weak"]))
        context.others["db/weak"] = [Sample.field("username", "weak"), Sample.field("value", "weak")]
        context.proposed = await weak.propose(context).value
        #expect(await weak.create(context).fault == "rejected forbidden")
    }

    /// Nothing listens on port 1, and nothing was done.
    private func unreachable() async {
        let rotator = try? PostgresRotatorKind().rotator(["host": "127.0.0.1", "port": "1", "role": "app"])
        var context = Sample.context
        context.current = credential("app", "x")
        context.proposed = credential("app", "y")
        #expect(await rotator?.create(context).fault == "not done unreachable")
    }
}
