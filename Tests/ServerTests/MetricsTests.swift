import Foundation
import NIOCore
import Testing
import Usage
import Vault
import VaultAPI

@testable import Server

@Suite("Metrics", .timeLimit(.minutes(20)))
struct MetricsTests {
    /// The samples of a page: name and labels, and the value.
    private func samples(_ text: String) throws -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let space = try #require(line.lastIndex(of: " "))
            let name = String(line[..<space])
            #expect(samples[name] == nil, "\(name) stands there twice")
            let value = Double(String(line[line.index(after: space)...]))
            #expect(value != nil, "\(line)")
            samples[name] = value
        }
        return samples
    }

    private func names(_ text: String) -> Set<String> {
        Set(text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) })
    }

    @Test("Paths, names and methods that clients make up add no series and stand in none")
    func bounded() async throws {
        try await RunningServer.run { running in
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            func page() throws -> String { try running.client(running.socket).ask("GET", "/v1/metrics").text }
            func storm(_ round: Int) throws {
                for number in 0..<20 {
                    let name = "marker\(round)x\(number)"
                    for (method, path) in [
                        ("GET", "/v1/values/\(name)"), ("GET", "/v1/\(name)"), ("GET", "/\(name)?\(name)=\(name)"),
                        ("PUT", "/v1/keys/\(name)"), ("DELETE", "/v1/issuers/\(name)/keys/\(name)"),
                        ("GET", "/v1/issuers/\(name)/keys/\(name)"), ("GET", "/v1/decisions/\(name)"),
                        ("GET", "/v1/keys/\(name):\(name)"),
                    ] {
                        _ = try running.client(running.socket).ask(
                            method, path, auth, body: #"{"fields":{"value":"\#(name)"}}"#)
                        _ = try running.client(running.socket).ask(method, path, ["Authorization": "Bearer \(name)"])
                    }
                }
            }
            try storm(0)
            let first = try page()
            try storm(1)
            let second = try page()
            let third = try page()
            #expect(!second.contains("marker"))
            let (before, after) = (Set(try samples(first).keys), Set(try samples(second).keys))
            // The page counts itself from its second time on.
            let own = Set(try samples(third).keys).subtracting(before).filter { !$0.contains("/v1/metrics") }
            #expect(after.subtracting(before).filter { !$0.contains("/v1/metrics") } == [])
            #expect(own == [])
            #expect(try samples(second)["keyturn_keys{state=\"active\"}"] == 40)
        }
    }

    @Test("Everything is there, sealed and unsealed; what needs the keys is not there while sealed")
    func sealed() async throws {
        try await RunningServer.run { running in
            let uninitialized = try running.client(running.socket).ask("GET", "/v1/metrics")
            #expect(uninitialized.status == 200)
            #expect(uninitialized["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(try samples(uninitialized.text)["keyturn_seal_state{state=\"uninitialized\"}"] == 1)
            let key = try running.initialize()
            let auth = ["Authorization": "Bearer \(key)"]
            _ = try running.client(running.socket).ask("PUT", "/v1/keys/a", auth, body: #"{"fields":{"value":"v"}}"#)
            _ = try running.client(running.socket).ask("GET", "/v1/values/a", auth)
            _ = try running.client(running.socket).ask("GET", "/v1/values/b", auth)
            let open = try samples(try running.client(running.socket).ask("GET", "/v1/metrics").text)
            let route = "route=\"GET /v1/values/{path}\""
            #expect(open["keyturn_http_requests_total{\(route),status=\"2xx\",outcome=\"allowed\"}"] == 1)
            #expect(open["keyturn_http_requests_total{\(route),status=\"4xx\",outcome=\"failed\"}"] == 1)
            _ = try running.client(running.socket).ask(
                "GET", "/v1/values/a", ["Authorization": "Bearer keyturn_wrong"])
            let again = try samples(try running.client(running.socket).ask("GET", "/v1/metrics").text)
            #expect(again["keyturn_http_requests_total{\(route),status=\"4xx\",outcome=\"refused\"}"] == 1)
            #expect(open["keyturn_http_request_duration_seconds_count{\(route)}"] == 2)
            #expect(open["keyturn_http_request_duration_seconds_bucket{\(route),le=\"+Inf\"}"] == 2)
            #expect(open["keyturn_problems_total{code=\"not_found\"}"] == 1)
            #expect(open["keyturn_keys{state=\"active\"}"] == 1)
            #expect(open["keyturn_issued_keys{state=\"active\"}"] == 1)
            #expect(open["keyturn_audit_failing"] == 0)
            #expect((open["keyturn_store_commit_duration_seconds_count"] ?? 0) >= 2)
            #expect((open["keyturn_derivation_duration_seconds_count"] ?? 0) >= 1)
            #expect((open["process_resident_memory_bytes"] ?? 0) > 1_000_000)
            #expect((open["process_open_fds"] ?? 0) > 3)
            #expect((open["process_start_time_seconds"] ?? 0) > 1_700_000_000)
            _ = try running.client(running.operatorSocket).ask("POST", "/v1/seal:seal")
            let reply = try running.client(running.socket).ask("GET", "/v1/metrics")
            #expect(reply.status == 200)
            let sealed = try samples(reply.text)
            #expect(sealed["keyturn_seal_state{state=\"sealed\"}"] == 1)
            #expect(sealed["keyturn_keys{state=\"active\"}"] == nil)
        }
    }

    @Test("From another host metrics need an access key whose policy allows audit")
    func elsewhere() async throws {
        let policy = "policy: watcher\ndescription: Watches.\nrules:\n  - allow: [audit]\n"
        try await RunningServer.run(policies: [("watcher.yaml", policy)]) {
            $0.trustedProxies = ["127.0.0.1"]
        } _: { running in
            let host = ["Host": "localhost:\(running.addresses.port ?? 0)"]
            let auth = host.merging(["Authorization": "Bearer \(try running.initialize())"]) { $1 }
            let elsewhere = host.merging(["X-Forwarded-For": "192.0.2.9"]) { $1 }
            #expect(try running.client().ask("GET", "/v1/metrics", elsewhere).status == 401)
            let made = try running.client().ask(
                "POST", "/v1/issuers/keyturn/keys", auth, body: #"{"name":"prometheus","policies":["watcher"]}"#)
            let key = try #require(made.json["key"] as? String)
            let headers = elsewhere.merging(["Authorization": "Bearer \(key)"]) { $1 }
            #expect(try running.client().ask("GET", "/v1/metrics", headers).status == 200)
            #expect(try running.client().ask("GET", "/v1/keys/a", headers).status == 403)
            #expect(try running.client().ask("GET", "/v1/metrics", host).status == 200)
            _ = try running.client(running.operatorSocket).ask("POST", "/v1/seal:seal")
            #expect(try running.client().ask("GET", "/v1/metrics", headers).status == 503)
        }
    }

    @Test("docs/operating.md lists the metrics that there are, each and no other")
    func documented() async throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/operating.md")
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("| `keyturn_") || $0.hasPrefix("| `process_") }
        let listed = Set(
            rows.flatMap { row in
                row.split(separator: "|")[0].split(separator: "`").map(String.init).filter { $0.contains("_") }
            })
        try await RunningServer.run { running in
            _ = try running.initialize()
            #expect(names(try running.client(running.socket).ask("GET", "/v1/metrics").text) == listed)
        }
    }

    @Test("Labels and help are escaped, and histograms add up")
    func format() {
        var text = MetricsText()
        text.begin("a", .counter, "one\\two\nthree")
        text.add(1, [("l", "q\"b\\n\n")])
        var histogram = Histogram(bounds: [250, 1_000_000])
        for time: Int64 in [1, 250, 251, 5_000_000] { histogram.observe(time) }
        text.begin("h", .histogram, "h")
        text.add(histogram)
        #expect(
            String(buffer: text.buffer) == #"""
                # HELP a one\\two\nthree
                # TYPE a counter
                a{l="q\"b\\n\n"} 1
                # HELP h h
                # TYPE h histogram
                h_bucket{le="0.00025"} 2
                h_bucket{le="1"} 3
                h_bucket{le="+Inf"} 4
                h_sum 5.000502
                h_count 4

                """#)
    }
}
