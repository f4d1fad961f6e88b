import Foundation
import Synchronization
import Testing

@testable import Audit

@Suite("Writing the log on a faulty disk") struct LogWriterTests {
    let folder = TemporaryFolder()

    private func check(_ entries: UInt64, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let result = try AuditVerifier(folder: folder.log).verify()
        #expect(result.finding == nil && result.entries == entries, sourceLocation: sourceLocation)
        #expect(result.unfinishedBytes == 0, sourceLocation: sourceLocation)
    }

    @Test(
        "a failed write leaves no trace and names its cause",
        arguments: [
            (ENOSPC, AuditError.Reason.full), (EDQUOT, .full), (EFBIG, .full), (EROFS, .readOnly), (EPERM, .readOnly),
            (EIO, .inputOutput),
        ])
    func failedWrite(_ code: Int32, _ reason: AuditError.Reason) throws {
        let faulty = try FaultyFolder(folder.log)
        var writer = try LogWriter(faulty, .bare)
        _ = writer.write(.read())
        faulty.faults.withLock { $0.writes = [.failing(code)] }
        #expect(writer.write(.read()) == .failure(reason))
        try check(1)
        #expect(try writer.write(.read()).get().sequence == 2)
        try check(2)
    }

    @Test("a short write that cannot be finished is cut back")
    func tornWrite() throws {
        let faulty = try FaultyFolder(folder.log)
        var writer = try LogWriter(faulty, .bare)
        _ = writer.write(.read())
        faulty.faults.withLock { $0.writes = [.short(17), .failing(ENOSPC)] }
        #expect(writer.write(.read()) == .failure(.full))
        try check(1)
    }

    @Test("a torn line that cannot be cut back at once is cut back before the next")
    func tornAndStuck() throws {
        let faulty = try FaultyFolder(folder.log)
        var writer = try LogWriter(faulty, .bare)
        _ = writer.write(.read())
        faulty.faults.withLock {
            $0.writes = [.short(17), .failing(ENOSPC)]
            $0.isTruncatingImpossible = true
        }
        #expect(writer.write(.read()) == .failure(.full))
        #expect(writer.write(.read()) == .failure(.inputOutput))
        #expect(try AuditVerifier(folder: folder.log).verify().unfinishedBytes == 17)
        faulty.faults.withLock { $0.isTruncatingImpossible = false }
        #expect(try writer.write(.read()).get().sequence == 2)
        try check(2)
    }

    @Test("a short write that can be finished is")
    func shortWrite() throws {
        let faulty = try FaultyFolder(folder.log)
        var writer = try LogWriter(faulty, .bare)
        faulty.faults.withLock { $0.writes = [.short(3), .short(1), .short(9)] }
        #expect(try writer.write(.read()).get().sequence == 1)
        try check(1)
    }

    @Test(
        "a full disk refuses readers first; the reserve serves an operator, and is taken back before readers are served"
    )
    func reserve() throws {
        var settings = AuditSettings()
        settings.reserveBytes = 3 * LogReserve.slice
        let faulty = try FaultyFolder(folder.log)
        faulty.faults.withLock { $0.space = 200_000 }
        var writer = try LogWriter(faulty, settings)
        #expect(writer.reserve?.remaining == settings.reserveBytes)
        var taken: UInt64 = 0
        while case .success = writer.write(.read()) { taken += 1 }
        #expect(taken > 5 && writer.reserve?.remaining == settings.reserveBytes)
        #expect(writer.write(.read(), mayUseReserve: false) == .failure(.full))
        // An operator is served from the reserve, in the same batch as a reader who is not.
        let lines = [false, true, false].map {
            QueuedLine(body: AuditEntry.read().lineBody, time: someTime, mayUseReserve: $0)
        }
        let results = writer.write(lines)
        #expect(results[0] == .failure(.full) && results[2] == .failure(.full))
        #expect(try results[1].get().sequence == taken + 1)
        #expect(writer.reserve?.remaining == 2 * LogReserve.slice)
        // What was given back has room for a reader; it is not for him.
        #expect(writer.write(.read()) == .failure(.full))
        #expect(try writer.write(.read(), mayUseReserve: true).get().sequence == taken + 2)
        // Until the reserve itself is used up.
        var served = 0
        while case .success = writer.write(.read(), mayUseReserve: true) { served += 1 }
        #expect(served > 100 && writer.reserve?.remaining == 0)
        faulty.faults.withLock { $0.space? += 1 << 20 }
        #expect(try writer.write(.read()).get().sequence == taken + 3 + UInt64(served))
        #expect(writer.reserve?.remaining == settings.reserveBytes)
        try check(taken + 3 + UInt64(served))
    }

    @Test("a disk that is full from the start is no reason not to start")
    func fullFromTheStart() throws {
        let faulty = try FaultyFolder(folder.log)
        faulty.faults.withLock { $0.space = 10 }
        var writer = try LogWriter(faulty)
        #expect(writer.reserve?.remaining == 0)
        #expect(writer.write(.read()) == .failure(.full))
        #expect(folder.files.isEmpty)
        faulty.faults.withLock { $0.space = 4 << 20 }
        #expect(try writer.write(.read()).get().sequence == 1)
        try check(1)
    }

