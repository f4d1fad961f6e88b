import KeyImport
import SecretMemory
import Testing

@Suite("A .env file that is refused")
struct EnvMistakeTests {
    private func mistake(_ text: String, _ line: Int, _ column: Int, _ problem: ImportProblem) {
        #expect(envOutcome(text) == .mistake(line: line, column: column, problem))
    }

    @Test("A quote that is not closed is reported where it opens")
    func unterminated() {
        mistake("A='x", 1, 3, .unterminatedQuote)
        mistake("A=1\nB = \"x\ny\nz\n", 2, 5, .unterminatedQuote)
        mistake("A=\"x\\\"", 1, 3, .unterminatedQuote)
        mistake("A='", 1, 3, .unterminatedQuote)
        mistake("A=\"x\\", 1, 3, .unterminatedQuote)
    }

    @Test("Anything after a closing quote but a comment is refused")
    func afterQuote() {
        mistake("A=\"x\"y", 1, 6, .textAfterQuote(openedOnLine: 1))
        mistake("A='x' y", 1, 7, .textAfterQuote(openedOnLine: 1))
        mistake("A=\"x\"#y", 1, 6, .textAfterQuote(openedOnLine: 1))
        mistake("A='it\\'s'", 1, 8, .textAfterQuote(openedOnLine: 1))
        // The first quote was forgotten; the one on the next line closes it.
        mistake("A=\"x\nB=\"y\"\n", 2, 4, .textAfterQuote(openedOnLine: 1))
    }

    @Test("One name on two lines is refused, and both lines are named, whether or not the values differ")
    func duplicates() {
        mistake("A=1\n\nA=2\n", 3, 1, .duplicateName("A", firstLine: 1))
        mistake("A=1\nB=2\n  A=1\n", 3, 3, .duplicateName("A", firstLine: 1))
        mistake("export A=1\nA=1", 2, 1, .duplicateName("A", firstLine: 1))
        let error = #expect(throws: ImportError.self) { try env("A=1\nA=2") }
        #expect(error.map { "\($0)" } == "line 2, column 1: A stands here and on line 1; keep one of them")
    }

    @Test(
        "A line without a name at its start is refused",
        arguments: ["=x", "1A=x", "'A'=x", "\"A\"=x", "-A=x", ".A=x", "é=x", "$A=x", "{", "+", "\u{a0}A=x", "\0=x"])
    func names(text: String) {
        mistake("B=1\n" + text, 2, 1, .nameExpected)
    }

    @Test(
        "A name is followed by an equals sign",
        arguments: [
            ("A", 2), ("A x", 3), ("A:x", 2), ("A b=x", 3), ("export A", 9), ("export", 7), ("export 1A=x", 8),
            ("Aé=x", 2),
            ("A\u{a0}=x", 2), ("A # comment", 3), ("A\n=x", 2), ("sk_live_0123456789", 19),
        ])
    func equals(text: String, column: Int) {
        mistake(text, 1, column, .equalsExpected)
    }

    @Test("A name has at most 255 characters")
    func longNames() {
        mistake(String(repeating: "A", count: 256) + "=x", 1, 1, .nameTooLong)
        #expect(envOutcome(String(repeating: "A", count: 255) + "=x") != .mistake(line: 1, column: 1, .nameTooLong))
    }

    @Test("Control characters are refused, in quotes and out")
    func control() {
        mistake("A=x\0", 1, 4, .controlCharacter)
        mistake("A=\u{1b}[31m", 1, 3, .controlCharacter)
        mistake("A='x\ny\u{7}'", 2, 2, .controlCharacter)
        mistake("A=\"\u{7f}\"", 1, 4, .controlCharacter)
        mistake("A=a\u{b}b", 1, 4, .controlCharacter)
    }

    @Test("A carriage return alone ends no line and is refused everywhere, comments included")
    func carriageReturns() {
        mistake("A=x\rB=y\n", 1, 4, .loneCarriageReturn)
        mistake("# x\rB=y\n", 1, 4, .loneCarriageReturn)
        mistake("A='x\ry'\n", 1, 5, .loneCarriageReturn)
        mistake("\r", 1, 1, .loneCarriageReturn)
        mistake("A=x\r", 1, 4, .loneCarriageReturn)
    }

    @Test(
        "Bytes that are no UTF-8 are refused at their line",
        arguments: [
            [0xff], [0x80], [0xc3], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xe4, 0xb8],
            [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xf0, 0x9f, 0x92],
            [0xe4, 0x41, 0x80],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        let text = Array("A=é\nB=é".utf8) + bytes + Array("\n".utf8)
        let expected = Outcome.mistake(line: 2, column: 4, .notUTF8)
        #expect(outcome { try ImportFile.readEnv(wiped(text)) } == expected)
        #expect(outcome { try ImportFile.readJSON(wiped(text)) } == expected)
    }

    @Test("A file that is too large or has too many names is refused")
    func limits() {
        let large = WipedBytes(count: ImportFile.maximumBytes + 1) { (span: inout MutableRawSpan) in
            for offset in stride(from: 0, to: span.byteCount - 8, by: 8) {
                span.storeBytes(of: 0x0a23_2323_2323_2323, toByteOffset: offset, as: UInt64.self)
            }
        }
        #expect(outcome { try ImportFile.read(large) } == .mistake(line: 1, column: 1, .tooLarge))
        let many = (0...ImportFile.maximumEntries).map { "A\($0)=x\n" }.joined()
        mistake(many, ImportFile.maximumEntries + 1, 1, .tooManyEntries)
    }

    @Test("No mistake repeats a value")
    func silence() {
        let marker = "EXAMPLEmarker"
        let texts = [
            "A='\(marker)", "A=\"\(marker)\"\(marker)", marker, "1\(marker)=x", "A=\(marker)\0",
            "A=\(marker)\nA=\(marker)",
            "A=\(marker)\r\(marker)", "=\(marker)", "A=1\n-----BEGIN \(marker)",
        ]
        for text in texts {
            let error = #expect(throws: ImportError.self) { try env(text) }
            #expect(error.map { "\($0)".contains(marker) || String(reflecting: $0).contains(marker) } == false)
        }
    }

    private func wiped(_ bytes: [UInt8]) -> WipedBytes { WipedBytes(copying: bytes.span.bytes) }
}
