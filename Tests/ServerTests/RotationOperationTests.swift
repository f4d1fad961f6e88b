import Foundation
import Testing

@testable import Server

@Suite("Calls on rotations", .timeLimit(.minutes(20)))
struct RotationOperationTests {
    private let policies: [(name: String, text: String)] = [
        (
            "reader.yaml",
            """
            policy: reader
            rules:
              - allow: [retrieve, acknowledge]
                keys: ["apps/**"]
            """
        )
    ]

    private static let rotated =
        #"{"fields":{"value":"first"},"rotation":{"rotator":"generate","every":"90d","overlap":"24h"}}"#

    private func rotation(_ reply: RawReply) throws -> [String: Any] {
        try #require(reply.json["rotation"] as? [String: Any])
    }

    @Test("A key is set up, planned, replaced, rolled back, paused and left alone again")
    func life() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client()
            let made = try client.ask("PUT", "/v1/keys/apps/a", auth, body: Self.rotated)
            #expect(made.status == 201, "\(made.text)")
            let before = try rotation(made)
            #expect(before["state"] as? String == "scheduled")
            #expect(before["every"] as? String == "90d" && before["overlap"] as? String == "1d")
            #expect(before["missed"] as? String == "now" && before["retire"] as? String == "after-overlap")
            #expect((before["author"] as? String)?.hasPrefix("access-key:") == true)
            #expect(before["due"] != nil && before["error"] == nil)

            let plan = try client.ask("POST", "/v1/keys/apps/a:plan", auth)
            #expect(plan.status == 200, "\(plan.text)")
            #expect(plan.json["permitted"] as? Bool == true)
            #expect((plan.json["later"] as? [String])?.count == 5)
            let steps = try #require(plan.json["steps"] as? [[String: Any]])
            #expect(steps.compactMap { $0["step"] as? String } == ["propose", "promote", "overlap", "retire"])
            #expect(try client.ask("GET", "/v1/keys/apps/a", auth).json["current"] as? Int == 1)

            let rotated = try client.ask("POST", "/v1/keys/apps/a:rotate", auth)
            #expect(rotated.status == 200, "\(rotated.text)")
            #expect(rotated.json["current"] as? Int == 2 && rotated.json["previous"] as? Int == 1)
            #expect(try rotation(rotated)["state"] as? String == "overlapping")
            let again = try client.ask("POST", "/v1/keys/apps/a:rotate", auth)
            #expect(again.status == 409 && again.code == "conflict")
            let ended = try client.ask("POST", "/v1/keys/apps/a:rotate", auth, body: #"{"end_overlap":true}"#)
            #expect(ended.status == 200, "\(ended.text)")

            let back = try client.ask("POST", "/v1/keys/apps/b:rollback", auth)
            #expect(back.status == 404)
            for verb in ["resume", "abort"] {
                #expect(try client.ask("POST", "/v1/keys/apps/a:\(verb)", auth).code == "conflict")
            }
            let paused = try rotation(try client.ask("POST", "/v1/keys/apps/a:pause", auth))
            #expect(paused["paused"] as? Bool == true && paused["paused_since"] != nil)
            #expect(try rotation(try client.ask("POST", "/v1/keys/apps/a:unpause", auth))["paused"] as? Bool == false)
            let none = try client.ask("PATCH", "/v1/keys/apps/a", auth, body: #"{"rotation":null}"#)
            #expect(none.status == 200 && none.json["rotation"] == nil)
            #expect(try client.ask("POST", "/v1/keys/apps/a:rotate", auth).status == 409)
        }
    }

