import Foundation
import Glibc
import TestThreads
import Testing

/// Further sinks of the audit log, through the built program.
@Suite(.blocks, .timeLimit(.minutes(20))) struct AuditSinkTests {
    /// A server with options of its own.
    private final class SinkServer: TestServer, @unchecked Sendable {
        var more: [String] = []
        override var arguments: [String] { super.arguments + more }
        override var auditPatience: String? { nil }
    }

    private func entries(of server: TestServer) throws -> [String] {
        try filesBeneath(server.audit).filter { $0.contains("/audit-") }.sorted().flatMap { path in
            try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        }.filter { $0.hasPrefix("{\"seq\":") }
    }

    private func metric(_ server: TestServer, _ name: String, _ sink: String) throws -> Double? {
        let page = try server.request("GET", "/v1/metrics").text
        let line = page.split(separator: "\n").first { $0.hasPrefix("\(name){sink=\"\(sink)\"") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    /// Waits until the server has connected: what is mandatory refuses after a second without.
    private func awaitConnection(of server: TestServer, to sink: String) throws {
        try waitUntil("\(sink) is connected") { try metric(server, "keyturn_audit_sink_up", sink) == 1 }
    }

    @Test("A mandatory syslog gets every line; without it nothing is answered, and the error says which sink and why")
    func mandatory() throws {
        let server = try SinkServer()
        let path = server.folder.path + "/log"
        server.more = ["--audit-syslog", "mandatory", "--audit-syslog-path", path]
        var collector = try Collector(path, isStream: false)
        try server.start()
        try awaitConnection(of: server, to: "syslog")
        try server.initialize()
        try server.put("demo/key", "the value")
        try waitUntil("every line was received") {
            let lines = try entries(of: server)
            return lines.count == collector.lines.count && zip(lines, collector.lines).allSatisfy { $1.hasSuffix($0) }
        }
        let first = try #require(collector.lines.first)
        #expect(first.hasPrefix("<85>1 20") && first.contains(" keyturn \(server.pid) audit - {\"seq\":1,"))

        collector.end()
        try waitUntil("it is missed") {
            let missed = try server.request("GET", "/v1/values/demo/key")
            return try missed.status == 507 && missed.text.contains("nobody listens")
                && metric(server, "keyturn_audit_sink_refusing", "syslog") == 1
        }
        let before = try entries(of: server).count
        let refused = try server.request("GET", "/v1/values/demo/key")
        #expect(refused.status == 507 && !refused.text.contains("the value"))
        #expect(try refused.json()["code"] as? String == "audit_unavailable")
        #expect((try refused.json()["detail"] as? String)?.contains("audit sink syslog: nobody listens") == true)
        let put = try server.keyturn(["put", "demo/other", "--value-file", "-"], input: "v")
        #expect(put.code == 1 && put.errors.contains("audit sink syslog: nobody listens"))
        #expect(!(try entries(of: server).dropFirst(before).contains { $0.contains("demo/") }))
        let health = try server.keyturn(["health"])
        #expect(health.code == 1)
        #expect(health.output.contains("audit sink syslog: mandatory, nobody listens"))
        #expect(try metric(server, "keyturn_audit_sink_up", "syslog") == 0)
        #expect(try metric(server, "keyturn_audit_sink_refusing", "syslog") == 1)
        try waitUntil("the log says so") {
            server.said.contains("audit sink syslog (mandatory): nobody listens")
                && server.said.contains("requests are refused")
        }
        // An operator can seal all the same, and is told that the log does not know.
        #expect(try server.keyturn(["seal"]).code == 1)
        #expect(try server.keyturn(["status", "--json"]).json()["state"] as? String == "sealed")
        #expect(try server.keyturn(["unseal", "--passphrase-file", server.passphraseFile]).code == 1)

        collector = try Collector(path, isStream: false)
        try awaitConnection(of: server, to: "syslog")
        try waitUntil("it is found again") {
            try server.keyturn(["unseal", "--passphrase-file", server.passphraseFile]).code == 0
        }
        // A collector that takes nothing for two seconds, since the machine is busy, has requests refused, too.
        try waitUntil("what was stored is served") {
            try server.keyturn(["get", "demo/key"]).output.hasPrefix("the value")
        }
        try waitUntil("what was refused is not there") { try server.keyturn(["get", "demo/other"]).code == 5 }
        try waitUntil("the log is whole") { try server.keyturn(["audit", "verify"]).code == 0 }
        let log = try entries(of: server)
        try waitUntil("what was written meanwhile is there") {
            collector.lines.contains { $0.hasSuffix(log[log.count - 1]) }
        }
        #expect(try metric(server, "keyturn_audit_sink_dropped_entries_total", "syslog") == 0)
        try waitUntil("all is well") { try server.request("GET", "/v1/health").status == 200 }
    }

    @Test("A best-effort socket that is away disturbs nobody; what it lost is told by health, metrics and the log")
    func bestEffort() throws {
        let server = try SinkServer()
        let path = server.folder.path + "/collector"
        let file = try server.folder.write(
            "audit_socket: best-effort\naudit_socket_path: collector\n", to: "keyturn.yaml")
        server.more = ["--config", file]
        try server.start()
        try server.initialize()
        try server.put("demo/key", "the value")
        #expect(try server.request("GET", "/v1/health").status == 200)
        try server.fillLog(17_920)
        let lost = try #require(try metric(server, "keyturn_audit_sink_dropped_entries_total", "socket"))
        #expect(lost > 1000)
        let sinks = try server.request("GET", "/v1/health").json()["audit"] as? [String: Any]
        let sink = try #require((sinks?["sinks"] as? [[String: Any]])?.first)
        #expect(sink["name"] as? String == "socket" && sink["need"] as? String == "best-effort")
        #expect(sink["up"] as? Bool == false && (sink["dropped"] as? Double ?? 0) >= lost)
        try waitUntil("the log says so") { server.said.contains("audit sink socket (best-effort): dropped ") }

        let collector = try Collector(path, isStream: true)
        try waitUntil("what waited is received") { collector.lines.count >= 16_000 }
        #expect(try server.request("GET", "/v1/values/demo/key").status == 200)
        try waitUntil("and what is new, from the middle of the chain on") {
            guard let last = try entries(of: server).last else { return false }
            return collector.lines.last == last
        }
        #expect(Array(collector.lines.prefix(16_000)) == Array(try entries(of: server).prefix(16_000)))
        try waitUntil("the log says so") { server.said.contains("audit sink socket (best-effort): takes lines") }
        /// Whether the last line of all is received when the server ends.
        func endIsReceived() throws -> Bool {
            let ends = collector.ends
            #expect(server.waitForEnd(after: SIGTERM)?.status == 0)
            try waitUntil("the connection is over") { collector.ends > ends }
            return collector.lines.last == (try entries(of: server).last)
        }
        // What is not taken within a second of the end is dropped: on a machine that is busy it may take several ends.
        var tries = 1
        while try !endIsReceived() {
            try #require(tries < 10, "the end is not received")
            tries += 1
            try server.start()
            try awaitConnection(of: server, to: "socket")
        }
    }
}
