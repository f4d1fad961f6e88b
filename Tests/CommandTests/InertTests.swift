import Testing
import VaultAPI

@testable import keyturn

@Suite("Text from outside")
struct InertTests {
    static let hostile = [
        "\u{1b}[31mred", "a\nb", "a\rb", "a\tb", "\u{9b}2J", "\u{7}", "\u{0}", "\u{7f}", "a\u{202e}b", "a\u{2028}b",
        "\u{1b}]0;title\u{7}", "a\u{2066}b", "\u{feff}", "\u{8}\u{8}",
    ]

    @Test("A line holds nothing that a terminal could obey", arguments: hostile)
    func lines(text: String) {
        let line = Inert.line(text)
        #expect(!line.unicodeScalars.contains(where: Inert.isActive))
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test("A table keeps one line for each row, whatever its cells hold", arguments: hostile)
    func tables(text: String) {
        var table = Table("A", "B")
        table.add(text, text)
        #expect(table.lines.count == 2)
        #expect(!table.lines.joined().unicodeScalars.contains(where: Inert.isActive))
        var details = Details()
        details.add("name", text)
        #expect(details.lines.count == 1 && !details.lines.joined().unicodeScalars.contains(where: Inert.isActive))
    }

    @Test("A failure keeps its lines", arguments: hostile)
    func failures(text: String) {
        let failure = Failure(.failed, text, hints: [text])
        #expect(failure.lines.count == 2)
        #expect(!failure.lines.joined().unicodeScalars.contains(where: Inert.isActive))
    }

    @Test("JSON stays the same JSON, and holds nothing that a terminal could obey", arguments: hostile)
    func json(text: String) throws {
        let json = Inert.json(#"{"a":"\#(text.contains { $0 < " " } ? "" : text)é"}"#)
        #expect(!json.unicodeScalars.contains(where: Inert.isActive))
        #expect(json.hasSuffix("é\"}"))
    }

    @Test("Plain text, accents and other scripts stay as they are")
    func plain() {
        #expect(Inert.line("ключ-é鍵 🙂 a/b") == "ключ-é鍵 🙂 a/b")
        #expect(Inert.line("a\nb\u{1b}") == #"a\nb\u{1b}"#)
        #expect(Inert.lines("a\nb\u{1b}") == "a\nb\\u{1b}")
        #expect(Inert.json("\"\u{9b}\"") == #""\u009b""#)
    }

    @Test("Columns are as wide as their widest cell, and lines end without blanks")
    func columns() {
        var table = Table("PATH", "NAME")
        table.add("a/long/path", "")
        table.add("é", "x")
        #expect(table.lines == ["PATH         NAME", "a/long/path", "é            x"])
    }

    @Test("Only text that a terminal cannot obey is shown there")
    func showable() {
        #expect(ValueOutput.isShowable("-----BEGIN\n\tkey é"))
        #expect(!ValueOutput.isShowable("a\u{1b}[2Jb") && !ValueOutput.isShowable("a\rb"))
    }
}
