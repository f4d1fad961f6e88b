import Foundation
import Testing

@testable import Audit

/// A log that somebody was at, and that an operator goes on with, as the vault does it.
private final class AcceptedLog {
    let folder = TemporaryFolder()
    /// The head that the vault sealed last.
    private(set) var sealed = AuditHead.start
    private(set) var accepted: [AcceptedBreak] = []
    private var sink: FileAuditSink?

    /// 120 entries in several files, and the vault closed.
    init() throws {
        try open()
        try append(120)
        sealed = try #require(sink).head
        close()
    }

    func open() throws {
        var settings = AuditSettings.bare
        settings.fileBytes = 12_000
        sink = try FileAuditSink(folder: folder.log, settings: settings)
    }

    func close() {
        sink?.close()
        sink = nil
    }

    func append(_ count: Int, _ key: String = "payments/stripe") throws {
        for _ in 0..<count { try #require(sink).append(.read(key)) }
    }

    /// What a start and some refusals leave, and then an operator goes on: with what the chain shows, and with `lost`.
    func accept(lost: AuditFinding.Problem? = nil, from first: UInt64 = 0, starts: Int = 3) throws {
        try open()
        let sink = try #require(sink)
        try append(starts, "started")
        let found = try AuditVerifier(folder: folder.log).survey(known: accepted, firstLost: lost == nil ? nil : first)
        let breaks = try found.accepting(
            lost: lost.map { ($0, sealed.sequence) }, last: max(sealed.sequence, sink.head.sequence)
        ) { (last) throws(AuditError) in try sink.goOn(after: last, time: someTime) }
        let entry = try sink.append(
            AuditEntry(
                time: someTime, kind: .event, outcome: .failed, action: "log_accepted",
                caller: .unixUser(id: 0, name: "root")))
        accepted = found.kept + breaks.map { AcceptedBreak($0, entry: entry, time: someTime, slot: 1) }
        try append(10, "later")
        sealed = sink.head
        close()
    }

    func verify(_ heads: [AuditHead] = [], accepted known: [AcceptedBreak]? = nil) throws -> AuditVerification {
        try AuditVerifier(folder: folder.log).verify(against: [sealed] + heads, accepted: known ?? accepted)
    }

    // MARK: What somebody does to the files

    /// All lines by file.
    func change(_ body: (inout [(name: String, lines: [String])]) throws -> Void) throws {
        var files = folder.files.map { path in
            let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
            return (name: (path as NSString).lastPathComponent, lines: text.split(separator: "\n").map(String.init))
        }
        for path in folder.files { try FileManager.default.removeItem(atPath: path) }
        try body(&files)
        for file in files {
            try Data(file.lines.map { $0 + "\n" }.joined().utf8)
                .write(to: URL(fileURLWithPath: folder.log + "/" + file.name))
        }
    }

    func replace(_ sequence: UInt64, with lines: (String) -> [String]) throws {
        try change { files in
            for file in files.indices {
                let place = files[file].lines.firstIndex { $0.hasPrefix("{\"seq\":\(sequence),") }
                guard let place else { continue }
                files[file].lines.replaceSubrange(place...place, with: lines(files[file].lines[place]))
            }
        }
    }

    /// Leaves entries up to `last` and nothing after.
    func cut(after last: UInt64) throws {
        try change { files in
            files.removeAll { (LogFileName.first(of: $0.name) ?? 0) > last }
            let kept = files[files.count - 1].lines.prefix {
                !$0.hasPrefix("{\"seq\":") || (UInt64($0.dropFirst(7).prefix { $0.isNumber }) ?? 0) <= last
            }
            files[files.count - 1].lines = Array(kept)
        }
    }

    var entries: [String] { folder.lines.filter { $0.hasPrefix("{\"seq\"") } }

    func head(_ sequence: UInt64) throws -> AuditHead {
        let line = try #require(entries.first { $0.hasPrefix("{\"seq\":\(sequence),") })
        return AuditHead(
            sequence: sequence, hash: try #require(AuditHash(hex: Array(line.utf8.suffix(66).dropLast(2)))))
    }
}

extension String {
    fileprivate var edited: String { replacingOccurrences(of: "payments/stripe", with: "payments/other") }
}

@Suite("A break of the log that an operator accepted is told and passed over") struct AcceptedBreakTests {
    @Test("one that nobody accepted is named first, also before and after accepted ones, and with them told")
    func notAccepted() throws {
        let log = try AcceptedLog()
        try log.replace(60) { [$0.edited] }
        try log.accept()
        try log.replace(20) { [$0.edited] }
        let before = try log.verify()
        #expect(before.outcome == .broken && before.finding?.problem == .altered && before.finding?.sequence == 20)
        #expect(before.accepted.isEmpty)
        let other = try AcceptedLog()
        try other.replace(60) { [$0.edited] }
        try other.accept()
        try other.replace(90) { [$0.edited] }
        let after = try other.verify()
        #expect(after.finding?.problem == .altered && after.finding?.sequence == 90)
        #expect(after.accepted.map(\.place.sequence) == [60])
        // Without knowing of it, as a reader without a checkpoint, the first one ends it.
        #expect(try other.verify(accepted: []).finding?.sequence == 60)
    }

    @Test("an altered line: all others are checked, and who accepted it is found")
    func altered() throws {
        let log = try AcceptedLog()
        try log.replace(60) { [$0.edited] }
        try log.accept()
        let result = try log.verify()
        #expect(result.outcome == .accepted && result.finding == nil)
        let accepted = try #require(result.accepted.first)
        #expect(result.accepted.count == 1 && accepted.place.problem == .altered && accepted.place.sequence == 60)
        #expect(accepted.place.after?.sequence == 60 && accepted.slot == 1)
        #expect(result.entries == 120 + 3 + 1 + 10 - 1)
        #expect(result.acceptances[accepted.entry.sequence]?.callerWords == "unix_user 0 root")
        // The right line put back: the log is whole.
        try log.replace(60) { [$0.replacingOccurrences(of: "payments/other", with: "payments/stripe")] }
        #expect(try log.verify().outcome == .whole)
    }

    @Test(
        "what was removed, inserted, exchanged, torn and made to fit",
        arguments: ["removed", "inserted", "copied", "exchanged", "torn", "rehashed", "many"])
    func kinds(_ kind: String) throws {
        let log = try AcceptedLog()
        let kept = log.entries
        switch kind {
        case "removed": try log.replace(60) { _ in [] }
        case "inserted": try log.replace(60) { ["# note", $0] }
        case "copied": try log.replace(60) { [kept[10], kept[11], kept[12], $0] }
        case "exchanged":
            try log.replace(60) { _ in [] }
            try log.replace(61) { [$0, kept[59]] }
        case "torn": try log.replace(60) { [String($0.prefix(40))] }
        case "rehashed": try log.replace(60) { [String($0.dropLast(6)) + "0000\"}"] }
        default: for sequence in UInt64(60)...80 { try log.replace(sequence) { [$0.edited.edited + " "] } }
        }
        try log.accept()
        let result = try log.verify()
        #expect(result.finding == nil, "\(String(describing: result.finding))")
        // Of two that were exchanged one was put in, and one is missing. Among many there is a header, which is sound.
        let places: [UInt64] = kind == "exchanged" ? [60, 61] : kind == "many" ? [60, 65] : [60]
        #expect(result.accepted.map(\.place.sequence) == places)
        #expect(result.head == log.sealed)
        // What is good after it is held to be good.
        try log.replace(100) { [$0.edited] }
        #expect(try log.verify().finding?.sequence == 100)
    }

    @Test("a missing file, the first, one in the middle, and the last")
    func missingFile() throws {
        for place in [0, 2] {
            let log = try AcceptedLog()
            var first: UInt64 = 0
            try log.change { files in
                first = LogFileName.first(of: files[place].name) ?? 0
                files.remove(at: place)
            }
            try log.accept()
            let result = try log.verify()
            #expect(result.finding == nil)
            #expect(result.accepted.map(\.place.problem) == [.missing])
            #expect(result.accepted.map(\.place.sequence) == [first])
        }
        let log = try AcceptedLog()
        let all = log.sealed
        var first: UInt64 = 0
        try log.change { first = LogFileName.first(of: $0.removeLast().name) ?? 0 }
        try log.accept(lost: .cut, from: first)
        let result = try log.verify([all])
        #expect(result.finding == nil && result.accepted.map(\.place.sequence) == [first])
        #expect(result.accepted.first?.place.through == 120)
    }

    @Test(
        "a cut at the end of a line and in a line: no number is used again after it, and heads that went are not looked for"
    )
    func cut() throws {
        for torn in [false, true] {
            let log = try AcceptedLog()
            let (gone, old) = (try log.head(110), log.sealed)
            try log.cut(after: 100)
            if torn {
                let file = try #require(log.folder.files.last)
                let handle = try #require(FileHandle(forWritingAtPath: file))
                try handle.seekToEnd()
                try handle.write(contentsOf: Data("{\"seq\":101,".utf8))
                try handle.close()
            }
            try log.accept(lost: .cut, from: 101)
            // The starts stand in the place of the first that are gone; what comes after the acceptance has new numbers.
            #expect(log.entries.count == 100 + 3 + 11)
            #expect(log.entries.last?.hasPrefix("{\"seq\":131,") == true)
            #expect(log.folder.files.last?.hasSuffix("audit-0000000000000121.jsonl") == true)
            let result = try log.verify([gone, old])
            #expect(result.outcome == .accepted)
            #expect(result.accepted.map(\.place.problem) == [.cut])
            #expect(result.accepted.first?.place.before == (try log.head(100)))
            #expect(result.entries == 114)
            // Nobody who does not know of it takes the numbers that were left out for whole.
            let unknown = try log.verify(accepted: [])
            #expect(unknown.finding?.problem == .missing && unknown.finding?.sequence == 104)
            // The log goes on from there after a restart.
            try log.open()
            try log.append(1)
            log.close()
            #expect(log.entries.last?.hasPrefix("{\"seq\":132,") == true)
            #expect(try log.verify().finding == nil)
        }
    }

    @Test("a log put back or made anew, of which the known head is not there")
    func putBack() throws {
        let log = try AcceptedLog()
        let old = log.sealed
        try log.change { $0.removeAll() }
        try log.open()
        try log.append(200, "made/anew")
        log.close()
        try log.accept(lost: .rewritten, from: 1)
        let result = try log.verify([old])
        #expect(result.outcome == .accepted && result.accepted.first?.place.problem == .rewritten)
        #expect(result.accepted.first?.place.sequence == 1 && result.accepted.first?.place.through == 120)
        #expect(result.entries == 214)
        let empty = try AcceptedLog()
        try empty.change { $0.removeAll() }
        try empty.accept(lost: .cut, from: 1)
        #expect(try empty.verify().outcome == .accepted)
        #expect(empty.entries.last?.hasPrefix("{\"seq\":131,") == true)
    }

    @Test("twice: both are told; where the second took the first with it, the second alone")
    func twice() throws {
        let log = try AcceptedLog()
        try log.replace(60) { [$0.edited] }
        try log.accept()
        let first = try #require(log.accepted.first)
        try log.cut(after: 128)
        try log.accept(lost: .cut, from: 129)
        let both = try log.verify()
        #expect(both.outcome == .accepted)
        #expect(both.accepted.map(\.place.sequence) == [60, 129])
        #expect(both.accepted.first == first)
        try log.cut(after: 50)
        try log.accept(lost: .cut, from: 51)
        let last = try log.verify()
        #expect(last.outcome == .accepted && last.accepted.map(\.place.sequence) == [51])
    }

    @Test("what was accepted does not cover more: before it, behind it, and a wider hole show")
    func notWidened() throws {
        func tampered(_ body: (AcceptedLog) throws -> Void) throws -> AuditFinding? {
            let log = try AcceptedLog()
            try log.replace(60) { [$0.edited] }
            try log.accept()
            try body(log)
            return try log.verify().finding
        }
        let before = try tampered { try $0.replace(59) { [$0.edited] } }
        #expect(before?.problem == .altered && before?.sequence == 59)
        let behind = try tampered { try $0.replace(61) { [$0.edited] } }
        #expect(behind?.problem == .altered && behind?.sequence == 61)
        let wider = try tampered { log in
            try log.replace(60) { _ in [] }
            try log.replace(61) { _ in [] }
        }
        #expect(wider?.problem == .missing && wider?.sequence == 60)
        let cut = try tampered { try $0.cut(after: 60) }
        #expect(cut?.problem == .cut && cut?.sequence == 61)
    }

    @Test(
        "a forged acceptance passes nothing over: neither a line, nor a header that leaves numbers out, nor an altered place"
    )
    func forged() throws {
        let log = try AcceptedLog()
        try log.replace(60) { [$0.edited] }
        // A line that says so, at the end of the chain as it is.
        try log.open()
        let entry = AuditEntry(
            time: someTime, kind: .event, outcome: .failed, action: "log_accepted", caller: .system, detail: "altered")
        try FileAuditSinkAccess.append(entry, in: log)
        let found = try log.verify().finding
        #expect(found?.problem == .altered && found?.sequence == 60)
        // A file that goes on with later numbers.
        let other = try AcceptedLog()
        try other.cut(after: 100)
        let sink = try FileAuditSink(folder: other.folder.log, settings: .bare)
        _ = try sink.goOn(after: 119, time: someTime)
        try sink.append(.read())
        sink.close()
        #expect(try other.verify().finding?.problem == .missing)
        // An accepted place with another line to go on from.
        let third = try AcceptedLog()
        try third.replace(60) { [$0.edited] }
        try third.accept()
        let known = try #require(third.accepted.first)
        for after in [AuditHead(sequence: 60, hash: .zero), AuditHead(sequence: 99, hash: known.place.before.hash)] {
            let false_ = AcceptedBreak(
                AuditBreak(.altered, before: known.place.before, after: after), entry: known.entry, time: 0, slot: 0)
            #expect(try third.verify(accepted: [false_]).finding?.problem == .missing)
        }
        let elsewhere = AcceptedBreak(
            AuditBreak(.altered, before: AuditHead(sequence: 59, hash: .zero), after: known.place.after),
            entry: known.entry, time: 0, slot: 0)
        #expect(try third.verify(accepted: [elsewhere]).finding?.problem == .rewritten)
    }

    @Test("an acceptance whose entry is not the one that was sealed is no whole log")
    func otherEntry() throws {
        let log = try AcceptedLog()
        try log.replace(60) { [$0.edited] }
        try log.accept()
        let known = try #require(log.accepted.first)
        let other = AcceptedBreak(
            known.place, entry: AuditHead(sequence: known.entry.sequence, hash: .zero), time: 0, slot: 0)
        #expect(try log.verify(accepted: [other]).finding?.problem == .rewritten)
    }

    @Test("more breaks than are told apart are one from then on")
    func many() throws {
        let log = try AcceptedLog()
        for sequence in stride(from: UInt64(2), through: 118, by: 2) { try log.replace(sequence) { [$0.edited] } }
        var survey = LogSurvey(known: [], firstLost: nil, most: 5)
        for path in log.folder.files {
            let name = (path as NSString).lastPathComponent
            survey.begin(file: name, first: try #require(LogFileName.first(of: name)))
            for line in String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
                .split(separator: "\n")
            {
                let bytes = Array(line.utf8)
                survey.take(bytes, 0..<bytes.count)
            }
            survey.endFile(rest: 0, isLastFile: path == log.folder.files.last)
        }
        #expect(survey.finish() == nil)
        #expect(survey.breaks.map(\.sequence) == [2, 4, 6, 8, 10])
        #expect(survey.breaks.last?.after?.sequence == 118)
        let accepted = survey.breaks.map { AcceptedBreak($0, entry: log.sealed, time: 0, slot: 0) }
        #expect(try log.verify(accepted: accepted).outcome == .accepted)
    }
}

/// Writes as the log's own process does, and closes.
private enum FileAuditSinkAccess {
    static func append(_ entry: AuditEntry, in log: AcceptedLog) throws {
        log.close()
        let sink = try FileAuditSink(folder: log.folder.log, settings: .bare)
        try sink.append(entry)
        sink.close()
    }
}

@Suite("A checkpoint of a log with accepted breaks") struct AcceptedCheckpointTests {
    private static func accepted() throws -> [AcceptedBreak] {
        let (a, b) = (try #require(AuditHash(bytes: Array(0..<32))), try #require(AuditHash(bytes: Array(32..<64))))
        return [
            AcceptedBreak(
                AuditBreak(.altered, before: AuditHead(sequence: 7, hash: a), after: AuditHead(sequence: 8, hash: b)),
                entry: AuditHead(sequence: 30, hash: a), time: someTime, slot: 2),
            AcceptedBreak(
                AuditBreak(.cut, before: .start, after: nil, through: 40), entry: AuditHead(sequence: 45, hash: b),
                time: someTime, slot: 0),
        ]
    }

    @Test("carries them under its signature, and is refused with any byte of them changed")
    func signed() throws {
        let accepted = try Self.accepted()
        let checkpoint = try Checkpoint(
            origin: CheckpointTests.name, head: AuditHead(sequence: 99, hash: .zero), time: someTime, accepted: accepted
        )
        let key = try CheckpointKey(name: CheckpointTests.name, seed: try CheckpointTests.seed())
        let note = try checkpoint.signed(seed: try CheckpointTests.seed())
        #expect(try Checkpoint(verifying: note, by: key) == checkpoint)
        #expect(note.contains("\naccepted altered 7 AAEC"))
        #expect(note.contains("\naccepted cut 0 AAAA"))
        for index in note.utf8.indices where note[index] != "\u{2014}" {
            var bytes = Array(note.utf8)
            bytes[note.utf8.distance(from: note.utf8.startIndex, to: index)] ^= 1
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(throws: CheckpointError.self) { try Checkpoint(verifying: text, by: key) }
        }
    }

    @Test("has no other lines, signed or not")
    func otherLines() throws {
        let line = try Self.accepted()[0].line
        #expect(AcceptedBreak(line: line[...]) == (try Self.accepted()[0]))
        for broken in [
            "", "accepted", line + " ", line + " 1", String(line.dropFirst()),
            line.replacingOccurrences(of: "altered", with: "fine"), line.replacingOccurrences(of: " 7 ", with: " x "),
            line.replacingOccurrences(of: " 8 ", with: " - "),
        ] {
            #expect(AcceptedBreak(line: broken[...]) == nil, "\(broken)")
        }
    }
}
