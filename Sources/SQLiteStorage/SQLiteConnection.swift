internal import GRDB
internal import Storage

/// How the connections are set up.
///
/// Every PRAGMA stands in `prepareDatabase`: GRDB's own `journalMode` setting would set `synchronous` to NORMAL after
/// it, which gives up the durability of the last commits, without a word.
enum SQLiteConnection {
    enum Role {
        /// Builds a new file, which is not in use yet.
        case maker
        /// The one connection that writes.
        case writer
        /// Reads beside the writer and changes nothing, not even by moving the log into the file.
        case reader
    }

    /// How long a connection waits for another before it gives up, in seconds.
    static let patience = 2.0

    static func configuration(_ role: Role) -> Configuration {
        var configuration = Configuration()
        configuration.label = "keyturn.vault"
        configuration.readonly = role == .reader
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(patience)
        // Transactions are begun and ended by hand, since what an error means depends on the step that failed.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
            try db.execute(sql: "PRAGMA cell_size_check = ON")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try db.execute(sql: "PRAGMA mmap_size = 0")
            // Checkpoints are our own: SQLite's automatic ones hide a failed sync.
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            guard role != .reader else { return try db.execute(sql: "PRAGMA query_only = ON") }
            try db.execute(sql: "PRAGMA secure_delete = ON")
            if role == .writer { try useLog(db) }
            try db.execute(sql: "PRAGMA synchronous = FULL")
        }
        return configuration
    }

    /// Has the database write ahead to a log from here on.
    static func useLog(_ db: Database) throws {
        guard try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") == "wal" else {
            throw StorageError.notWritten(reason: "the file system cannot hold a write-ahead log")
        }
    }

    /// Refuses a connection that would not keep what it promises, and a database with anything in it but ours.
    static func check(_ db: Database) throws {
        for (setting, value) in [("synchronous", 2), ("secure_delete", 1), ("wal_autocheckpoint", 0)] {
            guard try Int.fetchOne(db, sql: "PRAGMA \(setting)") == value else {
                throw StorageError.notWritten(reason: "SQLite does not keep the setting \(setting)")
            }
        }
        // Asked again of SQLite, since the log can hold a newer start of the file than the file.
        try VaultFile.check(
            applicationID: UInt32(truncatingIfNeeded: Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0),
            format: Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0)
        guard try String.fetchAll(db, sql: "SELECT sql FROM sqlite_schema") == [VaultFile.schema] else {
            throw StorageError.damaged(reason: "\(VaultFile.name) has other tables than ours")
        }
    }

    /// Counts the commits of every other connection; our own do not change it.
    static func dataVersion(_ db: Database) throws -> Int {
        try Int.fetchOne(db.cachedStatement(sql: "PRAGMA data_version")) ?? 0
    }
}
