import Foundation
import TestThreads
import Testing

/// With the built program: a log of 10,000 entries that somebody has been at.
@Suite(.blocks, .timeLimit(.minutes(20))) struct TamperedLogTests {
    /// A log of a real server, as lines, and what was kept of it elsewhere.
    private struct Log {
        let server: TestServer
        /// The header, and then entry 1 at index 1, and so on.
        let lines: [String]
        let file: String
        /// A checkpoint from the middle, and one of the end.
        let middle: String
        let end: String
        let key: String
        var last: Int { lines.count - 1 }

        init() throws {
            server = try TestServer.ready()
            try server.fillLog(5000)
            middle = try server.folder.write(try server.keyturn(["audit", "checkpoint"]).output, to: "middle")
            try server.fillLog(5000)
            key = try server.keyturn(["audit", "checkpoint", "--public-key"]).output
                .trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try server.keyturn(["seal"]).code == 0)
            #expect(server.waitForEnd(after: SIGTERM)?.status == 0)
            // The head that was sealed last, as it lies in the log's folder.
            let note = try String(contentsOfFile: server.audit + "/checkpoint", encoding: .utf8)
            end = try server.folder.write(note, to: "end")
            let name = try FileManager.default.contentsOfDirectory(atPath: server.audit)
                .first { $0.hasPrefix("audit-") }
            file = try #require(name)
            lines = try String(contentsOfFile: server.audit + "/" + file, encoding: .utf8)
                .split(separator: "\n").map(String.init)
        }

        /// What the program says of these lines, by a checkpoint or without one.
        func verify(_ lines: [String], rest: String = "", checkpoint: String? = nil) throws -> Ended {
            let folder = server.folder.path + "/tampered"
            try? FileManager.default.removeItem(atPath: folder)
            try server.folder.write(lines.map { $0 + "\n" }.joined() + rest, to: "tampered/" + file)
            let known = checkpoint.map { ["--checkpoint", $0, "--public-key", key] } ?? []
            return try server.keyturn(["audit", "verify", "--json", "--log", folder] + known)
        }
    }

    /// One way to be at a log: what is left of it, and what has to be said.
    private struct Tampering {
        var name: String
        var lines: [String]
        var rest = ""
        var checkpoint: String?
        var kind: String?
        var sequence = 0
    }

    private func tamperings(_ log: Log, at n: Int) -> [Tampering] {
        let lines = log.lines
        func changed(_ body: (inout [String]) -> Void) -> [String] {
            var copy = lines
            body(&copy)
            return copy
        }
        let edited = lines[n].replacingOccurrences(of: "\"kind\":", with: "\"Kind\":")
        return [
            Tampering(name: "edited", lines: changed { $0[n] = edited }, kind: "altered", sequence: n),
            Tampering(
                name: "a hash edited",
                lines: changed {
                    $0[n] = String(lines[n].dropLast(4)) + (lines[n].hasSuffix("00\"}") ? "11" : "00") + "\"}"
                },
                kind: "altered", sequence: n),
            Tampering(name: "removed", lines: changed { $0.remove(at: n) }, kind: "missing", sequence: n),
            Tampering(
                name: "inserted", lines: changed { $0.insert(lines[n - 1], at: n) }, kind: "misplaced", sequence: n),
            Tampering(
                name: "a line of no log", lines: changed { $0.insert("# note", at: n) }, kind: "malformed", sequence: n),
            Tampering(name: "an empty line", lines: changed { $0.insert("", at: n) }, kind: "malformed", sequence: n),
            Tampering(name: "swapped", lines: changed { $0.swapAt(n, n + 1) }, kind: "missing", sequence: n),
            Tampering(
                name: "moved to the end", lines: changed { $0.append($0.remove(at: n)) }, kind: "missing", sequence: n),
            Tampering(
                name: "torn inside", lines: changed { $0[n] = String(lines[n].prefix(lines[n].count / 2)) },
                kind: "malformed", sequence: n),
            Tampering(
                name: "torn, and nothing after", lines: Array(lines[..<n]),
                rest: String(lines[n].prefix(lines[n].count / 2)), checkpoint: log.end, kind: "cut", sequence: n),
            Tampering(
                name: "cut", lines: Array(lines[..<n]), checkpoint: log.end, kind: "cut", sequence: n),
        ]
    }

    @Test("Every kind of tampering is told by its first bad sequence, offline")
    func offline() throws {
        let log = try Log()
        #expect(log.last >= 10_000)
        for checkpoint in [nil, log.middle, log.end] {
            let whole = try log.verify(log.lines, checkpoint: checkpoint)
            #expect(whole.code == 0, "\(whole.output)\(whole.errors)")
            #expect(try whole.json()["entries"] as? Int == log.last)
        }
        for n in [2, 5000, log.last - 30] {
            for tampering in tamperings(log, at: n) {
                let told = try log.verify(tampering.lines, rest: tampering.rest, checkpoint: tampering.checkpoint)
                let problem = try told.json()["problem"] as? [String: Any]
                #expect(told.code == 1, "\(tampering.name) \(n)")
                #expect(problem?["kind"] as? String == tampering.kind, "\(tampering.name) \(n)")
                #expect(problem?["sequence"] as? Int == tampering.sequence, "\(tampering.name) \(n)")
                #expect(try told.json()["last"] as? Int == tampering.sequence - 1, "\(tampering.name) \(n)")
            }
        }
        // An older copy is whole in itself, and shows against the checkpoint that was kept elsewhere.
        let older = Array(log.lines[...6000])
        #expect(try log.verify(older).code == 0)
        #expect(try log.verify(older, checkpoint: log.middle).code == 0)
        let told = try log.verify(older, checkpoint: log.end)
        #expect(told.code == 1 && told.output.contains("\"sequence\":6001") && told.output.contains("\"cut\""))
        // As does another vault's log in its place.
        let other = try TestServer.ready()
        try other.fillLog(log.last)
        other.kill()
        let foreign = try String(contentsOfFile: other.audit + "/" + log.file, encoding: .utf8)
            .split(separator: "\n").map(String.init)
        #expect(try log.verify(foreign).code == 0)
        let rewritten = try log.verify(foreign, checkpoint: log.end)
        #expect(rewritten.code == 1 && rewritten.output.contains("\"rewritten\""))
        #expect(try (rewritten.json()["problem"] as? [String: Any])?["sequence"] as? Int == 1)
    }

    @Test(
        "The store's sealed head finds a tail that was cut, an older copy and another log, and they keep the vault sealed"
    )
    func sealedHead() throws {
        let log = try Log()
        let path = log.server.audit + "/" + log.file
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        let all = whole.split(separator: "\n").map(String.init)
        // The start is an entry itself, in the place of the first that is missing.
        for (lines, rest, sequence) in [
            (Array(all.dropLast(5)), "", all.count - 5), (Array(all[...6000]), "", 6001),
            (Array(all[...9000]), String(all[9001].prefix(50)), 9001),
        ] {
            try (lines.map { $0 + "\n" }.joined() + rest).write(toFile: path, atomically: false, encoding: .utf8)
            try log.server.start()
            let refused = try log.server.keyturn(["unseal", "--passphrase-file", log.server.passphraseFile])
            #expect(refused.code == 1)
            #expect(refused.errors.contains("the log ends before entry \(sequence),"), "\(refused.errors)")
            log.server.kill()
        }
        try whole.write(toFile: path, atomically: false, encoding: .utf8)
        try log.server.start()
        try log.server.unseal()
        let verified = try log.server.keyturn(["audit", "verify", "--json"])
        #expect(verified.code == 0, "\(verified.output)")
        #expect((try verified.json()["sealed"] as? Int ?? 0) >= log.last)

        // Under the running server: what it verifies itself is held against the sealed head, too.
        var edited = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        edited[7000] = edited[7000].replacingOccurrences(of: "\"kind\":", with: "\"Kind\":")
        try edited.map { $0 + "\n" }.joined().write(toFile: path, atomically: false, encoding: .utf8)
        let told = try log.server.keyturn(["audit", "verify"])
        #expect(told.code == 1 && told.output.contains("altered: entry 7000 was altered"))
        edited = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        edited.swapAt(300, 301)
        try edited.map { $0 + "\n" }.joined().write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try log.server.keyturn(["audit", "verify"]).output.contains("missing: entry 300 is missing"))
    }
}