    @Test("a new file that cannot be begun leaves the old one in use")
    func failedRotation() throws {
        var settings = AuditSettings.bare
        settings.fileBytes = 1000
        let faulty = try FaultyFolder(folder.log)
        var writer = try LogWriter(faulty, settings)
        #expect(try writer.write(.read()).get().sequence == 1)
        #expect(try writer.write(.read()).get().sequence == 2)
        faulty.faults.withLock { $0.writes = [.short(20), .failing(ENOSPC)] }
        #expect(writer.write(.read()) == .failure(.full))
        #expect(folder.files.count == 1)
        #expect(try writer.write(.read()).get().sequence == 3)
        #expect(folder.files.count == 2)
        try check(3)
    }

    @Test("files follow one another by size and by age, in one chain")
    func rotation() throws {
        var settings = AuditSettings.bare
        settings.fileBytes = 2000
        settings.fileAge = 1000
        var writer = try LogWriter(try FaultyFolder(folder.log), settings)
        for _ in 0..<20 { _ = writer.write(.read()) }
        let bySize = folder.files.count
        #expect(bySize > 3)
        for step in 1...5 { _ = writer.write(.read(time: someTime + Int64(step) * 1000)) }
        #expect(folder.files.count == bySize + 5)
        try check(25)
        let sizes = try folder.files.map { try FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int ?? 0 }
        #expect(sizes.allSatisfy { $0 <= 2000 })
        // A clock that jumps back begins no file, and one that jumps to either end ends nothing.
        _ = writer.write(.read(time: someTime - 1_000_000))
        #expect(folder.files.count == bySize + 5)
        for time in [Int64.min, .max, .min] {
            #expect(throws: Never.self) { try writer.write(.read(time: time)).get() }
        }
        try check(29)
    }

    @Test("a last line cut anywhere is repaired, and nothing else is lost")
    func tornTail() throws {
        do {
            var writer = try LogWriter(try SystemLogFolder(folder.log, owned: true), .bare)
            for _ in 0..<3 { _ = writer.write(.read()) }
        }
        let file = try #require(folder.files.first)
        let whole = try #require(FileManager.default.contents(atPath: file))
        let lineBreaks = whole.indices.filter { whole[$0] == 0x0A }
        for size in 0..<whole.count {
            try whole.prefix(size).write(to: URL(fileURLWithPath: file))
            let resumed = try ResumedLog(in: try SystemLogFolder(folder.log, owned: true))
            let kept = lineBreaks.filter { $0 < size }.count
            #expect(resumed.chain.head.sequence == UInt64(max(0, kept - 1)))
            #expect(resumed.repairedBytes == size - (kept > 0 ? lineBreaks[kept - 1] + 1 : 0))
            #expect(FileManager.default.fileExists(atPath: file) == (kept > 0))
            var writer = try LogWriter(try SystemLogFolder(folder.log, owned: true), .bare)
            _ = writer.write(.read())
            try check(UInt64(max(0, kept - 1)) + 1)
        }
    }

    @Test("a last entry that does not fit the chain stops the start")
    func damagedTail() throws {
        do {
            var writer = try LogWriter(try SystemLogFolder(folder.log, owned: true), .bare)
            for _ in 0..<3 { _ = writer.write(.read()) }
        }
        let file = try #require(folder.files.first)
        var bytes = try #require(FileManager.default.contents(atPath: file))
        bytes[bytes.count - 100] ^= 1
        try bytes.write(to: URL(fileURLWithPath: file))
        let name = (file as NSString).lastPathComponent
        func refused(_ sequence: UInt64?, _ location: SourceLocation = #_sourceLocation) {
            let error = AuditError(sink: "file", .damaged, damage: .init(file: name, sequence: sequence))
            #expect(throws: error, sourceLocation: location) { try FileAuditSink(folder: folder.log, settings: .usual) }
        }
        refused(3)
        let error = #expect(throws: AuditError.self) { try FileAuditSink(folder: folder.log, settings: .usual) }
        #expect(error?.description.hasSuffix("(entry 3 in audit-0000000000000001.jsonl)") == true)
        // A line that is none stands in the place of the entry after the one before it.
        let lines = folder.lines
        try Data((lines[0...2].joined(separator: "\n") + "\nhello\n").utf8).write(to: URL(fileURLWithPath: file))
        refused(3)
        try Data("hello\n".utf8).write(to: URL(fileURLWithPath: file))
        refused(nil)
    }

    @Test("a symbolic link or a FIFO in a file's place is not opened")
    func links() throws {
        do {
            var writer = try LogWriter(try SystemLogFolder(folder.log, owned: true), .bare)
            _ = writer.write(.read())
        }
        let file = try #require(folder.files.first)
        let elsewhere = folder.path + "/elsewhere"
        try FileManager.default.moveItem(atPath: file, toPath: elsewhere)
        try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: elsewhere)
        #expect(throws: AuditError(sink: "file", .replaced)) { try FileAuditSink(folder: folder.log, settings: .usual) }
        try FileManager.default.removeItem(atPath: file)
        #expect(mkfifo(file, 0o600) == 0)
        #expect(throws: AuditError(sink: "file", .replaced)) { try FileAuditSink(folder: folder.log, settings: .usual) }
    }
}
