import Foundation
import KeyImport
import SecretMemory
import Testing

@Suite("A JSON file of keys")
struct JSONReaderTests {
    private func mistake(_ text: String, _ line: Int, _ column: Int, _ problem: ImportProblem) {
        #expect(jsonOutcome(text) == .mistake(line: line, column: column, problem), "\(text)")
    }

    @Test("Anything but one object is refused")
    func notAnObject() {
        for text in ["", " ", "[]", "\"a\"", "1", "null", "true", "a=b", "// x\n{}"] {
            mistake(text, 1, text == " " ? 2 : 1, .objectExpected)
        }
        mistake("{} {}", 1, 4, .textAfterObject)
        mistake("{}\n,", 2, 1, .textAfterObject)
        mistake("{}\0", 1, 3, .textAfterObject)
    }

    @Test("A value that is neither a string nor an object of strings is refused")
    func values() {
        for value in ["1", "-1.5e3", "true", "false", "null", "[]", "[\"x\"]", "x", "'x'", ""] {
            mistake("{\"a\": \(value)}", 1, 7, .stringOrObjectExpected)
            mistake("{\"a\":\n {\"b\": \(value)}}", 2, 8, .fieldStringExpected)
        }
        mistake("{\"a\": {\"b\": {}}}", 1, 13, .fieldStringExpected)
        mistake("{\"a\": {}}", 1, 7, .noFields)
    }

    @Test("Deep nesting is refused where it begins, whatever its depth")
    func nesting() {
        mistake("{\"a\":" + String(repeating: "[", count: 100_000), 1, 6, .stringOrObjectExpected)
        mistake(String(repeating: "{\"a\":", count: 100_000), 1, 11, .fieldStringExpected)
        mistake(String(repeating: "[", count: 100_000), 1, 1, .objectExpected)
    }

    @Test("Punctuation is exact: no comma before a brace, no comment, no missing colon")
    func punctuation() {
        mistake("{\"a\":\"x\",}", 1, 10, .nameStringExpected)
        mistake("{,}", 1, 2, .nameStringExpected)
        mistake("{\"a\":\"x\" \"b\":\"y\"}", 1, 10, .commaOrBraceExpected)
        mistake("{\"a\" \"x\"}", 1, 6, .colonExpected)
        mistake("{\"a\"", 1, 5, .colonExpected)
        mistake("{a:\"x\"}", 1, 2, .nameStringExpected)
        mistake("{\"a\":\"x\" /* y */}", 1, 10, .commaOrBraceExpected)
        mistake("{", 1, 2, .nameStringExpected)
        mistake("{\"a\":\"x\"", 1, 9, .commaOrBraceExpected)
        mistake("{\"a\":{\"b\":\"x\"", 1, 14, .commaOrBraceExpected)
        mistake("{\"a\":\"x\"\u{a0}}", 1, 9, .commaOrBraceExpected)
    }

    @Test("A string that is not closed is reported where it opens")
    func unterminated() {
        mistake("{\n  \"a\": \"x\n", 2, 8, .unterminatedString)
        mistake("{\"a", 1, 2, .unterminatedString)
        mistake("{\"a\":\"x\\", 1, 6, .unterminatedString)
        mistake("{\"a\":\"x\\\"", 1, 6, .unterminatedString)
    }

    @Test("Control characters, unknown escapes, NUL and half surrogates are refused")
    func strings() {
        mistake("{\"a\":\"x\ny\"}", 1, 8, .controlCharacter)
        mistake("{\"a\":\"\t\"}", 1, 7, .controlCharacter)
        for escape in ["\\x", "\\'", "\\U0041", "\\u", "\\u12", "\\u123g", "\\u+123", "\\ ", "\\0", "\\u0000"] {
            mistake("{\"a\":\"é\(escape)\"}", 1, 8, .unknownEscape)
        }
        for escape in [
            "\\ud800", "\\udc00", "\\ud800x", "\\ud800\\n", "\\ud800\\ud800", "\\ud800\\ue000", "\\udc00\\ud800",
            "\\uDBFF\\u0041",
        ] {
            mistake("{\"a\":\"\(escape)\"}", 1, 7, .loneSurrogate)
        }
    }

    @Test("A name or a field that comes twice is refused, however it is escaped")
    func duplicates() {
        mistake("{\"a\":\"x\",\n\"b\":\"y\",\n\"a\":\"x\"}", 3, 1, .duplicateName("a", firstLine: 1))
        mistake("{\"a\":\"x\",\"\\u0061\":\"x\"}", 1, 10, .duplicateName("a", firstLine: 1))
        mistake("{\"a\":{\"f\":\"x\",\n\"f\":\"y\"}}", 2, 1, .duplicateField("f", firstLine: 1))
    }

    @Test(
        "A name is a path's segments, a field one of them",
        arguments: [
            "", " ", "a b", "/a", "a/", "a//b", ".", "..", "a/../b", ".a", "é", "a\\nb", "a\\\\b", "a%2fb",
            String(repeating: "a", count: 256), (0..<17).map { "a\($0)" }.joined(separator: "/"),
        ])
    func names(name: String) {
        mistake("{\"\(name)\":\"x\"}", 1, 2, .malformedName)
        mistake("{\"a\":{\"\(name)\":\"x\"}}", 1, 7, .malformedFieldName)
    }

