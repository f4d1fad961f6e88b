import Foundation
import Testing

@testable import Server

@Suite("Usage over HTTP", .timeLimit(.minutes(20)))
struct UsageCallTests {
    @Test("What does not go together, or is no time and no duration, is refused by name")
    func mistakes() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            for (query, field) in [
                ("key=a&caller=b", "caller"), ("key=a&issuer=b", "issuer"), ("top=keys&unused=30d", "unused"),
                ("unused=30d&expiring=1d", "expiring"), ("unused=soon", "unused"),
                ("expiring=-1d", "expiring"), ("top=all", "top"), ("by=week", "by"), ("since=yesterday", "since"),
                ("until=2026", "until"), ("key=../x", "key"), ("limit=5", "limit"), ("top=keys&by=day", "by"),
                ("unused=1d&since=2026-01-01T00:00:00Z", "since"), ("unused=1d&of=callers", "of"),
                ("top=keys&limit=x", "limit"), ("measure=reads", "measure"), ("caller=nobody", "caller"),
            ] {
                let reply = try running.client(running.socket).ask("GET", "/v1/usage?\(query)", auth)
                #expect(reply.status == 400, "\(query)")
                #expect(reply.json["field"] as? String == field, "\(query)")
            }
            #expect(try running.client(running.socket).ask("GET", "/v1/usage").status == 403)
        }
    }

    @Test("Counts, lists, and who read what is deleted")
    func usage() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            let client = try running.client(running.socket)
            for key in ["a", "b"] {
                _ = try client.ask("PUT", "/v1/keys/\(key)", auth, body: #"{"fields":{"value":"v"}}"#)
            }
            for _ in 0..<3 { _ = try client.ask("GET", "/v1/values/a", auth) }
            _ = try client.ask("GET", "/v1/values/a?field=x", auth)
            let reply = try client.ask("GET", "/v1/usage?key=a&by=hour", auth)
            #expect(reply.status == 200)
            let total = reply.json["total"] as? [String: Any]
            #expect(total?["reads"] as? Int == 3)
            #expect((total?["refusals"] as? [String: Int]) == ["not_found": 1])
            let readers = try #require(reply.json["read_by"] as? [[String: Any]])
            #expect(readers.count == 1)
            #expect(readers[0]["name"] as? String == "first administrator")
            let caller = try #require(readers[0]["caller"] as? String)
            let same = try client.ask("GET", "/v1/usage?caller=\(caller)", auth)
            #expect((same.json["total"] as? [String: Any])?["reads"] as? Int == 3)
            let top = try client.ask("GET", "/v1/usage?top=keys", auth)
            #expect((top.json["entries"] as? [[String: Any]])?.map { $0["subject"] as? String } == ["a"])
            #expect(try client.ask("GET", "/v1/usage?unused=30d", auth).json["count"] as? Int == 0)
            let deleted = try client.ask("DELETE", "/v1/keys/a", auth)
            #expect((deleted.json["read_by"] as? [[String: Any]])?.first?["caller"] as? String == caller)
            #expect((try client.ask("DELETE", "/v1/keys/b", auth).json["read_by"] as? [Any])?.isEmpty == true)
        }
    }
}
