import Foundation
import Testing

@testable import Audit

@Suite("Searching the log") struct SearchTests {
    let folder = TemporaryFolder()

    /// 600 entries in several files: three keys, two callers, a refusal at each tenth.
    private func filled() throws -> AuditReader {
        var settings = AuditSettings.bare
        settings.fileBytes = 40_000
        var writer = try LogWriter(try SystemLogFolder(folder.log, owned: true), settings)
        for number in 0..<600 {
            var entry = AuditEntry.read(["payments/stripe", "payments/paypal", "mail/smtp"][number % 3])
            entry.time = someTime + Int64(number) * 1000
            if number % 2 == 0 { entry.caller = .unixUser(id: 1001, name: "backup") }
            if number % 10 == 9 {
                entry.outcome = .refused
                entry.code = "forbidden"
            }
            _ = writer.write(entry)
        }
        return try AuditReader(folder: folder.log)
    }

    private func sequences(_ reader: AuditReader, _ change: (inout AuditFilter) -> Void) throws -> [UInt64] {
        var filter = AuditFilter()
        filter.limit = 1000
        change(&filter)
        return try reader.search(filter).records.map(\.sequence)
    }

    @Test("finds nothing where nothing matches")
    func nothing() throws {
        let reader = try filled()
        #expect(try sequences(reader) { $0.key = "payments" }.isEmpty)
        #expect(try sequences(reader) { $0.caller = "nobody" }.isEmpty)
        #expect(try sequences(reader) { $0.since = .max }.isEmpty)
        #expect(throws: AuditError(sink: "file", .missing)) { try AuditReader(folder: folder.path + "/none") }
    }

    @Test("finds by each field, newest first")
    func fields() throws {
        let reader = try filled()
        let all = try sequences(reader) { _ in }
        #expect(all == Array((1...600).reversed()))
        #expect(try sequences(reader) { $0.key = "mail/smtp" } == all.filter { $0 % 3 == 0 })
        #expect(try sequences(reader) { $0.keyPrefix = "payments/" } == all.filter { $0 % 3 != 0 })
        #expect(try sequences(reader) { $0.caller = "backup" } == all.filter { $0 % 2 == 1 })
        #expect(try sequences(reader) { $0.caller = "7Qm2ZpX4rT9b" } == all.filter { $0 % 2 == 0 })
        #expect(try sequences(reader) { $0.outcome = "refused" } == all.filter { $0 % 10 == 0 })
        #expect(try sequences(reader) { $0.code = "forbidden" } == all.filter { $0 % 10 == 0 })
        #expect(try sequences(reader) { $0.action = "retrieve" } == all)
        #expect(try sequences(reader) { $0.address = "192.0.2.1" }.isEmpty)
        #expect(
            try sequences(reader) {
                $0.since = someTime + 99_000
                $0.until = someTime + 199_000
            } == all.filter { (100...199).contains($0) })
    }

    @Test("gives page after page without a gap, and then no more")
    func pages() throws {
        let reader = try filled()
        var filter = AuditFilter()
        filter.key = "mail/smtp"
        filter.limit = 64
        var found: [UInt64] = []
        var pages = 0
        repeat {
            let page = try reader.search(filter)
            found += page.records.map(\.sequence)
            filter.before = page.next
            pages += 1
        } while filter.before != nil
        #expect(found == (1...600).reversed().filter { $0 % 3 == 0 } && pages == 4)
    }

    @Test("passes over lines that it cannot read, and counts them")
    func unreadable() throws {
        let reader = try filled()
        let path = try #require(folder.files.first)
        var bytes = try #require(FileManager.default.contents(atPath: path))
        let second = try #require(bytes.firstIndex(of: 0x0A)) + 1
        bytes[second] = 0x58
        try bytes.write(to: URL(fileURLWithPath: path))
        let page = try reader.search(AuditFilter())
        #expect(page.unreadable == 0)
        var filter = AuditFilter()
        filter.limit = 1000
        #expect(try reader.search(filter).unreadable == 1 && reader.search(filter).records.count == 599)
    }

    @Test("goes straight to an entry, and forward from one")
    func entry() throws {
        let reader = try filled()
        for sequence in [1, 2, 299, 300, 599, 600] as [UInt64] {
            let record = try #require(try reader.entry(sequence))
            #expect(record.sequence == sequence && folder.lines.contains(record.line))
        }
        #expect(try reader.entry(0) == nil && reader.entry(601) == nil)
        var seen: [UInt64] = []
        try reader.forEach(from: 250) { record in
            seen.append(record.sequence)
            return seen.count < 100
        }
        #expect(seen == Array(250..<350))
    }

    @Test("goes straight to an entry of a large file")
    func largeFile() throws {
        var writer = try LogWriter(try SystemLogFolder(folder.log, owned: true), .bare)
        let lines = (0..<20_000).map { _ in QueuedLine(body: AuditEntry.read().lineBody, time: 0, mayUseReserve: false)
        }
        _ = writer.write(lines)
        let reader = try AuditReader(folder: folder.log)
        for sequence in [1, 7777, 20_000] as [UInt64] { #expect(try reader.entry(sequence)?.sequence == sequence) }
        #expect(try reader.search(AuditFilter()).records.first?.sequence == 20_000)
    }
}