    @Test("A field has no slash and at most 64 characters")
    func fieldNames() {
        mistake("{\"a\":{\"b/c\":\"x\"}}", 1, 7, .malformedFieldName)
        mistake("{\"a\":{\"\(String(repeating: "f", count: 65))\":\"x\"}}", 1, 7, .malformedFieldName)
        #expect(jsonOutcome("{\"a\":{\"f\":\"x\"}}") == .values(["a.f": "x"]))
    }

    @Test("No mistake repeats a value or a name that is none")
    func silence() {
        let marker = "EXAMPLEmarker"
        let texts = [
            "\"\(marker)\"", "{\"\(marker) \":\"x\"}", "{\"a\":\"\(marker)", "{\"a\":\"\(marker)\\x\"}",
            "{\"a\":\(marker)}",
            "{\"a\":\"\(marker)\"\"\(marker)\"}", "{\"a\":{\"b\":\"\(marker)\",\"b\":\"\(marker)\"}}", "{} \(marker)",
        ]
        for text in texts {
            let error = #expect(throws: ImportError.self) { try json(text) }
            #expect(error.map { "\($0)".contains(marker) || String(reflecting: $0).contains(marker) } == false)
        }
    }

    @Test("Strings become the main field, objects their fields, in the order of the file")
    func read() throws {
        let file = try json(
            """
            \u{feff}{
              "STRIPE_SECRET_KEY": "sk_test_EXAMPLE",
              "payments/aws" : {"id": "AKIAEXAMPLE", "secret": "EXAMPLE\\/k+\\u00e9\\ud83d\\udd11"},\r
            \t"empty": ""
            }

            """)
        #expect(file.entries.map(\.name) == ["STRIPE_SECRET_KEY", "payments/aws", "empty"])
        #expect(file.entries.map(\.lines) == [2...2, 3...3, 4...4])
        #expect(file.entries.map { $0.fields.map(\.name) } == [["value"], ["id", "secret"], ["value"]])
        #expect(
            file.values == [
                "STRIPE_SECRET_KEY": "sk_test_EXAMPLE", "payments/aws.id": "AKIAEXAMPLE",
                "payments/aws.secret": "EXAMPLE/k+é🔑", "empty": "",
            ])
        #expect(jsonOutcome("{}") == .values([:]))
        #expect(
            jsonOutcome(#"{"a":"\b\f\n\r\t\"\\\/\u007F\uFFFF"}"#)
                == .values(["a": "\u{8}\u{c}\n\r\t\"\\/\u{7f}\u{ffff}"]))
    }

    @Test("A file is taken for JSON by its first character")
    func recognition() throws {
        #expect(outcome { try ImportFile.read(WipedBytes(utf8: " \n\u{9}{\"a\":\"x\"}")) } == .values(["a": "x"]))
        #expect(outcome { try ImportFile.read(WipedBytes(utf8: "\u{feff}{}")) } == .values([:]))
        #expect(
            outcome { try ImportFile.read(WipedBytes(utf8: "[]")) } == .mistake(line: 1, column: 1, .objectExpected))
        #expect(outcome { try ImportFile.read(WipedBytes(utf8: "a={}")) } == .values(["a": "{}"]))
        #expect(outcome { try ImportFile.read(WipedBytes(utf8: "# {\na=x")) } == .values(["a": "x"]))
        #expect(outcome { try ImportFile.read(WipedBytes(utf8: "")) } == .values([:]))
    }

    @Test("What an encoder writes is read back, whatever the value")
    func roundTrips() throws {
        var random = SeededGenerator(seed: 41)
        for _ in 0..<500 {
            var view = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let limit: UInt32 = [0x30, 0x80, 0x800, 0x10000, 0x110000].randomElement(using: &random) ?? 0x80
                if let scalar = Unicode.Scalar(UInt32.random(in: 1..<limit, using: &random)) { view.append(scalar) }
            }
            let value = String(view)
            let data = try JSONEncoder().encode(["name": value])
            let file = try ImportFile.readJSON(WipedBytes(utf8: String(decoding: data, as: UTF8.self)))
            #expect(file.values["name"].map { Array($0.utf8) } == Array(value.utf8))
        }
    }

    @Test("Whatever the text, reading ends, a mistake is on a line of it, and what is read another reader reads too")
    func fuzz() throws {
        var random = SeededGenerator(seed: 42)
        let pieces = [
            "{", "}", "\"", "\"a\"", "\"b\"", ":", ",", " ", "\n", "\\", "\\u", "d83d", "\\\"", "é", "[", "1", "\"a\":",
            "\"b\":\"x\"", "\0",
        ]
        var read = 0
        for _ in 0..<12_000 {
            let body = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            let text = Bool.random(using: &random) ? "{\(body)}" : body
            do {
                _ = try json(text)
                read += 1
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
            } catch let error as ImportError {
                let lines = text.utf8.count { $0 == 10 } + 1
                #expect((1...lines).contains(error.line))
                #expect((1...text.utf8.count + 1).contains(error.column))
            }
        }
        #expect(read > 20)
    }
}
