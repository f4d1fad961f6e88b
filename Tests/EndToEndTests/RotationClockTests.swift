import Foundation
import TestThreads
import Testing

/// Rotation by the clock: the real server, with a clock that the test moves.
@Suite(.blocks, .timeLimit(.minutes(20))) struct RotationClockTests {
    private static let policies = [
        "app.yaml": """
        policy: app
        rules:
          - allow: [retrieve]
            keys: ["apps/**"]
        """
    ]

    /// A vault with `apps/web` on 30 days and `apps/witness` on one day: where the witness has been replaced, whatever was
    /// due before has been too.
    private func vault() throws -> (server: ShiftedServer, app: String) {
        let server = try ShiftedServer.ready(policies: Self.policies)
        for (path, every, overlap) in [("apps/web", "30d", "24h"), ("apps/witness", "1d", "1h")] {
            let stored = try server.keyturn(
                [
                    "put", path, "--value-file", "-", "--every", every, "--overlap", overlap, "--rotator", "generate",
                ], input: "first")
            try #require(stored.code == 0, "\(stored.errors)")
        }
        let made = try server.keyturn(["access", "create", "web", "--policy", "app", "--expires", "3000d", "--json"])
        try #require(made.code == 0, "\(made.errors)")
        return (server, try #require(made.json()["key"] as? String))
    }

    private func version(_ server: TestServer, _ path: String) throws -> Int {
        let told = try server.keyturn(["show", path, "--json"])
        try #require(told.code == 0, "\(told.errors)")
        return try #require(told.json()["current"] as? Int)
    }

    private func rotation(_ server: TestServer, _ path: String) throws -> [String: Any] {
        try #require(server.keyturn(["show", path, "--json"]).json()["rotation"] as? [String: Any])
    }

    /// Waits until the witness has been replaced by a clock that stands at `days`.
    private func pass(to days: Double, _ server: ShiftedServer) throws {
        let before = try version(server, "apps/witness")
        try server.shift(to: days)
        try waitUntil("the witness is replaced at day \(days)") { try version(server, "apps/witness") > before }
    }

    @Test("A key on 30 days is replaced once at day 31, and the value before works through the overlap and not after")
    func once() throws {
        let (server, app) = try vault()
        func value(_ options: [String] = []) throws -> Ended {
            try server.application(["get", "apps/web"] + options, key: app)
        }
        try pass(to: 29, server)
        #expect(try version(server, "apps/web") == 1)
        #expect(try value().output == "first")

        try pass(to: 31, server)
        #expect(try version(server, "apps/web") == 2)
        let second = try value()
        #expect(second.code == 0 && second.output != "first" && second.output.count == 32)
        #expect(try value(["--stage", "previous"]).output == "first")

        // 23 hours after it was replaced, the overlap is not over.
        try server.shift(to: 31 + 23.0 / 24)
        #expect(try value(["--stage", "previous"]).output == "first")
        #expect(try value().output == second.output)
        try pass(to: 32.1, server)
        #expect(try value(["--stage", "previous"]).code == 5)
        #expect(try value().output == second.output)
        #expect(try rotation(server, "apps/web")["state"] as? String == "scheduled")
    }

    @Test("After 200 days down each key is made up for once, and a clock that goes back replaces nothing twice")
    func down() throws {
        let (server, app) = try vault()
        try pass(to: 31, server)
        #expect(try version(server, "apps/web") == 2)
        let witness = try version(server, "apps/witness")

        server.terminate()
        try server.shift(to: 231)
        try server.start()
        // Sealed, nobody is replaced.
        #expect(try server.keyturn(["get", "apps/web"]).code == 3)
        try server.unseal()
        // Keys that were missed take turns within the minute.
        try server.shift(to: 231.1)
        try waitUntil("both are made up for") {
            try version(server, "apps/web") > 2 && version(server, "apps/witness") > witness
        }
        #expect(try version(server, "apps/web") == 3)
        #expect(try version(server, "apps/witness") == witness + 1)

        // Back by half a year, and on again: what was done is done.
        try server.shift(to: 50)
        try server.put("apps/other", "x")
        #expect(try server.application(["get", "apps/web"], key: app).code == 0)
        #expect(try version(server, "apps/web") == 3)
        try pass(to: 232.2, server)
        #expect(try version(server, "apps/web") == 3)
        #expect(try version(server, "apps/witness") == witness + 2)
        let due = try #require(try rotation(server, "apps/web")["due"] as? String)
        try pass(to: 260, server)
        #expect(try version(server, "apps/web") == 3, "due \(due)")
        try pass(to: 262, server)
        #expect(try version(server, "apps/web") == 4)
    }

    @Test("A clock that is put years ahead is not believed until an operator says so")
    func ahead() throws {
        let (server, _) = try vault()
        try pass(to: 31, server)
        let witness = try version(server, "apps/witness")
        try server.shift(to: 800)
        try waitUntil("the clock is doubted") {
            let rotation = try server.keyturn(["health", "--json"]).json()["rotation"] as? [String: Any]
            return rotation?["clock_held"] as? Bool == true
        }
        let held = try server.keyturn(["rotations", "--held", "--json"])
        #expect((try held.json()["rotations"] as? [Any])?.count == 2)
        #expect(try version(server, "apps/witness") == witness)
        #expect(try server.keyturn(["rotate", "apps/web"]).code == 1)
        let confirmed = try server.keyturn(["rotation", "confirm-time"])
        #expect(confirmed.code == 0, "\(confirmed.errors)")
        // What was missed takes turns, as after a seal.
        try server.shift(to: 800.1)
        try waitUntil("the keys are replaced") {
            try version(server, "apps/web") > 2 && version(server, "apps/witness") > witness
        }
        #expect(try version(server, "apps/web") == 3)
        #expect(try version(server, "apps/witness") == witness + 1)
    }
}
