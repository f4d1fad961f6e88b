import Audit
import ArgumentParser
import KeyturnClient
import VaultAPI
import Testing

@testable import keyturn

@Suite("Entries of the audit log as they are printed")
struct AuditOutputTests {
    /// A line whose every text is `text`, escaped as a log does it.
    private func record(_ text: String) throws -> AuditRecord {
        var written = ""
        for unit in text.utf16 {
            if (0x20...0x7E).contains(unit), unit != 0x22, unit != 0x5C {
                written += String(UnicodeScalar(UInt8(unit)))
            } else {
                let digits = String(unit, radix: 16)
                written += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        let hash = String(repeating: "0", count: 64)
        return try #require(
            AuditRecord(
                line:
                    #"{"seq":7,"time":"2026-11-21T03:29:07.000Z","kind":"request","outcome":"allowed","action":"retrieve","caller_kind":"unix_user","caller":"\#(written)","caller_name":"\#(written)","address":"\#(written)","key":"\#(written)","version":3,"code":"\#(written)","route":"\#(written)","micros":42,"hash":"\#(hash)"}"#
            ))
    }

    @Test(
        "A cell that would be taken for a formula is made inert",
        arguments: [
            "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\u{FF1D}1", "\u{FF0B}1", "\u{FF0D}1", "\u{FF20}1",
        ])
    func formulas(text: String) throws {
        #expect(AuditCSV.inert(text) == "'" + text)
        let cells = AuditCSV.cells(try record(text))
        let line = AuditCSV.line(cells)
        #expect(line.contains("\"'\(text)\""))
        #expect(!line.contains("\"\(text)"))
    }

    @Test("What is no formula stays as it is", arguments: ["payments/stripe", "a=b", "1-2", "", "'x", " =1"])
    func plain(text: String) { #expect(AuditCSV.inert(text) == text) }

    @Test(
        "Line ends, escapes and turned text command nothing, in a table and in CSV",
        arguments: [
            "a\nb", "a\r\nb", "a\u{1b}[2J", "a\u{9b}1m", "a\u{202e}b", "a\u{2028}b", "\t=1", "a\u{0}b", "\u{7f}",
        ])
    func inert(text: String) throws {
        let record = try record(text)
        for line in [AuditRow.text(AuditRow.cells(record)), String(AuditCSV.line(AuditCSV.cells(record)).dropLast())] {
            #expect(!line.unicodeScalars.contains { Inert.isActive($0) })
        }
        #expect(record.line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }

    @Test("CSV is as RFC 4180 says: quotes doubled, each cell in quotes, lines ended by CR and LF, as many cells each")
    func csv() throws {
        #expect(AuditCSV.line(["a", "b \"c\", d", ""]) == "\"a\",\"b \"\"c\"\", d\",\"\"\r\n")
        let cells = AuditCSV.cells(try record("x,\"y\""))
        #expect(cells.count == AuditCSV.headings.count)
        #expect(cells[0] == "7" && cells[9] == "x,\"y\"" && cells[12] == "3" && cells[20] == "42")
    }

    @Test("What is no line of a log is not printed")
    func strange() {
        for line in ["", "{}", "\u{1b}[2J", #"{"seq":1,"time":"x"}"#] {
            #expect(AuditRecord(line: line) == nil)
            var output = AuditOutput(format: .json)
            #expect(throws: Failure.self) { try output.write([line]) }
        }
    }

    @Test("Times are read as moments and as how long ago; others are wrong usage")
    func times() throws {
        var options = try AuditSearchOptions.parse(["--since", "24h", "--until", "2026-11-21T12:00:00Z"])
        let now: Int64 = 1_795_231_747_000
        #expect(try options.search(now: now).since?.milliseconds == now - 86_400_000)
        #expect(
            try options.search(now: now).until?.description == "2026-11-21T12:00:00.000Z"
                || options.search(now: now).until != nil)
        options.since = "yesterday"
        #expect(throws: Failure.self) { try options.search(now: now) }
    }

    @Test(
        "Options that do not go together are wrong usage before anything is asked",
        arguments: [
            "--json --csv", "--all --limit 3", "--limit 0", "--follow --all", "--follow --log /nonexistent",
            "--follow --until 2026-11-21T12:00:00Z", "--since soon",
        ])
    func usage(line: String) async throws {
        var command = try AuditSearchCommand.parse(
            line.split(separator: " ").map(String.init) + ["--address", "unix:/nonexistent"])
        let failure = await #expect(throws: Failure.self) { try await command.run() }
        #expect(failure?.exit == .usage)
        command.all = false
    }
}
