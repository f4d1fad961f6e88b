internal import Glibc
internal import Storage
internal import Synchronization

/// Remembers what the database file and its write-ahead log looked like after our own last write, so that anybody
/// else's hand in them is noticed by asking the system about two names.
///
/// Nothing is opened: to open and close the database file beside SQLite would drop SQLite's locks. What this cannot
/// see is a write that keeps the size and falls into the same tick of the clock as our own last one (or forges the
/// time); such bytes do not survive the authentication of what is read.
final class FileIdentity: Sendable {
    /// One file as the system describes it. Permissions and links do not count, so that a backup may touch them.
    struct Stamp: Equatable {
        let device: dev_t
        let inode: ino_t
        let size: Int
        let seconds: Int
        let nanoseconds: Int

        /// Nil where there is no file of that name. A symbolic link is not followed.
        init?(_ path: String) {
            var status = stat()
            guard unsafe lstat(path, &status) == 0 else { return nil }
            device = status.st_dev
            inode = status.st_ino
            size = Int(status.st_size)
            seconds = Int(status.st_mtim.tv_sec)
            nanoseconds = Int(status.st_mtim.tv_nsec)
        }

        func isSameFile(as other: Stamp) -> Bool { device == other.device && inode == other.inode }
    }

    private struct State: Equatable {
        var database: Stamp
        var log: Stamp?
        /// Counts our own writes; odd while one is going on.
        var turn = 0
        var isWriting: Bool { turn % 2 == 1 }
    }

    private let databasePath: String
    private let logPath: String
    private let state: Mutex<State>

    /// Takes the two files as they are now.
    ///
    /// - Throws: ``StorageError/replaced`` where there is no database file.
    init(database path: String) throws(StorageError) {
        databasePath = path
        logPath = path + "-wal"
        guard let database = Stamp(databasePath) else { throw .replaced }
        state = Mutex(State(database: database, log: Stamp(logPath)))
    }

    /// - Throws: ``StorageError/replaced`` where a file is not the one that was opened, or was changed by others.
    func check() throws(StorageError) {
        let before = state.withLock { $0 }
        guard let database = Stamp(databasePath) else { throw .replaced }
        let log = Stamp(logPath)
        let after = state.withLock { $0 }
        guard database.isSameFile(as: before.database) else { throw .replaced }
        switch (log, before.log) {
        case (nil, nil): break
        case (let log?, let known?) where log.isSameFile(as: known): break
        default: throw .replaced
        }
        // While a write of ours goes on, sizes and times are in motion; the writer looks for itself.
        guard before == after, !before.isWriting else { return }
        guard database == before.database, log == before.log else { throw .replaced }
    }

    /// Until ``endWriting()`` changes of size and time are our own.
    func beginWriting() { state.withLock { $0.turn += 1 } }

    func endWriting() {
        let database = Stamp(databasePath)
        let log = Stamp(logPath)
        state.withLock { state in
            // A file that was replaced meanwhile stays unknown, for the next check to find.
            if let database, database.isSameFile(as: state.database) { state.database = database }
            if let log, let known = state.log, log.isSameFile(as: known) { state.log = log }
            state.turn += 1
        }
    }
}
