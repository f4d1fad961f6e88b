import Foundation
import GRDB
import Storage
import StorageConformance
import TestThreads
import Testing

@testable import SQLiteStorage

@Suite("A file that others touch", .blocks)
struct IdentityTests {
    let folder: TemporaryFolder
    let store: SQLiteStore
    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(folder: folder.data)
        try store.commit(RecordBatch(puts: [(key("a"), bytes("1"))]))
    }

    /// Each way of looking must notice, and none may go on afterwards.
    private func expectReplaced() {
        #expect(throws: StorageError.replaced) { try store.checkIdentity() }
        #expect(throws: StorageError.replaced) { try store.read(key("a")) }
        #expect(throws: StorageError.replaced) { try store.all() }
        #expect(throws: StorageError.replaced) { try store.commit(RecordBatch(puts: [(key("a"), bytes("2"))])) }
    }

    private func run(_ program: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test("A file or log that was overwritten in place is noticed", arguments: ["", "-wal"])
    func overwritten(_ suffix: String) throws {
        #expect(try Companion("scribble", folder.database + suffix, "64").wait() == 0)
        expectReplaced()
    }

    @Test("A file or log that was replaced by a copy of itself is noticed", arguments: ["", "-wal"])
    func replaced(_ suffix: String) throws {
        let path = folder.database + suffix
        try run("/bin/cp", "-p", path, path + ".copy")
        try run("/bin/mv", path + ".copy", path)
        expectReplaced()
    }

    @Test("A file or log that was removed is noticed", arguments: ["", "-wal"])
    func removed(_ suffix: String) throws {
        try FileManager.default.removeItem(atPath: folder.database + suffix)
        expectReplaced()
    }

    @Test("A commit is the first to notice, and writes nothing")
    func commitFirst() throws {
        try run("/bin/cp", "-p", folder.database, folder.path + "/copy")
        try run("/bin/mv", folder.path + "/copy", folder.database)
        let before = try FileManager.default.attributesOfItem(atPath: folder.database + "-wal")[.size] as? Int
        #expect(throws: StorageError.replaced) { try store.commit(RecordBatch(puts: [(key("a"), bytes("2"))])) }
        store.close()
        let after = try FileManager.default.attributesOfItem(atPath: folder.database + "-wal")[.size] as? Int
        #expect(before == after, "the log belongs to a file that is not there any more: it is left alone")
    }

    @Test("A commit by another connection is noticed")
    func otherConnection() throws {
        let other = try DatabaseQueue(path: folder.database)
        try other.write { try $0.execute(sql: "DELETE FROM record") }
        expectReplaced()
    }

    @Test("A commit by another connection is noticed even where sizes and times were put back")
    func otherConnectionHidden() throws {
        let paths = [folder.database, folder.database + "-wal"]
        func times() -> [stat] {
            paths.map { path in
                var status = stat()
                #expect(stat(path, &status) == 0)
                return status
            }
        }
        // The file is brought to its full size first, so that the other's checkpoint does not change that.
        try store.commit(RecordBatch(puts: [(key("b"), bytes("1"))], erasesTraces: true))
        try store.commit(RecordBatch(puts: [(key("b"), bytes("2"))]))
        let before = times()
        let other = try DatabaseQueue(path: folder.database)
        try other.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)")
            try db.execute(sql: "UPDATE record SET bytes = x'33'")
        }
        for (path, status) in zip(paths, before) {
            var both = [status.st_atim, status.st_mtim]
            #expect(utimensat(AT_FDCWD, path, &both, 0) == 0)
        }
        try #require(
            zip(before, times()).allSatisfy { $0.st_size == $1.st_size && $0.st_mtim.tv_nsec == $1.st_mtim.tv_nsec })
        try store.checkIdentity()
        #expect(throws: StorageError.replaced) { try store.commit(RecordBatch(puts: [(key("a"), bytes("2"))])) }
        expectReplaced()
    }

    @Test("Reading by others, and a hard link for a backup, are no reason to stop")
    func harmless() throws {
        let other = try DatabaseQueue(path: folder.database)
        #expect(try other.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM record") } == 1)
        try FileManager.default.linkItem(atPath: folder.database, toPath: folder.path + "/link")
        try run("/bin/cp", folder.database, folder.path + "/copy")
        try store.checkIdentity()
        try store.commit(RecordBatch(puts: [(key("a"), bytes("2"))]))
        try store.checkIdentity()
    }
}
