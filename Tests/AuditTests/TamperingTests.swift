import Foundation
import Testing

@testable import Audit

/// 10,000 entries in five files, made once, and copied for each way of tampering.
private enum Original {
    static let entries: UInt64 = 10_000
    static let folder = TemporaryFolder()

    static let head: AuditHead? = {
        var settings = AuditSettings.bare
        settings.fileBytes = 800_000
        guard var writer = try? LogWriter(try SystemLogFolder(folder.log, owned: true), settings) else { return nil }
        for batch in 0..<100 {
            let lines = (0..<100).map { number in
                let entry = AuditEntry.read("payments/key-\(number)", time: someTime + Int64(batch * 100 + number))
                return QueuedLine(body: entry.lineBody, time: entry.time, mayUseReserve: false)
            }
            _ = writer.write(lines)
        }
        return writer.chain.head
    }()
}

/// A log as files of lines, to be tampered with.
private struct Tampered {
    var files: [(name: String, lines: [String])]
    let folder = TemporaryFolder()

    init() throws {
        _ = try #require(Original.head)
        files = try Original.folder.files.map { path in
            let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
            return ((path as NSString).lastPathComponent, text.split(separator: "\n").map(String.init))
        }
    }

    /// Where entry `sequence` stands.
    func place(_ sequence: UInt64) throws -> (file: Int, line: Int) {
        let file = try #require(files.lastIndex { (LogFileName.first(of: $0.name) ?? 0) <= sequence })
        let line = try #require(files[file].lines.firstIndex { $0.hasPrefix("{\"seq\":\(sequence),") })
        return (file, line)
    }

    subscript(_ sequence: UInt64) -> String {
        get throws {
            let place = try place(sequence)
            return files[place.file].lines[place.line]
        }
    }

    mutating func replace(_ sequence: UInt64, with lines: [String]) throws {
        let place = try place(sequence)
        files[place.file].lines.replaceSubrange(place.line...place.line, with: lines)
    }

    static func hash(of line: String) -> AuditHash? { AuditHash(hex: Array(line.utf8.suffix(66).dropLast(2))) }

