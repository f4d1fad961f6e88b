import Foundation
import Testing

@testable import Audit

@Suite("An entry's line") struct EntryLineTests {
    /// A line as the log would have it, without its break.
    static func line(_ entry: AuditEntry) -> String {
        var chain = LineChain(head: .start, link: .zero)
        var bytes: [UInt8] = []
        chain.append(entry.lineBody, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func object(_ entry: AuditEntry) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line(entry).utf8)) as? [String: Any])
    }

    static let hostile = [
        "a\nb", "a\r\nb", "\u{1B}[2J\u{1B}]0;owned\u{07}", "\u{9B}31m", "\u{0}", "\u{7F}", "\u{2028}\u{2029}\u{85}",
        "\u{202E}gnp.exe", "\u{2066}\u{2069}\u{200F}\u{061C}", "\"},{\"seq\":1", "\\", "\\u000a", "\",\"hash\":\"0",
        "</script>", "e\u{301}", "\u{FEFF}", "\u{1F511}\u{10FFFF}", "\u{FFFE}", "\t\u{B}\u{C}\u{8}",
    ]

    @Test("stays one inert line of printable ASCII, whatever a name holds", arguments: hostile)
    func hostileText(_ text: String) throws {
        var entry = AuditEntry.read(text)
        entry.caller = .accessKey(id: text, name: text)
        entry.address = text
        entry.issuer = text
        entry.issuedKey = text
        entry.target = text
        entry.decision = text
        let line = Self.line(entry)
        #expect(line.utf8.last == 0x0A && line.utf8.dropLast().allSatisfy { (0x20...0x7E).contains($0) })
        let object = try Self.object(entry)
        for field in ["key", "caller", "caller_name", "address", "issuer", "issued_key", "target", "decision"] {
            #expect((object[field] as? String)?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
        }
        #expect(object["seq"] as? Int == 1 && (object["hash"] as? String)?.count == 64)
        let bytes = Array(line.utf8)
        let record = try #require(AuditRecord(bytes, 0..<(bytes.count - 1)))
        #expect(record.key?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
    }

    @Test("is read back by another JSON reader as it was meant, for random text")
    func fuzz() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                let limit: UInt32 = [0x80, 0x100, 0x3000, 0x110000].randomElement(using: &random) ?? 0x80
                if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) {
                    text.unicodeScalars.append(scalar)
                }
            }
            let object = try Self.object(.read(text))
            let expected = text.utf8.count <= FieldLimit.key ? text : nil
            if let expected {
                #expect((object["key"] as? String)?.unicodeScalars.elementsEqual(expected.unicodeScalars) == true)
            }
        }
    }

    @Test("cuts a long text at a character, and says so")
    func caps() throws {
        let object = try Self.object(.read(String(repeating: "é", count: 200)))
        #expect(object["key"] as? String == String(repeating: "é", count: 127) + "…")
        let whole = try Self.object(.read(String(repeating: "k", count: 255)))
        #expect(whole["key"] as? String == String(repeating: "k", count: 255))
    }

    @Test("never exceeds its limit")
    func longest() {
        let worst = String(repeating: "\u{0}", count: 10_000)
        let entry = AuditEntry(
            time: .max, kind: .aborted, outcome: .unknown,
            action: AuditToken(checking: String(repeating: "a", count: 40)),
            caller: .certificate(id: worst, name: worst), address: worst, key: worst, issuer: worst, issuedKey: worst,
            version: .max, code: AuditToken(checking: String(repeating: "a", count: 40)), decision: worst,
            duration: .max,
            generation: .max, route: "/v1/issuers/{name}/keys/{id}:disable", count: .max,
            detail: AuditToken(checking: String(repeating: "a", count: 40)), digest: .zero, target: worst)
        #expect(Self.line(entry).utf8.count < AuditEntry.lineLimit)
    }

    @Test("says nothing of a stranger but where, when and what was refused")
    func stranger() throws {
        let marker = "s3cr3t-marker"
        let entry = AuditEntry(
            time: someTime, outcome: .refused, action: "retrieve", caller: .stranger, address: "192.0.2.7", key: marker,
            issuer: marker, issuedKey: marker, version: 7, code: "unauthenticated", route: "/v1/values/{path}",
            target: marker)
        #expect(!Self.line(entry).contains(marker))
        let fields = Set(try Self.object(entry).keys)
        #expect(
            fields == [
                "seq", "time", "kind", "outcome", "action", "caller_kind", "address", "code", "route", "hash",
            ])
    }

    @Test(
        "makes `invalid` of a token that is none",
        arguments: ["", "a b", "é", "a\n", String(repeating: "a", count: 41)])
    func tokens(_ text: String) {
        #expect(AuditToken(checking: text).text == "invalid")
    }

    @Test("writes what is set, in a fixed order")
    func order() {
        #expect(
            Self.line(.read()).hasPrefix(
                #"{"seq":1,"time":"2026-11-21T03:29:07.000Z","kind":"request","outcome":"allowed","action":"retrieve","#
                    + #""caller_kind":"access_key","caller":"7Qm2ZpX4rT9b","caller_name":"payments-service","#
                    + #""address":"127.0.0.1","key":"payments/stripe","version":3,"route":"/v1/values/{path}","#
                    + #""micros":42,"hash":""#))
    }

    @Test("reads back every field that was written")
    func roundTrip() throws {
        let digest = try #require(AuditHash(bytes: Array(0..<32)))
        let entry = AuditEntry(
            time: someTime + 123, kind: .intent, outcome: .allowed, action: "write",
            caller: .unixUser(id: 1001, name: "payments"), address: "unix", key: "a/b", issuer: "i", issuedKey: "k",
            version: 2, code: "c", decision: "d", duration: 5, generation: 6, route: "/v1", count: 7, detail: "e",
            digest: digest, target: "t")
        let bytes = Array(Self.line(entry).utf8)
        let record = try #require(AuditRecord(bytes, 0..<(bytes.count - 1)))
        #expect(record.time == someTime + 123 && record.kind == "intent" && record.outcome == "allowed")
        #expect(record.action == "write" && record.callerKind == "unix_user" && record.caller == "1001")
        #expect(record.callerName == "payments" && record.address == "unix" && record.key == "a/b")
        #expect(record.issuer == "i" && record.issuedKey == "k" && record.version == 2 && record.code == "c")
        #expect(record.decision == "d" && record.duration == 5 && record.generation == 6 && record.route == "/v1")
        #expect(record.count == 7 && record.detail == "e" && record.digest == digest.description)
        #expect(record.target == "t")
    }
}

