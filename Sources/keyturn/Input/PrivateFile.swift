internal import Glibc
internal import SecretMemory
internal import VaultAPI

/// Files that are for this user alone.
enum PrivateFile {
    /// Why a file is not taken.
    enum Fault: Error, Equatable {
        case missing
        /// Not a file, not this user's, or open to others.
        case notPrivate
        case unreadable(CInt)
    }

    /// Writes a file of mode 0600 at `path`, whole or not at all: whoever reads it finds the contents from before or these.
    ///
    /// - Parameter isDurable: whether it is on the disk when this returns.
    /// - Throws: a failure that names the path and the system's reason.
    static func write(_ bytes: RawSpan, to path: String, isDurable: Bool) throws(Failure) {
        let beside = temporary(beside: path)
        let file = unsafe open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path, errno) }
        var reason: CInt = 0
        if fchmod(file, 0o600) != 0 || !writeAll(bytes, to: file) || isDurable && fsync(file) != 0 { reason = errno }
        close(file)
        if reason == 0, unsafe rename(beside, path) != 0 { reason = errno }
        guard reason == 0 else {
            _ = unsafe unlink(beside)
            throw failure(path, reason)
        }
        if isDurable { sync(folder: AbsolutePath.folder(of: path)) }
    }

    /// Reads a file that belongs to this user or to root, and that neither the group may write nor others read or write.
    static func read(_ path: String, limit: Int) throws(Fault) -> WipedBytes {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw errno == ENOENT ? .missing : .unreadable(errno) }
        defer { close(file) }
        var state = stat()
        guard unsafe fstat(file, &state) == 0 else { throw .unreadable(errno) }
        guard state.st_mode & S_IFMT == S_IFREG, state.st_uid == geteuid() || state.st_uid == 0,
            state.st_mode & 0o027 == 0
        else { throw .notPrivate }
        do {
            return try SecretFile.read(file, named: path, limit: limit)
        } catch {
            throw .unreadable(EIO)
        }
    }

    /// Whether others may put files into a folder: it is neither this user's nor root's, or group or others may write to it.
    ///
    /// - Throws: a failure where there is no such folder.
    static func isOpenToOthers(folder: String) throws(Failure) -> Bool {
        var state = stat()
        guard unsafe stat(folder, &state) == 0 else { throw failure(folder, errno) }
        guard state.st_mode & S_IFMT == S_IFDIR else { throw failure(folder, ENOTDIR) }
        return (state.st_uid != geteuid() && state.st_uid != 0) || state.st_mode & 0o022 != 0
    }

    static func remove(_ path: String) { _ = unsafe unlink(path) }

    static func failure(_ path: String, _ number: CInt) -> Failure {
        Failure(.failed, "\(path): \(unsafe String(cString: strerror(number)))")
    }

    private static func temporary(beside path: String) -> String {
        let digits = SystemRandom().bytes(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let folder = AbsolutePath.folder(of: path)
        return (folder.hasSuffix("/") ? folder : folder + "/") + ".keyturn-\(digits)"
    }

    private static func writeAll(_ bytes: RawSpan, to file: CInt) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                let piece = unsafe UnsafeRawBufferPointer(rebasing: rest)
                let count = unsafe Glibc.write(file, piece.baseAddress, piece.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                unsafe rest = unsafe rest.dropFirst(count)
            }
            return true
        }
    }

    private static func sync(folder: String) {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }
}
