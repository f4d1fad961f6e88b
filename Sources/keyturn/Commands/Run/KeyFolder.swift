internal import CProcess
internal import Glibc
internal import VaultAPI

/// A folder for the files of one run, of mode 0700. It is locked for as long as the process lives that made it, so that
/// what a killed one has left is told from what is in use.
struct KeyFolder: Sendable {
    private static let prefix = "keyturn-files-"
    /// How often to begin anew where somebody clears a folder away before it is locked.
    private static let attempts = 8

    let path: String
    private let descriptor: CInt

    /// Makes a folder and locks it.
    ///
    /// - Parameter place: the folder that it is to be in.
    /// - Returns: nil where it cannot be made there.
    init?(in place: String) {
        for _ in 0..<Self.attempts {
            var template = Array((place + "/" + Self.prefix + "XXXXXX").utf8CString)
            guard unsafe mkdtemp(&template) != nil else { return nil }
            let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let descriptor = unsafe open(made, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            // Whoever clears away takes the same lock first: once it is ours, the folder stays, or is gone already.
            if keyturn_lock_exclusively(descriptor) == 0, Self.isThere(descriptor) {
                path = made
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
        return nil
    }

    /// Removes the folder and what is in it, and lets it go.
    func remove() {
        Self.empty(descriptor)
        _ = unsafe rmdir(path)
        close(descriptor)
    }

    /// Removes from `place` what runs of this user have left that were killed: the folders that nobody holds.
    static func sweep(_ place: String) {
        let folder = unsafe open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        defer { close(folder) }
        for name in names(in: folder) where name.hasPrefix(prefix) {
            let found = unsafe openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard found >= 0 else { continue }
            defer { close(found) }
            var state = stat()
            guard unsafe fstat(found, &state) == 0, state.st_uid == geteuid(), state.st_mode & 0o077 == 0,
                keyturn_lock_exclusively(found) == 0
            else { continue }
            empty(found)
            _ = unsafe unlinkat(folder, name, AT_REMOVEDIR)
        }
    }

    private static func isThere(_ descriptor: CInt) -> Bool {
        var state = stat()
        return unsafe fstat(descriptor, &state) == 0 && state.st_nlink > 0
    }

    private static func empty(_ folder: CInt) {
        for name in names(in: folder) { _ = unsafe unlinkat(folder, name, 0) }
    }

    private static func names(in folder: CInt) -> [String] {
        let copy = unsafe openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return [] }
        guard let stream = unsafe fdopendir(copy) else {
            close(copy)
            return []
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
