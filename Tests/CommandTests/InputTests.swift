import Testing
import VaultAPI

@testable import keyturn

@Suite("What is typed")
struct InputTests {
    private func type(_ text: String, limit: Int = 16) -> (LineEditor.Step, String) {
        var editor = LineEditor(limit: limit)
        var step = LineEditor.Step.more
        for byte in text.utf8 where step == .more { step = editor.take(byte) }
        return (step, String(decoding: editor.bytes, as: UTF8.self))
    }

    @Test("Ctrl-C, Ctrl-\\ and the end of input at the start stop; a line that is too long is refused")
    func stops() {
        #expect(type("ab\u{3}cd").0 == .cancelled)
        #expect(type("ab\u{1c}cd").0 == .cancelled)
        #expect(type("\u{4}").0 == .cancelled)
        #expect(type("12345", limit: 4).0 == .tooLong)
        #expect(type("1234\n", limit: 4).0 == .done)
    }

    @Test("Backspace takes a whole character away, Ctrl-U the whole line, and Ctrl-Z is passed over")
    func editing() {
        #expect(type("ab\u{7f}c\n") == (.done, "ac"))
        #expect(type("aé\u{8}b鍵\u{7f}\u{7f}\u{7f}\u{7f}c\r") == (.done, "c"))
        #expect(type("secret\u{15}new\u{1a}\n") == (.done, "new"))
        #expect(type("ab\u{4}") == (.done, "ab"))
    }

    @Test("An end that is neither a time nor a duration is refused by its option")
    func wrongExpiry() {
        for text in ["", "soon", "0d", "-1d", "90", "d", "1.5d", "2027-01-31", "2027-02-30T00:00:00Z", "MARKER"] {
            let failure = #expect(throws: Failure.self) { try Expiry(text, option: "--expires") }
            #expect(failure?.exit == .usage && failure?.sentence.hasPrefix("--expires ") == true)
            #expect(failure?.sentence.contains("MARKER") == false)
        }
    }

    @Test("A duration counts from now, and no end lies past the year 9999")
    func expiry() throws {
        #expect(try Expiry("90d", option: "-").moment(now: 1000) == Timestamp(milliseconds: 7_776_001_000))
        #expect(try Expiry("1970-01-01T00:00:01Z", option: "-") == .at(Timestamp(milliseconds: 1000)))
        #expect(try Expiry("15000000000w", option: "-").moment(now: .max - 1) == .last)
    }

    @Test("A list is fetched page by page, up to its limit, and a cursor that repeats ends it")
    func pages() async throws {
        var asked: [Int] = []
        let all = try await Pages.collect(nil) { size, cursor in
            asked.append(size)
            return cursor == nil ? (["a", "b"], "next") : (["c"], nil)
        }
        #expect(all == ["a", "b", "c"] && asked == [1000, 1000])
        #expect(try await Pages.collect(1) { size, _ in (Array(repeating: "a", count: size), "next") } == ["a"])
        #expect(try await Pages.collect(nil) { _, _ in (["a"], "same") } == ["a", "a"])
    }

    @Test("A line end at the end is told apart from the passphrase, and names of fields are checked")
    func fields() throws {
        for name in ["", "1a", "_a", "a-b", "A", "é", String(repeating: "a", count: 65)] {
            #expect(throws: Failure.self) { try KeyText.field(name) }
        }
        #expect(try KeyText.field("a1_b") == "a1_b")
    }
}
