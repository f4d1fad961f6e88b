import Foundation
import Glibc
import TestThreads
import Testing

/// The audit log of a real server, and what may happen to it.
@Suite(.blocks, .timeLimit(.minutes(20))) struct AuditTests {
    /// The log's only file.
    private func file(of server: TestServer) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: server.audit).filter { $0.hasPrefix("audit-") }
        return server.audit + "/" + (try #require(names.first))
    }

    private func lines(of server: TestServer) throws -> [String] {
        try String(contentsOfFile: try file(of: server), encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private func write(_ lines: [String], to server: TestServer) throws {
        try lines.map { $0 + "\n" }.joined().write(toFile: try file(of: server), atomically: false, encoding: .utf8)
    }

    @Test("An edit under a running server is named by its sequence, and a checkpoint verifies without the server")
    func verified() throws {
        let server = try TestServer.ready()
        for number in 0..<20 { try server.put("demo/key-\(number)", "value") }
        let note = try server.folder.write(try server.keyturn(["audit", "checkpoint"]).output, to: "note")
        let key = try server.keyturn(["audit", "checkpoint", "--public-key"]).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let whole = try server.keyturn(["audit", "verify", "--json"])
        #expect(whole.code == 0)
        #expect(try whole.json()["ok"] as? Bool == true)
        #expect(try server.keyturn(["audit", "verify", "--checkpoint", note]).code == 0)
        let offline = ["audit", "verify", "--log", server.audit, "--checkpoint", note, "--public-key", key]
        #expect(try server.keyturn(offline).code == 0)
        // A key that has not signed it is not believed.
        let wrong = String(key.dropLast(6)) + "AAAAA="
        #expect(try server.keyturn(offline.dropLast() + [wrong]).code != 0)
        try waitUntil("the checkpoint is in the folder") {
            FileManager.default.fileExists(atPath: server.audit + "/checkpoint")
        }

        // The same length, so that the server goes on.
        try server.paused {
            var edited = try lines(of: server)
            #expect(edited[7].hasPrefix("{\"seq\":7,"))
            edited[7] = edited[7]
                .replacingOccurrences(of: "\"outcome\":\"allowed\"", with: "\"outcome\":\"refused\"")
            try write(edited, to: server)
        }
        let found = try server.keyturn(["audit", "verify"])
        #expect(found.code == 1)
        #expect(found.output.contains("altered: entry 7 was altered"))
        #expect(try server.keyturn(offline).output.contains("altered: entry 7 was altered"))
    }

    @Test("A log that was taken away goes on in a new file by SIGHUP, and a verifier names what is gone")
    func reopened() throws {
        let server = try TestServer.ready()
        try server.put("demo/key", "value")
        let gone = try file(of: server)
        try FileManager.default.removeItem(atPath: gone)
        let refused = try server.keyturn(["get", "demo/key"])
        #expect(refused.code == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("go on in a new file by SIGHUP"))
        kill(server.pid, SIGHUP)
        try waitUntil("values are served again") { try server.keyturn(["get", "demo/key"]).code == 0 }
        #expect(try lines(of: server).contains { $0.contains("\"action\":\"log_reopened\"") })
        let found = try server.keyturn(["audit", "verify"])
        #expect(found.code == 1 && !found.output.contains("nothing is wrong"))
    }

    @Test("A log that is put back, lost or cut keeps the vault sealed, until an operator goes on with it")
    func lost() throws {
        let server = try TestServer.ready()
        for number in 0..<5 { try server.put("demo/key-\(number)", "value") }
        #expect(try server.keyturn(["seal"]).code == 0)
        server.terminate()
        let kept = try lines(of: server)
        try write(Array(kept.dropLast(3)), to: server)
        try server.start()
        let refused = try server.keyturn(["unseal", "--passphrase-file", server.passphraseFile])
        #expect(refused.code == 1)
        #expect(refused.errors.contains("ends before entry"))
        #expect(refused.errors.contains("--accept-log"))
        let accepted = try server.keyturn(["unseal", "--accept-log", "--passphrase-file", server.passphraseFile])
        #expect(accepted.code == 0)
        #expect(try server.keyturn(["get", "demo/key-4"]).output.hasPrefix("value"))
        #expect(
            try server.keyturn(["audit", "search", "--action", "log_accepted"]).output.contains("log_accepted"))
        let verified = try server.keyturn(["audit", "verify"])
        #expect(verified.code == 7, "\(verified.output)")
        #expect(verified.output.contains("nothing is wrong but for what was accepted"))
        server.kill()
        try server.start()
        try server.unseal()
    }

    @Test(
        "On a full disk no read is answered and an operator can seal; with space again the log verifies without a gap")
    func fullDisk() throws {
        let server = try TestServer()
        try FileManager.default.createDirectory(
            atPath: server.audit, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try #require(
            mount("tmpfs", server.audit, "tmpfs", 0, "size=2m,mode=0700") == 0,
            "this test needs to mount a small tmpfs: run it as root")
        defer {
            server.kill()
            umount2(server.audit, Int32(MNT_DETACH))
        }
        try server.start()
        try server.initialize()
        try server.put("demo/key", "the value")
        let made = try server.keyturn(["access", "create", "leaked", "--policy", "administrator", "--json"])
        let leaked = try #require(made.json()["key"] as? String)
        let id = try #require(made.json()["id"] as? String)
        let ballast = open(server.audit + "/ballast", O_WRONLY | O_CREAT, 0o600)
        try #require(ballast >= 0)
        let zeros = [UInt8](repeating: 0, count: 4096)
        while Glibc.write(ballast, zeros, zeros.count) > 0 {}
        close(ballast)
        // What is left of the last page takes a few more.
        try waitUntil("the log is full") {
            try server.request("GET", "/v1/values/demo/key").status == 507
        }
        // What did not fit leaves its room, in which a line that is a little shorter may still have a place.
        var (inARow, fitting) = (0, 0)
        while inARow < 5 {
            let reply = try server.request("GET", "/v1/values/demo/key")
            guard reply.status == 507 else {
                #expect(reply.status == 200)
                (inARow, fitting) = (0, fitting + 1)
                try #require(fitting < 20, "more lines have a place than a page has")
                continue
            }
            inARow += 1
            let problem = try reply.json()
            #expect(problem["code"] as? String == "audit_unavailable")
            #expect((problem["detail"] as? String)?.contains("audit sink file: no space left") == true)
        }
        // The reserve is for what an operator does at the vault's own socket.
        #expect(try server.request("POST", "/v1/issuers/keyturn/keys/\(id):revoke").status == 507)
        let revoked = try server.keyturn(["access", "revoke", id])
        #expect(revoked.code == 0, "\(revoked.errors)")
        #expect(try server.keyturn(["seal"]).code == 0)
        try server.unseal()
        unlink(server.audit + "/ballast")
        #expect(try server.request("GET", "/v1/values/demo/key", key: leaked).status == 401)
        let answered = try server.request("GET", "/v1/values/demo/key")
        #expect(answered.status == 200)
        let verified = try server.keyturn(["audit", "verify", "--json"])
        #expect(verified.code == 0)
        let reply = try verified.json()
        #expect(reply["entries"] as? Int == reply["last"] as? Int)
        #expect(reply["first"] as? Int == 1)
    }
}
