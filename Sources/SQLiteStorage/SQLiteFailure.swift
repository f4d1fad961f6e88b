internal import GRDB
internal import Storage

/// What an error of SQLite's means, which depends on how far the commit had come.
///
/// Reasons are made from SQLite's own table of codes: its longer messages can quote what was stored.
enum SQLiteFailure {
    /// Nothing has been committed: whatever was written is rolled back.
    static func beforeCommit(_ error: any Error) -> StorageError {
        if let error = error as? StorageError { return error }
        return isDamage(error) ? .damaged(reason: reason(error)) : .notWritten(reason: reason(error))
    }

    /// COMMIT itself failed. SQLite reports a full disk only from a write that came up short, and the frame that makes
    /// a commit is the last one written; so a full disk is certain to have committed nothing. After any other failure
    /// the frames may all be there, and the next process to read the log would find them.
    static func atCommit(_ error: any Error) -> StorageError {
        if let error = error as? DatabaseError, error.resultCode == .SQLITE_FULL {
            return .notWritten(reason: reason(error))
        }
        return .outcomeUnknown(reason: reason(error))
    }

    static func reading(_ error: any Error) -> StorageError {
        if let error = error as? StorageError { return error }
        if let error = error as? DatabaseError, [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode) {
            return .inUse
        }
        return .damaged(reason: reason(error))
    }

    /// What the store refuses everything with after a failure outside COMMIT, or nil where it may go on.
    ///
    /// Only errors of the disk and of the file's structure count. Nothing that was acknowledged is lost with them, but a
    /// later sync could succeed without writing what an earlier one failed to write.
    static func doubt(after error: any Error) -> StorageError? {
        guard let error = error as? DatabaseError else { return nil }
        if isDamage(error) { return .damaged(reason: reason(error)) }
        return error.resultCode == .SQLITE_IOERR ? .outcomeUnknown(reason: reason(error)) : nil
    }

    private static func isDamage(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT].contains(error.resultCode)
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "the database could not be used" }
        return "SQLite code \(error.extendedResultCode.description)"
    }
}
