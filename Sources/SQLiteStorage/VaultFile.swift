internal import GRDB
internal import Glibc
internal import Storage

/// The database file: how it is recognised, and how it comes to be.
///
/// It is built under another name and renamed, so that `vault.db` is either absent or complete: its first 100 bytes
/// always tell whose it is, before SQLite has touched anything.
enum VaultFile {
    static let name = "vault.db"
    private static let draftName = "vault.db.new"
    /// Stands in SQLite's header field for the application: the letters `KTRV`.
    static let applicationID: UInt32 = 0x4B54_5256
    /// Stands in SQLite's header field for the user's version.
    static let format = 1
    static let schema =
        "CREATE TABLE record (key BLOB NOT NULL PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID"

    /// Opens the file for reading alone, making it first where the folder has none.
    ///
    /// The descriptor must live until SQLite has closed the file: closing it earlier would drop SQLite's locks.
    static func open(in folder: DataFolder) throws(StorageError) -> Descriptor {
        let siblings = ["-wal", "-shm", "-journal"].filter { folder.directory.status(of: name + $0) != nil }
        guard !siblings.contains("-journal") else {
            throw .damaged(reason: "\(name)-journal lies beside \(name), which is never written that way")
        }
        if folder.directory.status(of: name) == nil {
            guard !siblings.contains("-wal") else {
                throw .damaged(reason: "\(name) is missing, but its log \(name)-wal is there")
            }
            try make(in: folder)
        }
        guard let file = folder.directory.file(name, O_RDONLY), let status = file.status() else {
            throw .notOurs(reason: "\(name) cannot be opened (a symbolic link is refused): \(systemReason())")
        }
        guard status.isRegularFile, status.belongsToUs else {
            throw .notOurs(reason: "\(name) is not a file of this user's")
        }
        guard let header = file.read(100, at: 0) else {
            throw .damaged(reason: "\(name) cannot be read: \(systemReason())")
        }
        try check(header: header)
        if status.permissions != 0o600, fchmod(file.number, 0o600) != 0 {
            throw .notWritten(reason: "\(name) could not be made private: \(systemReason())")
        }
        return file
    }

    /// Tells a file of ours from others by the start of it, as SQLite's file format (section 1.3) lays it out.
    static func check(header: [UInt8]) throws(StorageError) {
        guard !header.isEmpty else { throw .damaged(reason: "\(name) is empty") }
        guard header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw .notOurs(reason: "\(name) is not a database")
        }
        func number(at offset: Int) -> UInt32 {
            header[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        try check(applicationID: number(at: 68), format: Int(number(at: 60)))
    }

    static func check(applicationID found: UInt32, format version: Int) throws(StorageError) {
        guard found == applicationID else { throw .notOurs(reason: "\(name) is another program's database") }
        guard version <= format else { throw .newerVersion(found: version, supported: format) }
        guard version == format else { throw .notOurs(reason: "\(name) has a format that never was") }
    }

    private static func make(in folder: DataFolder) throws(StorageError) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            _ = unsafe unlinkat(folder.directory.number, draftName + suffix, 0)
        }
        do {
            // SQLite gives the files beside it the mode of this one.
            guard let draft = folder.directory.file(draftName, O_WRONLY | O_CREAT | O_EXCL),
                fchmod(draft.number, 0o600) == 0
            else { throw StorageError.notWritten(reason: "\(name) could not be made: \(systemReason())") }
            _ = consume draft
            let queue = try DatabaseQueue(
                path: "\(folder.path)/\(draftName)", configuration: SQLiteConnection.configuration(.maker))
            try queue.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    try db.execute(sql: schema)
                    try db.execute(sql: "PRAGMA application_id = \(applicationID)")
                    try db.execute(sql: "PRAGMA user_version = \(format)")
                    return .commit
                }
                try SQLiteConnection.useLog(db)
            }
            try queue.close()
        } catch { throw SQLiteFailure.beforeCommit(error) }
        guard unsafe renameat(folder.directory.number, draftName, folder.directory.number, name) == 0,
            fsync(folder.directory.number) == 0
        else { throw .notWritten(reason: "\(name) could not be put in place: \(systemReason())") }
    }
}
