import Foundation
import SecretMemory
import Testing
import VaultAPI

@testable import keyturn

@Suite("Values on their way in")
struct FieldTests {
    private func pair(_ fields: [String], _ files: [String], terminal: Bool = false) throws -> [FieldSource] {
        try FieldSource.pair(fields: fields, files: files, inputIsTerminal: terminal)
    }

    @Test("Fields and files that do not go together are refused")
    func wrongPairs() {
        for (fields, files) in [
            (["a", "b"], ["f"]), (["a"], ["f", "g"]), ([], ["f", "g"]), (["a", "a"], ["f", "g"]), (["A"], ["f"]),
            (["a", "b"], ["-", "-"]), (["a", "b"], []), ([""], []),
        ] as [([String], [String])] {
            let failure = #expect(throws: Failure.self) { try pair(fields, files) }
            #expect(failure?.exit == .usage, "\(fields) \(files)")
        }
    }

    @Test("Without a file the value comes from standard input, or is asked for at a terminal")
    func pairs() throws {
        #expect(try pair([], []) == [FieldSource(name: "value", origin: .file("-"))])
        #expect(try pair(["a", "b"], [], terminal: true).map(\.origin) == [.terminal, .terminal])
        #expect(
            try pair(["a", "b"], ["f", "-"]) == [
                FieldSource(name: "a", origin: .file("f")), FieldSource(name: "b", origin: .file("-")),
            ])
    }

    private func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    @Test("An empty value, one that is too long and a file that is not there are refused")
    func wrongValues() throws {
        let source = { (path: String) in FieldSource(name: "a", origin: .file(path)) }
        for bytes in [[], [0x0A], [UInt8](repeating: 0x61, count: 65_537), [UInt8](repeating: 0x61, count: 70_000)] {
            try withFile(bytes) { path in
                let failure = #expect(throws: Failure.self) { try source(path).read(raw: false) }
                #expect(failure?.exit == .usage)
            }
        }
        let missing = #expect(throws: Failure.self) { try source("/nonexistent/MARKER").read(raw: false) }
        #expect(missing?.sentence == "--value-file: cannot be read: No such file or directory")
    }

    @Test("One line end at the end of a file is taken away, and no more than one")
    func newline() throws {
        for (text, expected) in [
            ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("\na", "\na"), ("a\r", "a\r"),
        ] {
            try withFile(Array(text.utf8)) { path in
                let source = FieldSource(name: "a", origin: .file(path))
                let (bare, raw) = (try source.read(raw: false), try source.read(raw: true))
                #expect(bare.disclosedText() == expected && raw.disclosedText() == text)
            }
        }
        try withFile([UInt8](repeating: 0x61, count: 65_536) + [0x0A]) { path in
            let value = try FieldSource(name: "a", origin: .file(path)).read(raw: false)
            #expect(value.count == 65_536)
        }
    }

    @Test("A field that is no text turns all of them into base64, and back")
    func encoding() {
        let binary = WipedBytes(copying: ([0xFF, 0x00] as [UInt8]).span.bytes)
        let mixed = EncodedFields([("a", WipedBytes(utf8: "x")), ("b", binary)])
        #expect(mixed.encoding == .base64)
        #expect(mixed.fields["a"]?.bytes.disclosedText() == "eA==")
        let value = KeyValue(path: "p", id: "0", version: 1, fields: mixed.fields, encoding: .base64)
        #expect(value.bytes(of: "a")?.disclosedText() == "x")
        #expect(value.bytes(of: "b")?.count == 2 && value.bytes(of: "c") == nil)
        let text = EncodedFields([("a", WipedBytes(utf8: "x"))])
        #expect(text.encoding == nil && text.fields["a"] == SecretText("x"))
    }
}
