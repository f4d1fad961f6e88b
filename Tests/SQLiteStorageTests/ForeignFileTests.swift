import Foundation
import GRDB
import Storage
import StorageConformance
import Testing

@testable import SQLiteStorage

@Suite("Files that are not ours, or not whole")
struct ForeignFileTests {
    let folder: TemporaryFolder
    init() throws {
        folder = try TemporaryFolder()
        let store = try SQLiteStore(folder: folder.data)
        try store.commit(RecordBatch(puts: (0..<200).map { (RecordKey([$0]), [UInt8](repeating: $0, count: 300)) }))
        store.close()
    }

    private func refusal() -> StorageError? {
        do {
            _ = try SQLiteStore(folder: folder.data)
            return nil
        } catch { return error }
    }

    private func change(_ sql: String) throws {
        let queue = try DatabaseQueue(path: folder.database)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test("A store of a newer format is refused, and nothing changes")
    func newer() throws {
        try change("PRAGMA user_version = 9")
        let before = try picture(folder.data)
        #expect(refusal() == .newerVersion(found: 9, supported: 1))
        #expect(try picture(folder.data) == before)
    }

    @Test("A newer format that only the log tells of is refused, and neither file nor log changes")
    func newerInLog() throws {
        let other = try DatabaseQueue(path: folder.database)
        try other.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 9") }
        let copy = folder.path + "/copy"
        try FileManager.default.copyItem(atPath: folder.data, toPath: copy)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: copy)
        try FileManager.default.removeItem(atPath: copy + "/vault.db-shm")
        let before = try picture(copy)
        #expect(throws: StorageError.newerVersion(found: 9, supported: 1)) { try SQLiteStore(folder: copy) }
        var after = try picture(copy)
        after["vault.db-shm"] = nil
        #expect(after == before)
    }

    @Test("Another program's database is refused, and nothing changes")
    func otherProgram() throws {
        try change("PRAGMA application_id = 77")
        let before = try picture(folder.data)
        #expect(refusal() == .notOurs(reason: "vault.db is another program's database"))
        #expect(try picture(folder.data) == before)
    }

    @Test("A file that is no database is refused, and nothing changes")
    func noDatabase() throws {
        try Data(repeating: 0x41, count: 5000).write(to: URL(fileURLWithPath: folder.database))
        let before = try picture(folder.data)
        #expect(refusal() == .notOurs(reason: "vault.db is not a database"))
        #expect(try picture(folder.data) == before)
    }

    @Test("An empty file is damage, not a new store")
    func empty() throws {
        try Data().write(to: URL(fileURLWithPath: folder.database))
        #expect(refusal() == .damaged(reason: "vault.db is empty"))
    }

    @Test("A log without its database is damage, not a new store")
    func logAlone() throws {
        try FileManager.default.moveItem(atPath: folder.database, toPath: folder.database + "-wal")
        let before = try picture(folder.data)
        guard case .damaged? = refusal() else { return #expect(Bool(false), "opened") }
        #expect(try picture(folder.data) == before)
    }

    @Test("A rollback journal beside the database is refused, and nothing changes")
    func journal() throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.database + "-journal"))
        let before = try picture(folder.data)
        guard case .damaged? = refusal() else { return #expect(Bool(false), "opened") }
        #expect(try picture(folder.data) == before)
    }

    @Test("A symbolic link in place of the database is refused")
    func link() throws {
        try FileManager.default.moveItem(atPath: folder.database, toPath: folder.path + "/elsewhere")
        try FileManager.default.createSymbolicLink(
            atPath: folder.database, withDestinationPath: folder.path + "/elsewhere")
        guard case .notOurs? = refusal() else { return #expect(Bool(false), "opened") }
    }

    @Test(
        "Anything in the database beside our table is refused",
        arguments: [
            "CREATE TABLE other (a)", "CREATE VIEW other AS SELECT 1", "CREATE INDEX other ON record (bytes)",
            "CREATE TRIGGER other AFTER INSERT ON record BEGIN DELETE FROM record; END",
            "ALTER TABLE record ADD COLUMN other BLOB",
        ])
    func otherTables(_ sql: String) throws {
        try change(sql)
        #expect(refusal() == .damaged(reason: "vault.db has other tables than ours"))
    }

    @Test("Pages that were overwritten, and a file that was cut, are named as damage", arguments: [true, false])
    func broken(cut: Bool) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: folder.database))
        if cut {
            try file.truncate(atOffset: 20_000)
        } else {
            try file.seek(toOffset: 4096)
            file.write(Data(repeating: 0xA5, count: 40_000))
        }
        try file.close()
        guard let refusal = refusal() else {
            let store = try SQLiteStore(folder: folder.data)
            defer { store.close() }
            do { _ = try store.all() } catch { return #expect(isDamage(error)) }
            return #expect(Bool(false), "the damage was not noticed")
        }
        #expect(isDamage(refusal))
    }

    private func isDamage(_ error: StorageError) -> Bool {
        if case .damaged = error { true } else { false }
    }

    @Test("A start that was cut off before the database was in place is made again")
    func cutOff() throws {
        for name in ["vault.db", "vault.db.new", "vault.db.new-wal"] {
            try? FileManager.default.removeItem(atPath: folder.data + "/" + name)
            if name != "vault.db" { try Data("half".utf8).write(to: URL(fileURLWithPath: folder.data + "/" + name)) }
        }
        #expect(refusal() == nil)
        #expect(try picture(folder.data).keys.filter { $0.contains("new") }.isEmpty)
    }

    @Test("A copy that was made as a database without a log is taken, and gets its log")
    func restored() throws {
        let copy = folder.path + "/copy"
        try change("VACUUM INTO '\(copy)'")
        try FileManager.default.removeItem(atPath: folder.database)
        try FileManager.default.moveItem(atPath: copy, toPath: folder.database)
        let store = try SQLiteStore(folder: folder.data)
        defer { store.close() }
        #expect(try store.all().count == 200)
        #expect(try mode(folder.database) == 0o600)
        #expect(FileManager.default.fileExists(atPath: folder.database + "-wal"))
    }
}
