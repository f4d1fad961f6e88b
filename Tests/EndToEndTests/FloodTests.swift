import Foundation
import TestThreads
import Testing

@Suite(.blocks, .timeLimit(.minutes(20))) struct FloodTests {
    @Test("Ten thousand connections that say nothing do not keep the operator out, and go in their time")
    func idleConnections() throws {
        let server = try TestServer.ready()
        let script = Programs.python("idle_connections.py")
        let crowd = Process()
        crowd.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        crowd.arguments = [script, String(server.port), "10000"]
        let (output, input) = (Pipe(), Pipe())
        crowd.standardOutput = output
        crowd.standardInput = input
        try crowd.run()
        defer { crowd.terminate() }
        var said = ""
        while !said.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            said += String(decoding: more, as: UTF8.self)
        }
        try #require(said.hasPrefix("open "))
        #expect(Int(said.dropFirst(5).trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 >= 1_000)
        for _ in 0..<5 { #expect(try server.keyturn(["status"]).output.hasPrefix("unsealed")) }
        #expect(try server.keyturn(["seal"]).code == 0)
        try server.unseal()
        // Whoever says nothing for 15 seconds is let go, and then others are served.
        try? input.fileHandleForWriting.close()
        crowd.waitUntilExit()
        #expect(try server.request("GET", "/v1/status").status == 200)
    }

    @Test("A flood of strangers' requests does not make the server grow")
    func strangers() throws {
        let server = try TestServer.ready()
        let wrong = "keyturn_" + String(repeating: "0", count: 61)
        func flood(_ count: Int) throws {
            for round in 0..<count {
                _ = try server.request("GET", "/v1/status", key: wrong)
                #expect(try server.request("GET", "/v1/values/a/b", key: wrong).status == 401)
                let body = "{\"fields\":{\"value\":\"\(String(repeating: "x", count: 10_000))\"}}"
                #expect(try server.request("PUT", "/v1/keys/a", key: wrong, body: body).status == 401)
                if round % 50 == 0 { #expect(try server.request("GET", "/v1/health").status == 200) }
            }
        }
        try flood(100)
        let before = try residentKiB(server.pid)
        let log = try logBytes(server)
        try flood(400)
        #expect(try residentKiB(server.pid) - before < 32 * 1024)
        #expect(try logBytes(server) - log < 256 * 1024)
    }

    @Test("A hundred megabytes in chunks are refused, and the server does not grow by them")
    func chunks() throws {
        let server = try TestServer.ready()
        try server.put("demo/key", "some value")
        let before = try residentKiB(server.pid)
        var text = Data(
            ("PUT /v1/keys/a HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
                + "Authorization: Bearer \(server.accessKey)\r\nTransfer-Encoding: chunked\r\n\r\n").utf8)
        let chunk = Data(("10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n").utf8)
        for _ in 0..<1_600 { text += chunk }
        #expect(try server.raw(text).status == 413)
        #expect(try residentKiB(server.pid) - before < 60 * 1024)
    }

    @Test("A refusal takes as long whether or not the key exists")
    func enumeration() throws {
        let server = try TestServer.ready(policies: [
            "nothing.yaml": "policy: nothing\nrules:\n  - allow: [retrieve]\n    keys: [\"elsewhere/*\"]\n"
        ])
        try server.put("demo/key", "some value")
        let made = try server.keyturn(["access", "create", "app", "--policy", "nothing", "--json"])
        let key = try #require(made.json()["key"] as? String)
        var times: [String: [Duration]] = [:]
        for _ in 0..<200 {
            for path in ["/v1/values/demo/key", "/v1/values/demo/kez"] {
                let start = ContinuousClock.now
                let reply = try server.request("GET", path, key: key)
                times[path, default: []].append(start.duration(to: .now))
                #expect(reply.status == 403)
            }
        }
        // Of the quick ones, which no other program came between.
        let typical = times.values.map { $0.sorted()[20] }
        let (quick, slow) = (try #require(typical.min()), try #require(typical.max()))
        #expect(slow < quick * 2, "they are \(quick) and \(slow)")
    }

    private func residentKiB(_ pid: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    private func logBytes(_ server: TestServer) throws -> Int {
        try filesBeneath(server.audit).filter { $0.hasSuffix(".jsonl") }
            .map { try FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int ?? 0 }.reduce(0, +)
    }
}
