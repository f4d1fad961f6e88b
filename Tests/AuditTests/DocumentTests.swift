import Foundation
import SecretMemory
import Testing

@testable import Audit

@Suite("docs/audit.md") struct DocumentTests {
    let folder = TemporaryFolder()

    /// The text of the first block of code in `language`.
    private func block(_ language: String) throws -> String {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/audit.md")
        let text = try String(contentsOf: page.standardized, encoding: .utf8)
        let start = try #require(text.range(of: "```\(language)\n")).upperBound
        let end = try #require(text.range(of: "```\n", range: start..<text.endIndex)).lowerBound
        return String(text[start..<end])
    }

    private func writeExample() throws -> LogWriter {
        var writer = try LogWriter(try SystemLogFolder(folder.log, owned: true), .bare)
        let entries = [
            AuditEntry.read(),
            AuditEntry(
                time: someTime + 250, outcome: .refused, action: "retrieve", caller: .stranger, address: "192.0.2.7",
                code: "unauthorized", duration: 9, route: "/v1/values/{path}"),
            AuditEntry(
                time: someTime + 61_000, kind: .intent, outcome: .allowed, action: "write",
                caller: .unixUser(id: 1001, name: "Zoë"), address: "unix", key: "payments/stripe", version: 4,
                decision: "d4Kq", generation: 18, route: "/v1/keys/{path}"),
        ]
        for entry in entries { _ = try writer.write(entry).get() }
        return writer
    }

    /// Runs the verifier that was written from the page, and gives its exit code and what it printed.
    private func python(_ folder: String) throws -> (code: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reader/verify_log.py")
        process.arguments = ["python3", script.path, folder]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }

    @Test("shows the lines that its three entries really become")
    func example() throws {
        _ = try writeExample()
        #expect(folder.lines.map { $0 + "\n" }.joined() == (try block("jsonl")))
    }

    @Test("shows the checkpoint of that log's head")
    func checkpoint() throws {
        let head = try writeExample().chain.head
        let name = "keyturn.example/audit"
        let checkpoint = try Checkpoint(origin: name, head: head, time: someTime + 62_000)
        #expect(try checkpoint.signed(seed: try CheckpointTests.seed()) == block("text"))
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/audit.md")
                .standardized, encoding: .utf8)
        #expect(page.contains("`\(try CheckpointKey(name: name, seed: try CheckpointTests.seed()))`"))
    }

    @Test("names every field, problem, reason and word that the code has")
    func words() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/audit.md")
                .standardized, encoding: .utf8)
        let words =
            AuditFinding.Problem.allCases.map(\.rawValue) + AuditEntry.Kind.allCases.map(\.rawValue)
            + AuditEntry.Outcome.allCases.map(\.rawValue)
            + ["full", "missing", "replaced", "truncated", "blocked", "input_output", "damaged"]
            + ["access_key", "unix_user", "certificate", "system", "stranger"]
        for word in words { #expect(page.contains("`\(word)`"), "\(word)") }
    }

    @Test("suffices to verify a log in another language, across files, and to find tampering")
    func otherReader() throws {
        var settings = AuditSettings.bare
        settings.fileBytes = 5000
        var writer = try LogWriter(try SystemLogFolder(folder.log, owned: true), settings)
        for number in 0..<100 { _ = writer.write(.read("clés/\u{1F511}/\(number)")) }
        #expect(folder.files.count > 5)
        let sound = try python(folder.log)
        #expect(sound.code == 0 && sound.text == "\(writer.chain.head)\n")
        let path = folder.files[3]
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let first = try #require(LogFileName.first(of: URL(filePath: path).lastPathComponent))
        try text.replacingOccurrences(of: "payments-service", with: "payments-servicE")
            .write(toFile: path, atomically: true, encoding: .utf8)
        let tampered = try python(folder.log)
        #expect(tampered.code == 1 && tampered.text == "\(first): altered\n")
    }
}