    /// Computes all hashes anew from entry `sequence` on.
    mutating func rehash(from sequence: UInt64, through last: UInt64 = .max) throws {
        var prior = try #require(Self.hash(of: try self[sequence - 1]))
        var entry = prior
        for file in files.indices {
            for index in files[file].lines.indices {
                var line = files[file].lines[index]
                if let previous = line.range(of: "\"prev\":\"") {
                    let after = UInt64(line.split(separator: ":")[2].prefix { $0.isNumber }) ?? 0
                    if after + 1 == sequence { prior = try #require(Self.hash(of: line)) }
                    guard after >= sequence, last == .max else { continue }
                    let end = line.index(previous.upperBound, offsetBy: 64)
                    line.replaceSubrange(previous.upperBound..<end, with: entry.description)
                    prior = entry
                } else {
                    let digits = line.dropFirst(7).prefix { $0.isNumber }
                    guard let number = UInt64(digits), number >= sequence, number <= last else { continue }
                }
                let covered = Array(line.utf8.dropLast(75))
                prior = .blake2b(prior.bytes + covered)
                if line.hasPrefix("{\"seq\"") { entry = prior }
                files[file].lines[index] = String(decoding: covered, as: UTF8.self) + ",\"hash\":\"\(prior)\"}"
            }
        }
    }

    func write() throws {
        try? FileManager.default.removeItem(atPath: folder.log)
        try FileManager.default.createDirectory(atPath: folder.log, withIntermediateDirectories: true)
        for file in files {
            let text = file.lines.map { $0 + "\n" }.joined()
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.log + "/" + file.name))
        }
    }

    func verify(_ heads: [AuditHead]? = nil, mayBeginLater: Bool = false) throws -> AuditVerification {
        try write()
        return try AuditVerifier(folder: folder.log)
            .verify(against: try heads ?? [try #require(Original.head)], mayBeginLater: mayBeginLater)
    }

    /// Verifies, and expects this problem first.
    func expect(
        _ problem: AuditFinding.Problem, _ sequence: UInt64, through: UInt64? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let result = try verify()
        #expect(result.finding?.problem == problem, sourceLocation: location)
        #expect(result.finding?.sequence == sequence, sourceLocation: location)
        #expect(result.finding?.through == through, sourceLocation: location)
        if problem != .rewritten { #expect(result.head.sequence == sequence - 1, sourceLocation: location) }
    }
}

@Suite("Tampering with 10,000 entries is named where it begins") struct TamperingTests {
    /// Entries in the middle, and at the edges of files and of the log.
    static func places() throws -> [UInt64] {
        let log = try Tampered()
        let second = try #require(LogFileName.first(of: log.files[1].name))
        return [1, second - 1, second, 5000, 10_000]
    }

    @Test("an untouched log verifies, and says how much was checked")
    func untouched() throws {
        let log = try Tampered()
        let result = try log.verify()
        #expect(log.files.count == 5)
        #expect(result.finding == nil && result.entries == Original.entries && result.files == 5)
        #expect(result.head == Original.head && result.headsFound == 1 && result.first == 1)
        #expect(result.bytes == log.files.reduce(0) { $0 + $1.lines.reduce(0) { $0 + UInt64($1.utf8.count) + 1 } })
    }

    @Test(
        "an edited field",
        arguments: ["payments/key", "allowed", "127.0.0.1", "2026", "\"micros\":42", "payments-service"])
    func edited(_ text: String) throws {
        for sequence in try Self.places() {
            var log = try Tampered()
            let line = try log[sequence]
            let changed = text == "\"micros\":42" ? "\"micros\":43" : "X" + text.dropFirst()
            #expect(line.contains(text))
            try log.replace(sequence, with: [line.replacingOccurrences(of: text, with: changed)])
            try log.expect(.altered, sequence)
        }
    }

    @Test("any single flipped bit of a line")
    func flipped() throws {
        let log = try Tampered()
        try log.write()
        let path = folderFile(log, 2)
        let original = try #require(FileManager.default.contents(atPath: path))
        let place = try log.place(5000)
        let start = log.files[place.file].lines[..<place.line].reduce(0) { $0 + $1.utf8.count + 1 }
        let length = log.files[place.file].lines[place.line].utf8.count
        #expect(place.file == 2)
        for offset in stride(from: 0, to: length + 1, by: 11) {
            var bytes = original
            bytes[start + offset] ^= UInt8(1 << (offset % 8))
            try bytes.write(to: URL(fileURLWithPath: path))
            let found = try AuditVerifier(folder: log.folder.log).verify().finding
            // A number made larger reads as one that comes later; the first that is bad or missing is the same.
            #expect(found?.sequence == 5000)
        }
    }

    private func folderFile(_ log: Tampered, _ index: Int) -> String { log.folder.log + "/" + log.files[index].name }

    @Test("an edited hash")
    func editedHash() throws {
        for sequence in try Self.places() {
            var log = try Tampered()
            let line = try log[sequence]
            let digit = line.utf8.dropLast(2).last == 0x30 ? "1" : "0"
            try log.replace(sequence, with: [line.dropLast(3) + digit + "\"}"])
            try log.expect(.altered, sequence)
        }
    }

    @Test("an edit with a hash that fits it shows at the entry after; at the last one, as rewritten")
    func editedAndRehashed() throws {
        for sequence in try Self.places() where sequence > 1 {
            var log = try Tampered()
            try log.replace(sequence, with: [try log[sequence].replacingOccurrences(of: "allowed", with: "refused")])
            try log.rehash(from: sequence, through: sequence)
            if sequence == Original.entries {
                try log.expect(.rewritten, 1, through: sequence)
            } else {
                try log.expect(.altered, sequence + 1)
            }
        }
    }

    @Test("everything made anew from an edit on shows between the heads that are known")
    func rewritten() throws {
        var log = try Tampered()
        let known = [UInt64](arrayLiteral: 3000, 4000, 6000)
        let heads = try known.map { sequence in
            AuditHead(sequence: sequence, hash: try #require(Tampered.hash(of: try log[sequence])))
        }
        try log.replace(5000, with: [try log[5000].replacingOccurrences(of: "allowed", with: "refused")])
        try log.rehash(from: 5000)
        #expect(try log.verify([]).finding == nil)
        let found = try log.verify(heads.reversed()).finding
        #expect(found?.problem == .rewritten && found?.sequence == 4001 && found?.through == 6000)
    }

    @Test("a removed entry, and several")
    func removed() throws {
        for sequence in try Self.places() {
            var log = try Tampered()
            try log.replace(sequence, with: [])
            try log.expect(sequence == Original.entries ? .cut : .missing, sequence)
        }
        var log = try Tampered()
        for sequence in UInt64(5000)...5009 { try log.replace(sequence, with: []) }
        try log.expect(.missing, 5000)
    }

    @Test("an inserted entry: a copy, an old one, an invented one, an empty line, and other text")
    func inserted() throws {
        for sequence in try Self.places() where sequence > 1 {
            let pristine = try Tampered()
            let line = try pristine[sequence]
            let old = try pristine[sequence - 1]
            let invented = EntryLineTests.line(.read()).replacingOccurrences(
                of: "\"seq\":1,", with: "\"seq\":\(sequence),")
            for (insert, problem) in [
                (old, AuditFinding.Problem.misplaced), (String(invented.dropLast()), .altered), ("", .malformed),
                ("# note", .malformed), ("\u{0}", .malformed),
            ] {
                var log = pristine
                try log.replace(sequence, with: [insert, line])
                try log.expect(problem, sequence)
            }
        }
    }

    @Test("two entries exchanged, and one moved far")
    func moved() throws {
        var log = try Tampered()
        let (a, b) = (try log[5000], try log[5001])
        try log.replace(5000, with: [b])
        let place = try log.place(5001)
        log.files[place.file].lines[place.line + 1] = a
        try log.expect(.missing, 5000)
        log = try Tampered()
        let line = try log[300]
        try log.replace(300, with: [])
        try log.replace(9000, with: [try log[9000], line])
        try log.expect(.missing, 300)
    }

    @Test("two files exchanged, one removed, one twice, one from another log")
    func files() throws {
        let log = try Tampered()
        let firsts = log.files.compactMap { LogFileName.first(of: $0.name) }
        var swapped = log
        (swapped.files[1].lines, swapped.files[2].lines) = (log.files[2].lines, log.files[1].lines)
        try swapped.expect(.missing, firsts[1])
        var swappedLater = log
        (swappedLater.files[3].lines, swappedLater.files[2].lines) = (log.files[2].lines, log.files[2].lines)
        try swappedLater.expect(.misplaced, firsts[3])
        for index in 0..<4 {
            var removed = log
            removed.files.remove(at: index)
            try removed.expect(.missing, firsts[index])
        }
        var lastRemoved = log
        lastRemoved.files.removeLast()
        try lastRemoved.expect(.cut, firsts[4])
        var named = log
        named.files[4].name = LogFileName.of(first: firsts[4] + 1)
        try named.expect(.missing, firsts[4])
        var empty = log
        empty.files[2].lines = []
        try empty.expect(.malformed, firsts[2])
    }

    @Test("an edited or missing header, and a header in the middle")
    func headers() throws {
        let log = try Tampered()
        let firsts = log.files.compactMap { LogFileName.first(of: $0.name) }
        for index in 0..<5 {
            var edited = log
            edited.files[index].lines[0] = log.files[index].lines[0].replacingOccurrences(of: "2026", with: "2027")
            try edited.expect(.altered, firsts[index])
            var headless = log
            headless.files[index].lines.removeFirst()
            try headless.expect(.malformed, firsts[index])
        }
        var twice = log
        try twice.replace(5000, with: [try log[5000], log.files[0].lines[0]])
        try twice.expect(.misplaced, 5001)
    }

    @Test("a tail cut between two lines, and inside one")
    func cut() throws {
        var log = try Tampered()
        log.files[4].lines.removeLast(10)
        try log.expect(.cut, Original.entries - 9)
        log = try Tampered()
        let line = log.files[4].lines.removeLast()
        try log.write()
        let handle = try #require(FileHandle(forWritingAtPath: folderFile(log, 4)))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(line.utf8.prefix(100)))
        try handle.close()
        let result = try AuditVerifier(folder: log.folder.log).verify(against: [try #require(Original.head)])
        #expect(result.finding == AuditFinding(.cut, Original.entries, file: log.files[4].name))
        #expect(result.unfinishedBytes == 100)
        // The same inside the log is no crash's trace.
        var middle = try Tampered()
        try middle.replace(5000, with: [String(try middle[5000].prefix(100))])
        try middle.expect(.malformed, 5000)
    }

    @Test("a log without its first files verifies only where that is allowed, and says where it begins")
    func beginsLater() throws {
        var log = try Tampered()
        log.files.removeFirst(2)
        try log.expect(.missing, 1)
        let result = try log.verify(mayBeginLater: true)
        #expect(result.finding == nil && LogFileName.of(first: result.first) == log.files[0].name)
        #expect(result.entries == Original.entries - result.first + 1)
    }

    @Test("a head that is not the log's, and one beyond its end")
    func otherHeads() throws {
        let log = try Tampered()
        let wrong = try log.verify([AuditHead(sequence: 5000, hash: .zero)]).finding
        #expect(wrong?.problem == .rewritten && wrong?.through == 5000)
        let beyond = try log.verify([AuditHead(sequence: 10_001, hash: .zero)]).finding
        #expect(beyond?.problem == .cut && beyond?.sequence == 10_001)
    }
}
