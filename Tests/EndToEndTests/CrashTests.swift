import Foundation
import Synchronization
import TestThreads
import Testing

/// What happens to a vault when things are done to it that nobody should do.
@Suite(.blocks, .timeLimit(.minutes(20))) struct CrashTests {
    @Test("kill -9 under load: everything that was acknowledged is there, every time")
    func killUnderLoad() throws {
        let server = try TestServer.ready()
        var acknowledged: [String: String] = [:]
        for round in 0..<5 {
            let written = Mutex<[String: String]>([:])
            let stop = Mutex(false)
            let writers = (0..<4).map { writer in
                Thread {
                    var number = 0
                    while !stop.withLock({ $0 }) {
                        let path = "load/\(round)-\(writer)-\(number)"
                        let body = "{\"fields\":{\"value\":\"value of \(path)\"}}"
                        guard let reply = try? server.request("PUT", "/v1/keys/\(path)", body: body),
                            reply.status == 201
                        else { break }
                        written.withLock { $0[path] = "value of \(path)" }
                        number += 1
                    }
                }
            }
            for writer in writers { writer.start() }
            try waitUntil("something was written") { written.withLock { $0.count } >= 20 }
            server.kill()
            stop.withLock { $0 = true }
            try waitUntil("the writers have ended") { writers.allSatisfy(\.isFinished) }
            acknowledged.merge(written.withLock { $0 }) { $1 }
            try server.start()
            try server.unseal()
            #expect(try server.keyturn(["store", "verify"]).code == 0)
        }
        for (path, value) in acknowledged {
            let found = try server.request("GET", "/v1/values/\(path)")
            let fields = try found.json()["fields"] as? [String: String]
            #expect(fields?["value"] == value, "\(path)")
        }
        #expect(acknowledged.count >= 100)
    }

    @Test("A store file that is replaced under a running server is noticed, and the vault seals itself")
    func replacedFile() throws {
        let server = try TestServer.ready()
        try server.put("demo/key", "some value")
        let path = server.data + "/vault.db"
        try FileManager.default.copyItem(atPath: path, toPath: path + ".copy")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + ".copy")
        rename(path + ".copy", path)
        #expect(try server.keyturn(["get", "demo/key"]).code != 0)
        #expect(try server.keyturn(["status", "--json"]).json()["state"] as? String == "sealed")
    }

    @Test("A store file that is overwritten under a running server is noticed at the next change at the latest")
    func overwrittenFile() throws {
        let server = try TestServer.ready()
        try server.put("demo/key", "some value")
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: server.data + "/vault.db"))
        try file.seek(toOffset: 0)
        try file.write(contentsOf: Data(repeating: 0x55, count: 8192))
        try file.close()
        #expect(try server.keyturn(["get", "demo/key"]).code != 0)
        #expect(try server.keyturn(["put", "demo/other", "--value-file", "-"], input: "v").code != 0)
        #expect(try server.keyturn(["status", "--json"]).json()["state"] as? String == "sealed")
    }

    @Test("SIGTERM lets a request in progress end, seals, and ends with 0")
    func gracefulEnd() throws {
        let server = try TestServer.ready()
        let ended = try #require(server.waitForEnd(after: SIGTERM))
        #expect(ended.reason == .exit && ended.status == 0)
        #expect(!FileManager.default.fileExists(atPath: server.data + "/keyturn.sock"))
        try server.start()
        #expect(try server.keyturn(["status", "--json"]).json()["state"] as? String == "sealed")
    }

    @Test("Two clients that change one key at once: each change is whole, and versions are not used twice")
    func twoWriters() throws {
        let server = try TestServer.ready()
        try server.put("demo/key", "first")
        let versions = Mutex<[Int]>([])
        let writers = (0..<8).map { writer in
            Thread {
                let body = "{\"fields\":{\"value\":\"value of writer \(writer)\"}}"
                let reply = try? server.request("PUT", "/v1/keys/demo/key", body: body)
                let current = (try? reply?.json()["current"]) as? Int
                if let current { versions.withLock { $0.append(current) } }
            }
        }
        for writer in writers { writer.start() }
        try waitUntil("all have written") { writers.allSatisfy(\.isFinished) }
        #expect(versions.withLock { $0.sorted() } == Array(2...9))
    }

    @Test("A SIGHUP with a broken policy file leaves the old set in force; with a good one the next request obeys it")
    func reload() throws {
        let rule = "policy: app\nrules:\n  - allow: [retrieve]\n    keys: [\"demo/*\"]\n"
        let server = try TestServer.ready(policies: ["app.yaml": rule])
        try server.put("demo/key", "some value")
        let made = try server.keyturn(["access", "create", "app", "--policy", "app", "--json"])
        let key = try #require(made.json()["key"] as? String)
        #expect(try server.application(["get", "demo/key"], key: key).code == 0)

        try server.write(policy: "app.yaml", "policy: app\nrules: nonsense\n")
        kill(server.pid, SIGHUP)
        try waitUntil("the failure is loud") { server.said.contains("NOT reloaded") }
        #expect(try server.application(["get", "demo/key"], key: key).code == 0)
        #expect(try server.keyturn(["policy", "reload"]).code == 1)

        try server.write(policy: "app.yaml", rule.replacingOccurrences(of: "demo/*", with: "other/*"))
        #expect(try server.keyturn(["policy", "reload"]).code == 0)
        #expect(try server.application(["get", "demo/key"], key: key).code == 4)
    }
}
