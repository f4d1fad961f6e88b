import Foundation
import Synchronization
import Testing

@testable import Audit

@Suite("The index of the log") struct IndexTests {
    let folder = TemporaryFolder()
    let key: AuditIndexKey

    init() throws { key = try #require(AuditIndexKey([UInt8](repeating: 7, count: 32))) }

    // MARK: A log to search

    private static let paths = [
        "payments/stripe", "payments/eu/paypal", "mail/smtp", "payments", "pay", "a/b/c/d/e/f/g/h/i/j",
    ]

    /// `count` entries that differ in every field, in files of `fileBytes`.
    @discardableResult
    private func fill(_ count: Int, fileBytes: Int64 = 40_000, from: Int = 0) throws -> UInt64 {
        var settings = AuditSettings.bare
        settings.fileBytes = fileBytes
        var writer = try LogWriter(try SystemLogFolder(folder.log, owned: true), settings)
        var lines: [QueuedLine] = []
        for number in from..<(from + count) {
            var entry = AuditEntry.read(Self.paths[number % Self.paths.count])
            entry.time = someTime + Int64(number) * 1000
            if number % 5 == 0 { entry.caller = .unixUser(id: 1001, name: "Zoë \"\u{1b}[2J\"\n") }
            if number % 97 == 0 { entry.key = "rare/\(number)" }
            if number % 10 == 9 {
                entry.outcome = .refused
                entry.code = "forbidden"
                entry.address = "192.0.2.7"
            }
            if number % 31 == 3 {
                entry.action = "issue"
                entry.issuer = "partners"
                entry.issuedKey = "4fT0bX2kQ9aZ"
            }
            lines.append(QueuedLine(body: entry.lineBody, time: entry.time, mayUseReserve: false))
            if lines.count == 50 || number == from + count - 1 {
                for result in writer.write(lines) { _ = try result.get() }
                lines = []
            }
        }
        return writer.chain.head.sequence
    }

    private static let filters: [@Sendable (inout AuditFilter) -> Void] = [
        { _ in }, { $0.key = "payments/stripe" }, { $0.key = "rare/194" }, { $0.key = "nothing/here" },
        { $0.keyUnder = "payments" }, { $0.keyUnder = "pay" }, { $0.keyUnder = "a/b/c/d/e/f/g/h/i" },
        { $0.keyPrefix = "pay" }, { $0.keyPrefix = "payments/e" }, { $0.keyPrefix = "rare/" },
        { $0.caller = "1001" }, { $0.caller = "Zoë \"\u{1b}[2J\"\n" }, { $0.caller = "payments-service" },
        { $0.action = "issue" }, { $0.outcome = "refused" }, { $0.code = "forbidden" }, { $0.address = "192.0.2.7" },
        { $0.issuer = "partners" }, { $0.issuedKey = "4fT0bX2kQ9aZ" },
        {
            $0.outcome = "refused"
            $0.keyUnder = "payments"
            $0.caller = "1001"
        },
        {
            $0.since = someTime + 100_000
            $0.until = someTime + 130_000
        }, { $0.before = 100 }, { $0.before = 1 },
        {
            $0.before = 250
            $0.since = someTime + 90_000
            $0.code = "forbidden"
        },
    ]

    private func archive(searchTime: Int64 = .max / 2) -> AuditArchive {
        var limits = AuditArchive.Limits()
        limits.searchTime = searchTime
        limits.indexTime = .max / 2
        limits.blockEntries = 32
        return AuditArchive(folder: folder.log, limits: limits)
    }

    /// Asks `archive` and a reader without an index all the same.
    private func agree(_ archive: AuditArchive, key: AuditIndexKey?, _ place: SourceLocation = #_sourceLocation) throws
    {
        let reader = try AuditReader(folder: folder.log)
        for (number, change) in Self.filters.enumerated() {
            for after in [nil, 70] as [UInt64?] {
                var filter = AuditFilter()
                filter.limit = 50
                change(&filter)
                filter.after = after
                let expected = try reader.search(filter)
                let found = try archive.search(filter, key: key)
                #expect(
                    found.records == expected.records && found.next == expected.next, "filter \(number)",
                    sourceLocation: place)
            }
        }
    }

    private var indexFiles: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.log)) ?? []
        return names.filter { $0.hasPrefix("index-") }.sorted().map { folder.log + "/" + $0 }
    }

    // MARK: It is only a hint

    @Test("An index file that is missing, cut, altered, of another file or made with another key changes no answer")
    func damaged() throws {
        try fill(400)
        try archive().advance(through: 400, key: key)
        let files = indexFiles
        #expect(files.count >= 3 && folder.files.count == files.count + 1)
        try agree(archive(), key: key)

        let original = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        func check(_ change: (inout Data) -> Void) throws {
            for (file, bytes) in zip(files, original) {
                var bytes = bytes
                change(&bytes)
                try bytes.write(to: URL(fileURLWithPath: file))
            }
            try agree(archive(), key: key)
        }
        try check { $0 = Data() }
        try check { $0 = $0.prefix($0.count / 2) }
        try check { $0 = $0 + [0] }
        for place in [0, 30, 70, 90, 150, 300] { try check { $0[place] ^= 1 } }
        // Filters that say no to everything, which would hide entries.
        try check { bytes in bytes.replaceSubrange((bytes.count - 96)..<(bytes.count - 32), with: Data(count: 64)) }
        // The index of another file.
        try original[1].write(to: URL(fileURLWithPath: files[0]))
        try agree(archive(), key: key)
        // Made by somebody who does not have the key.
        for file in files { try FileManager.default.removeItem(atPath: file) }
        let other = try #require(AuditIndexKey([UInt8](repeating: 8, count: 32)))
        try archive().advance(through: 400, key: other)
        try agree(archive(), key: key)
        for file in files { try FileManager.default.removeItem(atPath: file) }
        try agree(archive(), key: key)
    }

    @Test("An index that does not fit is made again")
    func mended() throws {
        try fill(300)
        try archive().advance(through: 300, key: key)
        let files = indexFiles
        let original = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        try original[0].prefix(100).write(to: URL(fileURLWithPath: files[0]))
        try FileManager.default.removeItem(atPath: files[1])
        try archive().advance(through: 300, key: key)
        #expect(try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) } == original)
        for file in files { #expect(try mode(of: file) == 0o600) }
    }

    @Test("A file that changed after its index was made is read, not believed")
    func stale() throws {
        try fill(300)
        let archive = archive()
        try archive.advance(through: 300, key: key)
        let file = try #require(folder.files.first)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let altered = Data(String(decoding: bytes, as: UTF8.self).replacing("mail/smtp", with: "mail/imap").utf8)
        // In place, so that the inode and the size stay.
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.write(contentsOf: altered)
        try handle.close()
        var filter = AuditFilter()
        filter.key = "mail/imap"
        filter.limit = 1000
        let expected = try AuditReader(folder: folder.log).search(filter).records
        #expect(!expected.isEmpty)
        #expect(try archive.search(filter, key: key).records == expected)
        #expect(try self.archive().search(filter, key: key).records == expected)
    }

    @Test("The file being written may grow, be cut or be replaced under its index")
    func live() throws {
        try fill(300, fileBytes: 1 << 30)
        let archive = archive()
        try archive.advance(through: 300, key: key)
        try agree(archive, key: key)
        try fill(150, fileBytes: 1 << 30, from: 300)
        try agree(archive, key: key)
        try archive.advance(through: 450, key: key)
        try agree(archive, key: key)
        #expect(indexFiles.isEmpty)

        let file = try #require(folder.files.first)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        try bytes.prefix(bytes.count / 3).write(to: URL(fileURLWithPath: file))
        try agree(archive, key: key)
        try bytes.write(to: URL(fileURLWithPath: file), options: .atomic)
        try agree(archive, key: key)
        // Cut, and written on with other lines to the same length.
        let handle = try #require(FileHandle(forUpdatingAtPath: file))
        try handle.write(contentsOf: Data(String(decoding: bytes, as: UTF8.self).replacing("seq", with: "sea").utf8))
        try handle.close()
        var filter = AuditFilter()
        filter.key = "payments/stripe"
        #expect(try archive.search(filter, key: key).records.isEmpty)
    }

    @Test("Lines that cannot be read keep their block from being passed over")
    func unreadable() throws {
        try fill(300)
        let file = folder.files[1]
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let second = try #require(bytes.firstIndex(of: 0x0A)) + 1
        bytes[second] = 0x58
        try bytes.write(to: URL(fileURLWithPath: file))
        let archive = archive()
        try archive.advance(through: 300, key: key)
        try agree(archive, key: key)
        var filter = AuditFilter()
        filter.limit = 10_000
        let page = try archive.search(filter, key: key)
        #expect(page.unreadable == 1 && page.records.count == 299)
    }

    @Test(
        "An entry that somebody wrote otherwise is found all the same",
        arguments: [
            (#""key":"pay""#, #""key":"payments\/stripe""#), (#""key":"pay""#, #""key":"payments\u002fstripe""#),
            (#""kind""#, #""time":"2030-01-01T00:00:00.000Z","kind""#),
        ])
    func otherwise(change: (from: String, to: String)) throws {
        try fill(300)
        for file in folder.files {
            var text = try String(contentsOfFile: file, encoding: .utf8)
            text = text.replacingOccurrences(of: "payments", with: "postings")
            if let place = text.range(of: change.from) { text.replaceSubrange(place, with: change.to) }
            try text.write(toFile: file, atomically: false, encoding: .utf8)
        }
        let archive = archive()
        try archive.advance(through: 300, key: key)
        try agree(archive, key: key)
        for edit in [{ $0.keyUnder = "payments" }, { $0.until = someTime + 10_000_000 }]
            as [(inout AuditFilter) -> Void]
        {
            var filter = AuditFilter()
            filter.limit = 10_000
            edit(&filter)
            let plain = try AuditReader(folder: folder.log).search(filter).records
            #expect(try archive.search(filter, key: key).records.map(\.sequence) == plain.map(\.sequence))
        }
    }

    @Test("The index of a closed file is in memory until it lies beside it, and is made once")
    func memory() throws {
        try fill(300)
        let faulty = try FaultyFolder(folder.log)
        let index = LogIndex(blockEntries: 16)
        func advance(mayWrite: Bool) throws -> Bool {
            try index.advance(in: faulty, through: 300, key: key, mayWrite: mayWrite) { false }
        }
        #expect(try advance(mayWrite: false))
        let held = index.cachedBytes
        #expect(held > 0)
        #expect(try advance(mayWrite: false))
        #expect(index.cachedBytes == held)
        faulty.faults.withLock { $0.writes = [.failing(ENOSPC)] }
        #expect(throws: FileFault.self) { try advance(mayWrite: true) }
        #expect(index.cachedBytes == held)
        #expect(try advance(mayWrite: true))
        #expect(index.cachedBytes == 0 && !indexFiles.isEmpty)
    }

    @Test("Nothing is written where there is no space to give away, and what lies about is cleared")
    func space() throws {
        try fill(300)
        let archive = archive()
        try archive.advance(through: 300, key: key, mayWrite: false)
        #expect(indexFiles.isEmpty)
        try agree(archive, key: key)
        try archive.advance(through: 300, key: key)
        let files = indexFiles
        #expect(!files.isEmpty)
        try FileManager.default.removeItem(atPath: folder.files[0])
        try archive.advance(through: 300, key: key)
        #expect(indexFiles == Array(files.dropFirst()))
        try agree(archive, key: key)
    }

    // MARK: Pages

    @Test("A search that has no time goes on page by page and misses nothing, in either direction")
    func budget() throws {
        try fill(500)
        let hurried = archive(searchTime: 0)
        let reader = try AuditReader(folder: folder.log)
        for isIndexed in [false, true] {
            if isIndexed { try hurried.advance(through: 500, key: key) }
            for change in Self.filters {
                var filter = AuditFilter()
                filter.limit = 6000
                change(&filter)
                let expected = try reader.search(filter).records
                var found: [AuditRecord] = []
                var pages = 0
                repeat {
                    let page = try hurried.search(filter, key: key)
                    found += page.records
                    filter.before = page.next
                    pages += 1
                } while filter.before != nil && pages < 1000
                #expect(found == expected && pages < 1000)
            }
            var filter = AuditFilter()
            filter.code = "forbidden"
            filter.after = 10
            filter.limit = 7
            var found: [UInt64] = []
            var page: AuditPage
            repeat {
                page = try hurried.search(filter, key: key)
                found += page.records.map(\.sequence)
                filter.after = page.after
            } while page.hasMore
            #expect(found == (11...500).filter { $0 % 10 == 0 } && page.after == 500)
        }
    }

    @Test("Entries past the last acknowledged one are not shown, and are found once they are")
    func through() throws {
        try fill(210, fileBytes: 1 << 30)
        let archive = archive()
        try archive.advance(through: 204, key: key)
        #expect(try archive.search(AuditFilter(), through: 205, key: key).records.first?.sequence == 205)
        var filter = AuditFilter()
        filter.after = 200
        let page = try archive.search(filter, through: 205, key: key)
        #expect(page.records.map(\.sequence) == [201, 202, 203, 204, 205] && page.after == 205 && !page.hasMore)
        filter.after = page.after
        #expect(try archive.search(filter, through: 205, key: key).records.isEmpty)
        #expect(try archive.search(filter, through: 210, key: key).records.count == 5)
        try archive.advance(through: 210, key: key)
        try agree(archive, key: key)
    }

    @Test("A closed file is read anew: what somebody changed in it while it was written is found")
    func rotation() throws {
        try fill(150, fileBytes: 1 << 30)
        let archive = archive()
        try archive.advance(through: 150, key: key)
        let file = try #require(folder.files.first)
        let edited = try String(contentsOfFile: file, encoding: .utf8).replacing("rare/97", with: "mail/97")
        try edited.write(toFile: file, atomically: false, encoding: .utf8)
        var filter = AuditFilter()
        filter.key = "mail/97"
        try fill(150, fileBytes: 1000, from: 150)
        try archive.advance(through: 300, key: key)
        #expect(indexFiles.count == folder.files.count - 1)
        #expect(try archive.search(filter, key: key).records.map(\.key) == ["mail/97"])
        #expect(try self.archive().search(filter, key: key).records.count == 1)
        try agree(archive, key: key)
        try agree(self.archive(), key: key)
    }

    @Test("Only a few searches wait; more are turned away")
    func crowd() async throws {
        try fill(10)
        var limits = AuditArchive.Limits()
        limits.mostWaiting = 0
        let archive = AuditArchive(folder: folder.log, limits: limits)
        let key = key
        let page = try await archive.search(AuditFilter(), through: 100, key: key)
        #expect(page.records.count == 10)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 {
                group.addTask { (try? await archive.search(AuditFilter(), through: 100, key: key)) != nil }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.contains(true))
    }
}