@Suite("A time in the log") struct TimestampTests {
    static func text(_ time: Int64) -> String {
        var bytes: [UInt8] = []
        Timestamp.append(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "is refused in any other form",
        arguments: [
            "2026-11-21T03:29:07Z", "2026-11-21 03:29:07.000Z", "2026-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z",
            "2026-11-21T24:00:00.000Z", "2026-11-21T03:29:60.000Z", "2026-11-21T03:29:07.000+", "",
        ])
    func refused(_ text: String) { #expect(Timestamp.parse(Array(text.utf8)[...]) == nil) }

    @Test("agrees with Foundation's calendar from year 0 to 9999")
    func calendar() throws {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for time in stride(
            from: Int64(-2_208_988_800_000), to: Timestamp.range.upperBound, by: 86_400_000 * 977 + 12_345)
        {
            let text = Self.text(time)
            #expect(
                text == Date(timeIntervalSince1970: Double(time / 1000)).formatted(format).prefix(19)
                    + "." + String(format: "%03d", Int(time % 1000 + 1000) % 1000) + "Z" || time < 0)
            #expect(Timestamp.parse(Array(text.utf8)[...]) == time)
        }
        #expect(Self.text(0) == "1970-01-01T00:00:00.000Z" && Self.text(-1) == "1969-12-31T23:59:59.999Z")
        #expect(Self.text(.max) == "9999-12-31T23:59:59.999Z" && Self.text(.min) == "0000-01-01T00:00:00.000Z")
    }
}
