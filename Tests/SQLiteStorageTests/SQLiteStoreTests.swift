import Foundation
import GRDB
import Storage
import StorageConformance
import Testing

@testable import SQLiteStorage

@Suite("The store on disk")
struct SQLiteStoreTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test("It keeps the contract of a store", arguments: ConformanceCase.all)
    func contract(_ promise: ConformanceCase) throws {
        let store = try SQLiteStore(folder: folder.data)
        defer { store.close() }
        try promise.check(store)
    }

    @Test("Behind injected faults it keeps the contract too", arguments: ConformanceCase.all)
    func contractBehindFaults(_ promise: ConformanceCase) throws {
        let store = FaultInjectingStore(try SQLiteStore(folder: folder.data))
        defer { store.close() }
        try promise.check(store)
    }

    @Test("The reading connection cannot write, and neither connection moves the log by itself")
    func settings() throws {
        let store = try SQLiteStore(folder: folder.data)
        defer { store.close() }
        #expect(throws: DatabaseError.self) {
            try store.reader.unsafeRead { try $0.execute(sql: "DELETE FROM record") }
        }
        let expected: [(String, String)] = [
            ("trusted_schema", "0"), ("cell_size_check", "1"), ("wal_autocheckpoint", "0"), ("journal_mode", "wal"),
            ("mmap_size", "0"), ("temp_store", "2"),
        ]
        for queue in [store.reader, store.writer] {
            for (name, value) in expected {
                let found = try queue.unsafeRead { try String.fetchOne($0, sql: "PRAGMA \(name)") }
                #expect(found == value, "\(name)")
            }
        }
        for (name, value) in [("synchronous", "2"), ("secure_delete", "1"), ("application_id", "\(0x4B54_5256)")] {
            #expect(try store.writer.unsafeRead { try String.fetchOne($0, sql: "PRAGMA \(name)") } == value, "\(name)")
        }
        #expect(try store.reader.unsafeRead { try Int.fetchOne($0, sql: "PRAGMA query_only") } == 1)
    }

    @Test("What was committed is there when it is opened again, and a closed store leaves one file")
    func reopening() throws {
        for round in UInt8(0)..<3 {
            let store = try SQLiteStore(folder: folder.data)
            #expect(try store.all().count == Int(round))
            try store.commit(RecordBatch(puts: [(RecordKey([round]), [round])]))
            store.close()
            #expect(Set(try picture(folder.data).keys) == ["keyturn.data", "lock", "vault.db"])
        }
    }

    @Test("The log does not grow without bound, and what is moved out of it stays the store's own")
    func longLog() throws {
        let store = try SQLiteStore(folder: folder.data)
        defer { store.close() }
        let value = [UInt8](repeating: 3, count: 50_000)
        for number in UInt8(0)..<250 {
            try store.commit(RecordBatch(puts: [(RecordKey([number % 10]), value + [number])]))
            try store.checkIdentity()
        }
        let log = try FileManager.default.attributesOfItem(atPath: folder.database + "-wal")[.size] as? Int
        #expect(try #require(log) < 6 << 20)
        #expect(try store.all().count == 10)
    }

    @Test("A second store in the same folder is refused and leaves the first undisturbed")
    func secondInProcess() throws {
        let store = try SQLiteStore(folder: folder.data)
        defer { store.close() }
        #expect(throws: StorageError.inUse) { try SQLiteStore(folder: folder.data) }
        try store.commit(RecordBatch(puts: [(key("a"), bytes("1"))]))
        try store.checkIdentity()
    }

    @Test("Closing gives the folder up, unless its owner keeps it")
    func closing() throws {
        let owner = try DataFolder(folder.data)
        let store = try SQLiteStore(folder: owner)
        store.close()
        #expect(throws: StorageError.inUse) { try SQLiteStore(folder: folder.data) }
        let again = try SQLiteStore(folder: owner)
        try again.commit(RecordBatch(puts: [(key("a"), bytes("1"))]))
        again.close()
        withExtendedLifetime(owner) {}
    }
}
