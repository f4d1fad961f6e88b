import Foundation
import TestThreads
import Testing

/// A log that an operator goes on with, with the built program.
@Suite(.blocks, .timeLimit(.minutes(20))) struct AcceptedLogTests {
    private func lines(_ server: TestServer) throws -> [String] {
        try files(server).flatMap { try String(contentsOfFile: $0, encoding: .utf8).split(separator: "\n") }
            .map(String.init)
    }

    private func files(_ server: TestServer) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: server.audit)
            .filter { $0.hasPrefix("audit-") }.sorted().map { server.audit + "/" + $0 }
    }

    private func change(_ server: TestServer, _ file: Int, _ body: (inout [String]) -> Void) throws {
        let path = try files(server)[file]
        var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        body(&lines)
        try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: false, encoding: .utf8)
    }

    private func edit(_ server: TestServer, _ entry: Int) throws {
        try change(server, 0) { $0[entry] = $0[entry].replacingOccurrences(of: "\"kind\":", with: "\"Kind\":") }
    }

    private func unseal(_ server: TestServer, _ flags: String...) throws -> Ended {
        try server.keyturn(["unseal", "--passphrase-file", server.passphraseFile] + flags)
    }

    /// What `audit verify` ends with, and what it says is accepted.
    private func verified(_ server: TestServer, _ more: String...) throws -> (code: Int32, accepted: [[String: Any]]) {
        let ended = try server.keyturn(["audit", "verify", "--json"] + more)
        return (ended.code, try ended.json()["accepted"] as? [[String: Any]] ?? [])
    }

    @Test(
        "A cut and an altered log are accepted by an operator, told by every verification, and nothing else is passed over"
    )
    func accepted() throws {
        let server = try TestServer.ready()
        try server.fillLog(300)
        #expect(try server.keyturn(["seal"]).code == 0)
        #expect(server.waitForEnd(after: SIGTERM)?.status == 0)
        let all = try lines(server).count - 1

        // Cut at the end of a line: nothing in the file shows it.
        try change(server, 0) { $0.removeLast(40) }
        try server.start()
        #expect(try unseal(server).errors.contains("ends before entry \(all - 39),"))
        #expect(try unseal(server, "--accept-log").code == 0)
        let text = try server.keyturn(["audit", "verify"])
        #expect(text.code == 7)
        #expect(text.output.contains("nothing is wrong but for what was accepted"))
        #expect(text.output.contains("accepted: the log ends before entry \(all - 39), which is known"))
        #expect(text.output.contains("up to entry \(all); the log goes on with entry \(all + 1)"))
        #expect(text.output.contains("with key slot 0 by unix_user"))
        let first = try verified(server)
        #expect(first.accepted.count == 1 && first.accepted[0]["sequence"] as? Int == all - 39)
        // No number that was known to be used is used again after the acceptance.
        #expect(
            try files(server).last?.hasSuffix(
                "audit-\(String(repeating: "0", count: 16 - "\(all + 1)".count))\(all + 1).jsonl") == true)

        // An entry far back: the running server finds it, and after a seal it can be accepted, too.
        try server.paused { try edit(server, 100) }
        let found = try server.keyturn(["audit", "verify"])
        #expect(found.code == 1 && found.output.contains("altered: entry 100 was altered"))
        #expect(try server.keyturn(["seal"]).code == 0)
        #expect(try unseal(server, "--accept-log").code == 0)
        let second = try verified(server)
        #expect(second.code == 7 && second.accepted.compactMap { $0["sequence"] as? Int } == [100, all - 39])

        // It is there after a kill, and in a checkpoint that was signed later.
        server.kill()
        try server.start()
        try server.unseal()
        #expect(try verified(server).code == 7)
        let key = try server.keyturn(["audit", "checkpoint", "--public-key"]).output
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let checkpoint = try server.folder.write(try server.keyturn(["audit", "checkpoint"]).output, to: "checkpoint")
        let known = ["--log", server.audit, "--checkpoint", checkpoint, "--public-key", key]
        let offline = try server.keyturn(["audit", "verify", "--json"] + known)
        #expect(offline.code == 7, "\(offline.output)\(offline.errors)")
        #expect(try (offline.json()["accepted"] as? [Any])?.count == 2)
        #expect(try server.keyturn(["audit", "verify", "--log", server.audit]).code == 1)

        // What comes later, nobody has accepted.
        try server.paused { try edit(server, 101) }
        let later = try server.keyturn(["audit", "verify"])
        #expect(later.code == 1 && later.output.contains("altered: entry 101 was altered"))
        #expect(later.output.contains("accepted: entry 100 was altered"))
        #expect(try server.keyturn(["audit", "verify"] + known).code == 1)
    }

    @Test(
        "A last file that cannot be gone on with stops the start, which names file, entry and what to type; without it an operator goes on"
    )
    func damagedEnd() throws {
        let server = try TestServer.ready()
        try server.fillLog(50)
        #expect(try server.keyturn(["seal"]).code == 0)
        #expect(server.waitForEnd(after: SIGTERM)?.status == 0)
        let last = try lines(server).count - 1
        try edit(server, last)
        let refused = try run(Programs.keyturn, server.arguments)
        #expect(refused.code == 1)
        #expect(refused.errors.contains("entry \(last) in audit-0000000000000001.jsonl"), "\(refused.errors)")
        #expect(refused.errors.contains("keyturn audit verify --log \(server.audit)"))
        #expect(refused.errors.contains("keyturn unseal --accept-log"))
        try FileManager.default.moveItem(atPath: try files(server)[0], toPath: server.folder.path + "/aside")
        try server.start()
        #expect(try unseal(server).code == 1)
        #expect(try unseal(server, "--accept-log").code == 0)
        let after = try verified(server)
        #expect(after.code == 7 && after.accepted.first?["through"] as? Int == last)
    }

    @Test("With its log gone the vault is sealed all the same, and the command says both")
    func sealing() throws {
        let server = try TestServer.ready()
        for file in try files(server) { try FileManager.default.removeItem(atPath: file) }
        let ended = try server.keyturn(["seal"])
        #expect(ended.code == 1 && ended.output == "sealed\n")
        #expect(ended.errors.contains("the vault is sealed, but the audit log does not say so"))
        #expect(try server.keyturn(["status", "--json"]).json()["state"] as? String == "sealed")
    }
}
