internal import Glibc
internal import FoundationEssentials
internal import GRDB
internal import GRDBSQLite
package import Storage
internal import Synchronization

/// The embedded store: one SQLite database, `vault.db`, in a data folder.
///
/// One connection writes, another reads beside it. Whatever the store can no longer vouch for makes it refuse every
/// call with the same error until it is opened again: a sync that failed, a file that was replaced.
package final class SQLiteStore: RecordStore {
    /// Held until the store is closed: it holds the folder's lock.
    private let folder: Mutex<DataFolder?>
    /// The database file for reading beside SQLite, held until SQLite has closed it.
    let file: Mutex<Descriptor?>
    let identity: FileIdentity
    let writer: DatabaseQueue
    let reader: DatabaseQueue
    /// Commits of other connections as of our opening; there must not be any more.
    let knownDataVersion: Int
    /// How much the log grows before it is moved into the file, in bytes.
    let logLimit: Int
    /// Roughly how many bytes the log has grown by since.
    let logGrowth = Mutex(0)
    private let refusal = Mutex<StorageError?>(nil)

    /// Opens the data folder at `path` and the store in it; both are made where they are missing.
    package convenience init(folder path: String) throws(StorageError) {
        try self.init(folder: DataFolder(path))
    }

    /// Opens the store in `folder`, or makes it. What an earlier process left in the log is moved into the file.
    ///
    /// - Parameter logLimit: how much the write-ahead log grows before a commit moves it into the file, in bytes.
    /// - Throws: ``StorageError/notOurs(reason:)`` and ``StorageError/newerVersion(found:supported:)`` with nothing
    ///   changed; ``StorageError/damaged(reason:)``; ``StorageError/notWritten(reason:)`` where it cannot be written.
    package init(folder: DataFolder, logLimit: Int = 4 << 20) throws(StorageError) {
        self.logLimit = logLimit
        self.folder = Mutex(folder)
        file = Mutex(try VaultFile.open(in: folder))
        let path = "\(folder.path)/\(VaultFile.name)"
        do {
            writer = try DatabaseQueue(path: path, configuration: SQLiteConnection.configuration(.writer))
            reader = try DatabaseQueue(path: path, configuration: SQLiteConnection.configuration(.reader))
            do { knownDataVersion = try writer.writeWithoutTransaction(Self.takeOver) } catch {
                // While the reader is open, SQLite's closing leaves the log as it is.
                try? writer.close()
                throw error
            }
        } catch { throw SQLiteFailure.beforeCommit(error) }
        identity = try FileIdentity(database: path)
        guard let opened = file.withLock({ $0?.status() }), let named = FileIdentity.Stamp(path),
            named.inode == opened.st_ino,
            named.device == opened.st_dev
        else { throw .replaced }
    }

    deinit { close() }

    package func read(_ key: RecordKey) throws(StorageError) -> [UInt8]? {
        try onReader { db in
            let statement = try db.cachedStatement(sql: "SELECT bytes FROM record WHERE key = ?")
            return try Data.fetchOne(statement, arguments: [Data(key.bytes)]).map { [UInt8]($0) }
        }
    }

    package func scan(
        from: RecordKey?, through: RecordKey?,
        _ body: (RecordKey, borrowing RawSpan) throws(StorageError) -> Bool
    ) throws(StorageError) {
        let first = from?.bytes ?? [0]
        let last = through?.bytes ?? [UInt8](repeating: 0xFF, count: RecordKey.lengths.upperBound + 1)
        try onReader { db in
            let statement = try db.makeStatement(
                sql: "SELECT key, bytes FROM record WHERE key >= ? AND key <= ? ORDER BY key")
            try statement.setArguments([Data(first), Data(last)])
            // A vault of a million keys reads three million rows, which a `Row` for each would make slower by half.
            while try Self.step(statement) {
                let key = try Self.withColumn(0, of: statement) { bytes throws in
                    guard RecordKey.lengths.contains(bytes.byteCount) else {
                        throw StorageError.damaged(reason: "a record has a key of a length that no key has")
                    }
                    return RecordKey(unsafe bytes.withUnsafeBytes { unsafe Array($0) })
                }
                guard try Self.withColumn(1, of: statement, { bytes throws in try body(key, bytes) }) else { return }
            }
        }
    }

    /// Goes on to the next row; false after the last.
    private static func step(_ statement: Statement) throws -> Bool {
        switch unsafe sqlite3_step(statement.sqliteStatement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw DatabaseError(resultCode: ResultCode(rawValue: code))
        }
    }

    /// Lends the bytes of a column of the row that the statement is at.
    private static func withColumn<R>(_ index: Int32, of statement: Statement, _ body: (RawSpan) throws -> R) rethrows
        -> R
    {
        let row = unsafe statement.sqliteStatement
        let bytes = unsafe sqlite3_column_blob(row, index)
        let count = unsafe bytes == nil ? 0 : Int(sqlite3_column_bytes(row, index))
        return try body(unsafe UnsafeRawBufferPointer(start: bytes, count: count).bytes)
    }

    package func checkIdentity() throws(StorageError) {
        try checkServing()
        do { try identity.check() } catch {
            refuse(with: error)
            throw error
        }
    }

    /// In good order, the log is moved into the file and removed. Otherwise it stays as it is for the next opening:
    /// while a reader is still open SQLite's own closing leaves the log alone, and a reader cannot touch it. The data
    /// folder is given up too, unless somebody else still holds it.
    package func close() {
        let before = refusal.withLock { refusal in
            defer { refusal = .closed }
            return refusal
        }
        guard before != .closed else { return }
        let isSound =
            before == nil
            && (try? identity.check()) != nil
            && (try? writer.writeWithoutTransaction { db in try Self.truncateLog(db) }) == true
        if isSound { try? reader.close() }
        try? writer.close()
        try? reader.close()
        file.withLock { $0 = nil }
        folder.withLock { $0 = nil }
    }

    // MARK: - Refusing

    func checkServing() throws(StorageError) {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
    }

    /// From here on every call throws `error`; the first reason stays.
    func refuse(with error: StorageError) {
        refusal.withLock { refusal in refusal = refusal ?? error }
    }

    private func onReader<R>(_ body: (Database) throws -> R) throws(StorageError) -> R {
        do {
            return try reader.unsafeReentrantRead { db in
                try checkIdentity()
                return try body(db)
            }
        } catch { throw SQLiteFailure.reading(error) }
    }

    /// Checks the connection and the database, and moves what an earlier process left in the log into the file. That
    /// writes every page of the log anew, so that even pages whose sync once failed reach the disk.
    private static func takeOver(_ db: Database) throws -> Int {
        try SQLiteConnection.check(db)
        do { _ = try truncateLog(db) } catch {
            if let failure = SQLiteFailure.doubt(after: error) { throw failure }
        }
        return try SQLiteConnection.dataVersion(db)
    }

    /// Moves the whole log into the file and empties it; false where a reader was in the way for too long.
    static func truncateLog(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }
}
