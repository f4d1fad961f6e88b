import Foundation
import TestThreads
import Testing

/// kill -9 in the middle of a rotation at a real provider: one current version that works, and nothing left over.
@Suite(.blocks, .serialized, .timeLimit(.minutes(20))) struct RotationCrashTests {
    struct Moment: CustomTestStringConvertible {
        var rotator: String
        var step: String
        var moment: TestProvider.Moment
        var testDescription: String { "\(rotator): \(step), \(moment)" }

        /// Each step, before and after it has its effect.
        static let all: [Moment] = {
            let moments: [(String, TestProvider.Moment)] = [
                ("create", .before), ("create", .after), ("test", .before), ("retire", .before), ("retire", .after),
            ]
            return ["http", "command"].flatMap { rotator in
                moments.map { Moment(rotator: rotator, step: $0.0, moment: $0.1) }
            }
        }()
    }

    @Test("The rotation is finished after a restart, whatever it was doing", arguments: Moment.all)
    func crash(point: Moment) throws {
        let provider = try TestProvider()
        let server = try RotatingServer.ready(provider)
        let first = try provider.make()
        try server.set(up: "apps/key", point.rotator, first)

        try provider.hold(point.step, point.moment)
        let begun = try server.keyturn(["rotate", "apps/key"])
        try #require(begun.code == 0, "\(begun.errors)")
        try provider.awaitHeld()
        server.kill()
        try provider.release(point.step, point.moment)
        try server.start()
        try server.unseal()

        // Looking for what may have been made, and trying again, take minutes: they pass quickly here.
        var days = 0.0
        try waitUntil("the rotation is over") {
            days += 0.002
            try server.shift(to: days)
            let key = try server.keyturn(["show", "apps/key", "--json"]).json()
            let rotation = key["rotation"] as? [String: Any]
            return key["current"] as? Int != 1 && key["previous"] == nil && rotation?["step"] as? String == "idle"
        }
        let id = try server.keyturn(["get", "apps/key", "--field", "id"]).output
        let value = try server.keyturn(["get", "apps/key"]).output
        #expect(try provider.state() == [id: value])
        #expect(id != first.id)
        let key = try server.keyturn(["show", "apps/key", "--json"]).json()
        let rotation = try #require(key["rotation"] as? [String: Any])
        #expect(rotation["orphans"] as? [String] == [])
        #expect(rotation["error"] == nil)
        // What was done is in the log, and the log is whole.
        let log = try server.keyturn(["audit", "verify"])
        #expect(log.code == 0, "\(log.errors)")
    }
}
