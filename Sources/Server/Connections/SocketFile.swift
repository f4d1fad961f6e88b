internal import Glibc
internal import NIOCore
internal import Synchronization

/// A local socket's file, from before it is there until after it is gone.
///
/// The socket is bound inside a folder that only we can enter, gets its mode there, and is then renamed to where clients
/// look for it: at no moment can anybody open it who is not meant to, whatever the umask. A file that is there already is
/// replaced only if it is a socket on which nobody listens.
final class SocketFile: Sendable {
    /// The longest path that fits into an address (unix(7)), what comes before the rename included.
    private static let longest = 103
    private static let nameInside = "s"

    let path: String
    private let mode: UInt32
    private let setting: String
    private let folder: String
    private let state = Mutex(State())

    private struct State {
        var privateFolder: String?
        /// The file that was published, to be known again.
        var published: (device: UInt, inode: UInt)?
    }

    /// - Throws: ``ServerSettingError`` where no socket can be at `path`.
    init(path: String, mode: UInt32, setting: String) throws(ServerSettingError) {
        self.path = path
        self.mode = mode
        self.setting = setting
        guard !path.isEmpty, !path.utf8.contains(0), !path.hasSuffix("/") else {
            throw ServerSettingError(setting, "a path for a socket is wanted")
        }
        folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let room = Self.longest - "/.k12345678/s".utf8.count
        guard path.utf8.count <= Self.longest, folder.utf8.count <= room else {
            throw ServerSettingError(
                setting,
                "a socket at \(path) would not fit into an address; use a folder whose path has at most \(room) bytes")
        }
    }

    /// Looks whether the place is free, and makes the private folder.
    ///
    /// - Returns: where to bind.
    /// - Throws: ``ServerSettingError``: somebody listens there, or there is something else.
    func prepare() throws(ServerSettingError) -> String {
        try checkPlace()
        let name = folder + "/.k" + String(UInt32.random(in: .min ... .max) | 1 << 31, radix: 16)
        guard unsafe mkdir(name, 0o700) == 0 else {
            throw ServerSettingError(setting, "no socket can be made in \(folder) (\(Self.reason()))")
        }
        state.withLock { $0.privateFolder = name }
        return name + "/" + Self.nameInside
    }

    /// Shows the bound socket to its clients.
    func publish() throws(ServerSettingError) {
        guard let inside = state.withLock({ $0.privateFolder }) else { return }
        let bound = inside + "/" + Self.nameInside
        guard unsafe chmod(bound, mode) == 0, let file = Self.status(bound) else {
            throw ServerSettingError(setting, "the socket's mode could not be set (\(Self.reason()))")
        }
        try checkPlace()
        guard unsafe rename(bound, path) == 0 else {
            throw ServerSettingError(setting, "no socket can be put at \(path) (\(Self.reason()))")
        }
        state.withLock { $0.published = (UInt(file.st_dev), UInt(file.st_ino)) }
        removePrivateFolder()
    }

    /// Removes what is ours and still there.
    func remove() {
        removePrivateFolder()
        guard let published = state.withLock({ $0.published.take() }), let file = Self.status(path),
            UInt(file.st_dev) == published.device, UInt(file.st_ino) == published.inode
        else { return }
        _ = unsafe unlink(path)
    }

    private func removePrivateFolder() {
        guard let inside = state.withLock({ $0.privateFolder.take() }) else { return }
        _ = unsafe unlink(inside + "/" + Self.nameInside)
        _ = unsafe rmdir(inside)
    }

    // MARK: What is there

    private func checkPlace() throws(ServerSettingError) {
        guard let parent = Self.status(folder, following: true), parent.st_mode & S_IFMT == S_IFDIR else {
            throw ServerSettingError(setting, "\(folder) is no folder that can be entered")
        }
        guard let file = Self.status(path) else { return }
        guard file.st_mode & S_IFMT == S_IFSOCK else {
            throw ServerSettingError(setting, "there is something at \(path) that is no socket; it was left alone")
        }
        guard !Self.isServed(path) else {
            throw ServerSettingError(setting, "another server listens on \(path)")
        }
    }

    /// Whether somebody listens on a socket, or may: only a plain refusal says that nobody does.
    private static func isServed(_ path: String) -> Bool {
        guard let address = try? SocketAddress(unixDomainSocketPath: path) else { return true }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { _ = close(descriptor) }
        let connected = unsafe address.withSockAddr { pointer, size in
            unsafe connect(descriptor, pointer, socklen_t(size))
        }
        return connected == 0 || errno != ECONNREFUSED
    }

    private static func status(_ path: String, following: Bool = false) -> stat? {
        var found = stat()
        let outcome = following ? unsafe stat(path, &found) : unsafe lstat(path, &found)
        return outcome == 0 ? found : nil
    }

    /// Whether `path` lies in `folder`, links resolved.
    static func isInside(folder: String, _ path: String) -> Bool {
        guard let outer = resolved(folder) else { return false }
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let inner = resolved(parent) else { return false }
        return inner == outer || inner.hasPrefix(outer == "/" ? "/" : outer + "/")
    }

    private static func resolved(_ path: String) -> String? {
        guard let text = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(text) }
        return unsafe String(validatingCString: text)
    }

    private static func reason() -> String {
        unsafe strerror(errno).flatMap { unsafe String(validatingCString: $0) } ?? "error \(errno)"
    }
}
