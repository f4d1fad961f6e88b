import Foundation
import Synchronization
import TestThreads
import Testing

@testable import Audit

@Suite("A file sink in trouble", .blocks) struct SinkFaultTests {
    let folder = TemporaryFolder()
    private let files = FileManager.default

    private func refuses(
        _ sink: FileAuditSink, _ reason: AuditError.Reason, _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: AuditError(sink: "file", reason), sourceLocation: location) { try sink.append(.read()) }
        #expect(sink.health.failure == reason, sourceLocation: location)
    }

    /// A sink with two entries, and the path of its file.
    private func opened() throws -> (FileAuditSink, String) {
        let sink = try FileAuditSink(folder: folder.log, settings: .usual)
        try sink.append(.read())
        try sink.append(.read(), durability: .synced)
        return (sink, try #require(folder.files.first))
    }

    @Test("notices at the next entry that its file was removed, and goes on in a new one when told to")
    func removed() throws {
        let (sink, file) = try opened()
        try files.removeItem(atPath: file)
        refuses(sink, .missing)
        refuses(sink, .missing)
        try sink.reopen(time: someTime)
        #expect(try sink.append(.read()).sequence == 3)
        let found = try AuditVerifier(folder: folder.log).verify().finding
        #expect(found?.problem == .missing && found?.sequence == 1)
    }

    @Test("notices a renamed file, and works again when it is back")
    func renamed() throws {
        let (sink, file) = try opened()
        try files.moveItem(atPath: file, toPath: file + ".old")
        refuses(sink, .missing)
        try files.moveItem(atPath: file + ".old", toPath: file)
        #expect(try sink.append(.read()).sequence == 3)
        #expect(sink.health.failure == nil)
        #expect(try AuditVerifier(folder: folder.log).verify(against: [sink.head]).finding == nil)
    }

    @Test("notices that its folder was renamed or removed")
    func folderRenamed() throws {
        let (sink, _) = try opened()
        try files.moveItem(atPath: folder.log, toPath: folder.path + "/away")
        refuses(sink, .missing)
        try files.createDirectory(
            atPath: folder.log, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        refuses(sink, .missing)
        #expect(throws: AuditError(sink: "file", .missing)) { try sink.reopen(time: someTime) }
        try files.removeItem(atPath: folder.log)
        try files.moveItem(atPath: folder.path + "/away", toPath: folder.log)
        #expect(throws: Never.self) { try sink.reopen(time: someTime) }
        #expect(try sink.append(.read()).sequence == 3)
        #expect(try AuditVerifier(folder: folder.log).verify(against: [sink.head]).finding == nil)
    }

    @Test("notices a truncated file and never writes to it again")
    func truncated() throws {
        let (sink, file) = try opened()
        #expect(truncate(file, 300) == 0)
        refuses(sink, .truncated)
        #expect(truncate(file, 0) == 0)
        refuses(sink, .truncated)
        try sink.reopen(time: someTime)
        #expect(try sink.append(.read()).sequence == 3)
        let found = try AuditVerifier(folder: folder.log).verify().finding
        #expect(found?.sequence == 1)
    }

    @Test("notices a copy in its file's place")
    func replaced() throws {
        let (sink, file) = try opened()
        try files.copyItem(atPath: file, toPath: file + ".copy")
        try files.removeItem(atPath: file)
        try files.moveItem(atPath: file + ".copy", toPath: file)
        refuses(sink, .replaced)
    }

    @Test("notices a FIFO in its file's place without waiting for its other end")
    func fifo() throws {
        let (sink, file) = try opened()
        try files.removeItem(atPath: file)
        #expect(mkfifo(file, 0o600) == 0)
        refuses(sink, .replaced)
    }

    @Test("notices that somebody else wrote to its file")
    func foreignLine() throws {
        let (sink, file) = try opened()
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("x\n".utf8))
        try handle.close()
        refuses(sink, .replaced)
    }

    @Test("is not used again after a failed sync until it is reopened, and loses no entry")
    func failedSync() throws {
        let faulty = try FaultyFolder(folder.log)
        let sink = try FileAuditSink(faulty, settings: .bare)
        try sink.append(.read(), durability: .synced)
        faulty.faults.withLock { $0.syncs = [EIO] }
        let failure = AuditError(sink: "file", .inputOutput)
        #expect(throws: failure) { try sink.append(.read(), durability: .synced) }
        let syncs = faulty.faults.withLock { $0.syncCount }
        #expect(throws: failure) { try sink.append(.read()) }
        #expect(throws: failure) { try sink.append(.read(), durability: .synced) }
        #expect(throws: failure) { try sink.sync() }
        #expect(faulty.faults.withLock { $0.syncCount } == syncs)
        #expect(sink.health.failure == .inputOutput && sink.health.synced.sequence == 1)
        try sink.reopen(time: someTime)
        #expect(try sink.append(.read(), durability: .synced).sequence == 3)
        #expect(sink.health.failure == nil && sink.health.synced.sequence == 3)
        #expect(folder.files.count == 2)
        #expect(try AuditVerifier(folder: folder.log).verify(against: [sink.head]).finding == nil)
    }

    @Test("refuses in bounded time while a write hangs, then at once, and recovers by itself")
    func blocked() throws {
        let gate = DispatchSemaphore(value: 0)
        let faulty = try FaultyFolder(folder.log)
        var settings = AuditSettings.bare
        settings.patience = 2_000
        let first = try FileAuditSink(faulty, settings: .bare).append(.read())
        let sink = try FileAuditSink(faulty, settings: settings)
        faulty.faults.withLock { $0.writes = [.blocked(gate)] }
        let start = steadyMilliseconds()
        refuses(sink, .blocked)
        let middle = steadyMilliseconds()
        #expect(middle - start >= 2_000)
        refuses(sink, .blocked)
        #expect(throws: AuditError(sink: "file", .blocked)) { try sink.append(.read(), durability: .synced) }
        #expect(throws: AuditError(sink: "file", .blocked)) { try sink.sync() }
        #expect(throws: AuditError(sink: "file", .blocked)) { try sink.reopen(time: someTime) }
        #expect(sink.head == first)
        gate.signal()
        let deadline = steadyMilliseconds() + 60_000
        while (try? sink.append(.read())) == nil, steadyMilliseconds() < deadline { sched_yield() }
        // The hanging entry was refused and is in the log all the same; no sequence is missing.
        let result = try AuditVerifier(folder: folder.log).verify(against: [first, sink.head])
        #expect(result.finding == nil && result.entries == sink.head.sequence && result.entries >= 3)
    }

    @Test("closes in bounded time while a write hangs")
    func blockedClose() throws {
        let gate = DispatchSemaphore(value: 0)
        let faulty = try FaultyFolder(folder.log)
        var settings = AuditSettings.bare
        settings.patience = 50
        let sink = try FileAuditSink(faulty, settings: settings)
        faulty.faults.withLock { $0.writes = [.blocked(gate)] }
        let results = Mutex<[Result<AuditReceipt, AuditError>]>([])
        let answered = DispatchSemaphore(value: 0)
        for _ in 0..<3 {
            sink.append(.read(), durability: .written) { result in
                results.withLock { $0.append(result) }
                answered.signal()
            }
        }
        sink.close()
        for _ in 0..<3 { answered.wait() }
        #expect(results.withLock { $0 } == Array(repeating: .failure(AuditError(sink: "file", .blocked)), count: 3))
        gate.signal()
    }

    @Test("refuses when a read-only file system is under it")
    func readOnly() throws {
        let faulty = try FaultyFolder(folder.log)
        let sink = try FileAuditSink(faulty, settings: .bare)
        faulty.faults.withLock { $0.writes = [.failing(EROFS), .failing(EROFS)] }
        refuses(sink, .readOnly)
        refuses(sink, .readOnly)
        #expect(try sink.append(.read()).sequence == 1)
    }

    @Test("syncs by itself what nobody asked to have synced")
    func syncsByItself() throws {
        var settings = AuditSettings.bare
        settings.syncInterval = 5
        let sink = try FileAuditSink(folder: folder.log, settings: settings)
        let receipt = try sink.append(.read())
        let deadline = steadyMilliseconds() + 60_000
        while sink.health.synced != receipt, steadyMilliseconds() < deadline { sched_yield() }
        #expect(sink.health.synced == receipt && sink.health.unsyncedFor == 0)
    }
}