    @Test("Rotations are listed by when they are due, by state and page by page")
    func lists() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client()
            for (path, every) in [("apps/a", "90d"), ("apps/b", "30d"), ("team/c", "60d")] {
                let body = #"{"fields":{"value":"x"},"rotation":{"rotator":"generate","every":"\#(every)"}}"#
                #expect(try client.ask("PUT", "/v1/keys/\(path)", auth, body: body).status == 201)
            }
            #expect(
                try client.ask("PUT", "/v1/keys/apps/plain", auth, body: #"{"fields":{"value":"x"}}"#).status == 201)
            func paths(_ query: String) throws -> [String] {
                let reply = try client.ask("GET", "/v1/rotations\(query)", auth)
                #expect(reply.status == 200, "\(reply.text)")
                let entries = reply.json["rotations"] as? [[String: Any]] ?? []
                return entries.compactMap { $0["path"] as? String }
            }
            #expect(try paths("") == ["apps/b", "team/c", "apps/a"])
            #expect(try paths("?prefix=apps/") == ["apps/b", "apps/a"])
            #expect(try paths("?state=scheduled,failing") == ["apps/b", "team/c", "apps/a"])
            #expect(try paths("?state=held,paused") == [])
            #expect(try paths("?due_before=2020-01-01T00:00:00Z") == [])
            #expect(try paths("?due_before=2100-01-01T00:00:00Z").count == 3)
            func keys(_ query: String) throws -> [String] {
                let reply = try client.ask("GET", "/v1/keys\(query)", auth)
                #expect(reply.status == 200, "\(reply.text)")
                let entries = reply.json["keys"] as? [[String: Any]] ?? []
                return entries.compactMap { $0["path"] as? String }
            }
            #expect(try keys("?due_before=2020-01-01T00:00:00Z") == [])
            #expect(try keys("?due_before=2100-01-01T00:00:00Z") == ["apps/a", "apps/b", "team/c"])
            #expect(try keys("?due_before=2100-01-01T00:00:00Z&prefix=apps") == ["apps/a", "apps/b"])
            let part = try client.ask("GET", "/v1/keys?due_before=2100-01-01T00:00:00Z&limit=2", auth)
            let place = try #require(part.json["cursor"] as? String)
            #expect(try keys("?due_before=2100-01-01T00:00:00Z&limit=2&cursor=\(place)") == ["team/c"])
            #expect(try client.ask("GET", "/v1/keys?due_before=MARKER", auth).code == "invalid_field")
            let first = try client.ask("GET", "/v1/rotations?limit=2", auth)
            let cursor = try #require(first.json["cursor"] as? String)
            #expect(try paths("?limit=2&cursor=\(cursor)") == ["apps/a"])
            for query in ["?state=MARKER", "?state=scheduled,", "?due_before=MARKER", "?limit=x", "?cursor=x"] {
                let refused = try client.ask("GET", "/v1/rotations\(query)", auth)
                #expect(refused.code == "invalid_field", "\(query)")
                #expect(!refused.text.contains("MARKER"))
            }
        }
    }

    @Test(
        "A rotation that cannot be is refused with its place, and repeats nothing",
        arguments: [
            (#"{"rotator":"MARKER"}"#, "rotation.rotator"),
            (#"{"rotator":"generate","every":"MARKER"}"#, "rotation.every"),
            (#"{"rotator":"generate","every":"1s"}"#, "rotation.every"),
            (#"{"rotator":"generate","every":"30d","schedule":"0 3 * * *"}"#, "rotation.every"),
            (#"{"rotator":"generate","schedule":"MARKER"}"#, "rotation.schedule"),
            (#"{"rotator":"generate","every":"1d","overlap":"2d"}"#, "rotation.overlap"),
            (#"{"rotator":"generate","every":"1d","jitter":"13h"}"#, "rotation.jitter"),
            (#"{"rotator":"generate","retire":"when-acknowledged"}"#, "rotation.deadline"),
            (#"{"rotator":"generate","settings":{"length":"MARKER"}}"#, "rotation.settings.length"),
            (#"{"rotator":"generate","settings":{"MARKER-7":"1"}}"#, "rotation.settings"),
        ])
    func refused(rotation: String, field: String) async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client()
            let reply = try client.ask(
                "PUT", "/v1/keys/a", auth, body: #"{"fields":{"value":"x"},"rotation":\#(rotation)}"#)
            #expect(reply.status == 400 && reply.code == "invalid_field", "\(reply.text)")
            #expect(reply.json["field"] as? String == field, "\(reply.text)")
            #expect(!reply.text.contains("MARKER"), "\(reply.text)")
            #expect(try client.ask("GET", "/v1/keys/a", auth).status == 404)
        }
    }

    @Test("Each instance that fetches is a consumer of its own, through the fast lane too; a wrong name is refused")
    func instances() async throws {
        try await RunningServer.run(policies: policies) { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client()
            let body =
                #"{"fields":{"value":"x"},"rotation":{"rotator":"generate","retire":"when-acknowledged","deadline":"7d"}}"#
            #expect(try client.ask("PUT", "/v1/keys/apps/a", auth, body: body).status == 201)
            let issued = try client.ask(
                "POST", "/v1/issuers/keyturn/keys", auth, body: #"{"name":"app","policies":["reader"]}"#)
            let app = ["Authorization": "Bearer \(try #require(issued.json["key"] as? String))"]
            func naming(_ name: String) -> [String: String] { app.merging(["Keyturn-Instance": name]) { $1 } }
            #expect(try client.ask("GET", "/v1/values/apps/a", naming("web-1")).status == 200)
            let bundle = #"{"keys":[{"path":"apps/a"}]}"#
            #expect(try client.ask("POST", "/v1/values", naming("web-2"), body: bundle).status == 200)
            for wrong in ["a b", "a/b", String(repeating: "a", count: 65), ""] {
                let refused = try running.client().ask("GET", "/v1/values/apps/a", naming(wrong))
                #expect(refused.code == "invalid_field" && refused.json["field"] as? String == "Keyturn-Instance")
            }
            #expect(try client.ask("POST", "/v1/keys/apps/a:rotate", auth).json["current"] as? Int == 2)
            func holders() throws -> [String] {
                let rotation = try rotation(try client.ask("GET", "/v1/keys/apps/a", auth))
                return (rotation["consumers"] as? [[String: Any]] ?? []).filter { $0["holds_back"] as? Bool == true }
                    .compactMap { $0["instance"] as? String }.sorted()
            }
            #expect(try holders() == ["web-1", "web-2"])
            #expect(try client.ask("GET", "/v1/values/apps/a", naming("web-1")).json["version"] as? Int == 2)
            #expect(try holders() == ["web-2"])
            let old = try client.ask("POST", "/v1/keys/apps/a:acknowledge", app, body: #"{"version":1}"#)
            #expect(old.status == 409)
            let said = try client.ask("POST", "/v1/keys/apps/a:acknowledge", app, body: #"{"instance":"web-2"}"#)
            #expect(said.status == 200 && said.json["version"] as? Int == 2, "\(said.text)")
            #expect(try holders() == [])
            // Whoever may acknowledge may not do anything else with it.
            for verb in ["rotate", "plan", "resume", "abort", "rollback", "pause", "unpause"] {
                #expect(try client.ask("POST", "/v1/keys/apps/a:\(verb)", app).status == 403, "\(verb)")
            }
            #expect(try client.ask("POST", "/v1/seal:confirm-time", app).status == 403)
        }
    }

    @Test("Metrics and health count rotations by state, without a name")
    func numbers() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client()
            #expect(try client.ask("PUT", "/v1/keys/apps/a", auth, body: Self.rotated).status == 201)
            #expect(try client.ask("PUT", "/v1/keys/apps/b", auth, body: #"{"fields":{"value":"x"}}"#).status == 201)
            let metrics = try client.ask("GET", "/v1/metrics", auth).text
            #expect(metrics.contains(#"keyturn_keys_rotation{state="scheduled"} 1"#))
            #expect(metrics.contains(#"keyturn_keys_rotation{state="none"} 1"#))
            #expect(metrics.contains(#"keyturn_keys_rotation{state="failing"} 0"#))
            #expect(metrics.contains("keyturn_rotation_next_timestamp_seconds "))
            #expect(!metrics.contains("keyturn_rotation_errors{"))
            let health = try client.ask("GET", "/v1/health")
            let rotation = try #require(health.json["rotation"] as? [String: Any])
            #expect(rotation["failing"] as? Int == 0 && rotation["clock_held"] as? Bool == false)
            #expect(try client.ask("POST", "/v1/seal:confirm-time", auth).json["time"] is String)
            #expect(try client.ask("POST", "/v1/rotations:restored", auth).json["keys"] as? Int == 1)
        }
    }
}
