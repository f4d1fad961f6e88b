internal import CProcess
internal import Glibc

/// A folder of the real file system, reached by its absolute path, so that one that was moved away is noticed.
final class SystemLogFolder: LogFolder {
    private let path: String
    private let descriptor: Int32
    private let isLocked: Bool

    /// Opens the folder at `path`, which exists.
    ///
    /// - Parameter owned: whether it must be the log's own: owned by this user, mode 0700, and locked by nobody
    ///   else. It is made if missing, and stays locked until this object goes.
    init(_ path: String, owned: Bool) throws(FolderFault) {
        if owned { try Self.make(path) }
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(FileFault(code: errno)) }
        guard let absolute = Self.absolutePath(path) else {
            let code = errno
            Glibc.close(descriptor)
            throw .file(FileFault(code: code))
        }
        self.path = absolute
        self.descriptor = descriptor
        isLocked = owned
        if owned { try claim() }
    }

    deinit {
        // A process that is being started right now shares the descriptor, and would keep the lock for a moment.
        if isLocked { _ = flock(descriptor, LOCK_UN) }
        Glibc.close(descriptor)
    }

    private static func make(_ path: String) throws(FolderFault) {
        guard unsafe mkdir(path, 0o700) == 0 else {
            guard errno == EEXIST else { throw .file(FileFault(code: errno)) }
            return
        }
        guard unsafe chmod(path, 0o700) == 0 else { throw .file(FileFault(code: errno)) }
    }

    private static func absolutePath(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    private func claim() throws(FolderFault) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .file(FileFault(code: errno)) }
        guard status.st_uid == geteuid(), status.st_mode & 0o7777 == 0o700 else { throw .unsafe }
        guard keyturn_lock_exclusively(descriptor) == 0 else {
            throw errno == EWOULDBLOCK ? .inUse : .file(FileFault(code: errno))
        }
    }

    func names() throws(FileFault) -> [String] {
        guard let listing = unsafe opendir(path) else { throw FileFault(code: errno) }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        errno = 0
        // The record ends with the name: only as much of it as the name needs is there to be read.
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        while let entry = unsafe readdir(listing) {
            let start = unsafe UnsafeRawPointer(entry).advanced(by: offset)
            let name = unsafe String(cString: start.assumingMemoryBound(to: CChar.self))
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw FileFault(code: errno) }
        return names
    }

    func open(_ name: String, _ access: LogAccess) throws(FileFault) -> any LogFile {
        // O_NONBLOCK: opening a FIFO that was put in the place of a file must not wait for its other end.
        var flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        switch access {
        case .reading: flags |= O_RDONLY
        case .appending: flags |= O_RDWR | O_APPEND
        case .creating: flags |= O_RDWR | O_APPEND | O_CREAT | O_EXCL
        }
        let opened = unsafe Glibc.openat(descriptor, name, flags, 0o600)
        guard opened >= 0 else { throw FileFault(code: errno) }
        let file = SystemLogFile(descriptor: opened)
        guard try file.facts().isRegular else { throw FileFault(code: EFTYPE) }
        if access != .reading, fchmod(opened, 0o600) != 0 { throw FileFault(code: errno) }
        return file
    }

    func facts(_ name: String) throws(FileFault) -> FileFacts? {
        var status = stat()
        guard unsafe lstat("\(path)/\(name)", &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileFault(code: errno)
        }
        return FileFacts(status)
    }

    func remove(_ name: String) throws(FileFault) {
        guard unsafe unlinkat(descriptor, name, 0) == 0 else { throw FileFault(code: errno) }
    }

    /// Puts `bytes` at `name` in the folder at `path`, all of them or none: whoever reads finds the old or the new.
    static func replace(in path: String, file name: String, with bytes: [UInt8]) throws(FileFault) {
        let temporary = "\(path)/.\(name).new"
        let opened = unsafe Glibc.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else { throw FileFault(code: errno) }
        do throws(FileFault) {
            let file = SystemLogFile(descriptor: opened)
            var done = 0
            while done < bytes.count { done += try file.write(bytes, from: done) }
            try file.sync()
            guard unsafe rename(temporary, "\(path)/\(name)") == 0 else { throw FileFault(code: errno) }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
    }

    func sync() throws(FileFault) {
        guard fsync(descriptor) == 0 else { throw FileFault(code: errno) }
    }
}

/// Not a regular file. The C library has no such number, so one that it does not use stands in.
let EFTYPE: Int32 = 10_001

/// Why a folder could not be opened.
enum FolderFault: Error, Equatable {
    case file(FileFault)
    case unsafe
    case inUse
}

extension FileFacts {
    init(_ status: stat) {
        self.init(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            isRegular: status.st_mode & S_IFMT == S_IFREG,
            changed: Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec))
    }
}
