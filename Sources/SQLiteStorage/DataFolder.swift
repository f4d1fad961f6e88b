internal import CProcess
internal import FoundationEssentials
internal import Glibc
package import Storage

/// The folder that one process owns for as long as this object lives: private to its user, marked as ours, locked.
///
/// Nothing in the folder but the lock is touched before the lock is held, so that a second process leaves the first
/// undisturbed. A folder that is not ours is refused with nothing in it changed.
package final class DataFolder: Sendable {
    static let lockName = "lock"
    /// What may lie in a folder that counts as new: our own first steps, and what a fresh file system starts with.
    private static let innocent: Set<String> = [lockName, FolderMarker.draftName, "lost+found"]

    /// Absolute, with no symbolic links in it.
    package let path: String
    let directory: Descriptor
    private let lock: Descriptor

    /// Opens the data folder at `path`, or makes it: mode 0700 whatever the umask, in a folder that exists.
    ///
    /// - Throws: ``StorageError/inUse`` where another process has it; ``StorageError/notOurs(reason:)`` where it is a
    ///   link, another user's, open to group or others, or full of other things;
    ///   ``StorageError/newerVersion(found:supported:)``; ``StorageError/notWritten(reason:)`` where it could not be
    ///   made.
    package init(_ path: String) throws(StorageError) {
        let wanted = try Self.withoutFinalSlashes(path)
        try Self.makeIfMissing(wanted)
        guard let directory = Descriptor.folder(at: wanted) else {
            throw .notOurs(
                reason: "the data folder \(wanted) cannot be opened as a folder (a symbolic link is refused): "
                    + systemReason())
        }
        let resolved = try Self.absolute(wanted)
        try Self.makePrivate(directory, resolved)
        lock = try Self.takeLock(in: directory)
        self.path = resolved
        self.directory = directory
        // From here on whatever fails gives the lock up.
        try Self.markIfNew(self.directory, resolved)
    }

    deinit {
        // A process that is being started right now shares the descriptor, and would keep the lock for a moment.
        _ = flock(lock.number, LOCK_UN)
    }

    private static func withoutFinalSlashes(_ path: String) throws(StorageError) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .notOurs(reason: "the data folder needs a path") }
        return path
    }

    private static func makeIfMissing(_ path: String) throws(StorageError) {
        guard unsafe mkdir(path, 0o700) == 0 else {
            guard errno == EEXIST else {
                throw .notWritten(reason: "the data folder \(path) could not be made: \(systemReason())")
            }
            return
        }
        // A umask can have taken our own permissions away.
        guard unsafe chmod(path, 0o700) == 0 else {
            throw .notWritten(reason: "the data folder \(path) could not be made private: \(systemReason())")
        }
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        if let above = Descriptor.folder(at: parent) { _ = fsync(above.number) }
    }

    private static func absolute(_ path: String) throws(StorageError) -> String {
        guard let resolved = unsafe realpath(path, nil) else {
            throw .notOurs(reason: "the data folder \(path) cannot be resolved: \(systemReason())")
        }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Refuses a folder that is not ours or that others can reach; an empty one is tightened instead.
    private static func makePrivate(_ directory: borrowing Descriptor, _ path: String) throws(StorageError) {
        guard let status = directory.status() else { throw .notOurs(reason: systemReason()) }
        guard status.belongsToUs else {
            throw .notOurs(reason: "the data folder \(path) belongs to another user (\(status.st_uid))")
        }
        let entries = try list(path)
        guard entries.contains(FolderMarker.name) || innocent.isSuperset(of: entries) else {
            throw .notOurs(reason: "the folder \(path) is not empty and has no file \(FolderMarker.name)")
        }
        guard status.permissions != 0o700 else { return }
        guard status.permissions & 0o077 == 0 || entries.subtracting(["lost+found"]).isEmpty else {
            throw .notOurs(
                reason: "the data folder \(path) is open to its group or to others; chmod 700 it once you know that "
                    + "nobody else has been in it")
        }
        guard fchmod(directory.number, 0o700) == 0 else {
            throw .notWritten(reason: "the data folder \(path) could not be made private: \(systemReason())")
        }
    }

    private static func list(_ path: String) throws(StorageError) -> Set<String> {
        do { return Set(try FileManager.default.contentsOfDirectory(atPath: path)) } catch {
            throw .notOurs(reason: "the data folder \(path) cannot be listed")
        }
    }

    private static func takeLock(in directory: borrowing Descriptor) throws(StorageError) -> Descriptor {
        guard let lock = directory.file(lockName, O_RDWR | O_CREAT) else {
            throw .notWritten(reason: "the lock of the data folder could not be opened: \(systemReason())")
        }
        guard keyturn_lock_exclusively(lock.number) == 0 else {
            guard errno == EWOULDBLOCK else { throw .notWritten(reason: "the lock failed: \(systemReason())") }
            throw .inUse
        }
        // Somebody may have put another file in its place between the two calls.
        guard let held = lock.status(), let named = directory.status(of: lockName), held.isRegularFile,
            held.st_dev == named.st_dev, held.st_ino == named.st_ino
        else { throw .inUse }
        _ = fchmod(lock.number, 0o600)
        return lock
    }

    /// Reads the marker, or writes it where the folder is new. Called with the lock held.
    private static func markIfNew(_ directory: borrowing Descriptor, _ path: String) throws(StorageError) {
        if directory.status(of: FolderMarker.name) != nil {
            guard let file = directory.file(FolderMarker.name, O_RDONLY), let status = file.status(),
                status.isRegularFile, status.belongsToUs, let bytes = file.read(FolderMarker.sizeLimit, at: 0)
            else { throw .notOurs(reason: "the file \(FolderMarker.name) in \(path) cannot be read") }
            return try FolderMarker.check(String(decoding: bytes, as: UTF8.self))
        }
        guard innocent.isSuperset(of: try list(path)) else {
            throw .notOurs(reason: "the folder \(path) is not empty and has no file \(FolderMarker.name)")
        }
        guard let draft = directory.file(FolderMarker.draftName, O_WRONLY | O_CREAT | O_TRUNC),
            fchmod(draft.number, 0o600) == 0, draft.write(Array(FolderMarker.text.utf8)),
            unsafe renameat(directory.number, FolderMarker.draftName, directory.number, FolderMarker.name) == 0,
            fsync(directory.number) == 0
        else { throw .notWritten(reason: "the data folder \(path) could not be marked: \(systemReason())") }
    }
}
