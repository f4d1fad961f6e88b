internal import Glibc

/// A file or folder that is open for reading, closed when it goes.
struct OpenFile: ~Copyable {
    private let descriptor: Int32

    /// Opens a folder without following a symbolic link in the last place.
    init(path: String) throws(PolicyFolderError) {
        descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor < 0 else { return }
        let number = errno
        // Linux answers ENOTDIR for a link too, so that a link must be looked for.
        var information = stat()
        if unsafe lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFLNK {
            throw PolicyFolderError(file: nil, reason: .symbolicLink)
        }
        throw PolicyFolderError(file: nil, reason: number == ENOTDIR ? .notAFolder : .system(number))
    }

    /// Opens the file `name` of `folder`, which may be no symbolic link. Does not wait for a pipe's other end.
    init(name: String, in folder: borrowing OpenFile) throws(PolicyFolderError) {
        descriptor = unsafe openat(folder.descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor < 0 else { return }
        let number = errno
        switch number {
        case ELOOP: throw PolicyFolderError(file: name, reason: .symbolicLink)
        case ENXIO: throw PolicyFolderError(file: name, reason: .notAFile)
        default: throw PolicyFolderError(file: name, reason: .system(number))
        }
    }

    deinit { if descriptor >= 0 { _ = close(descriptor) } }

    /// Refuses what is of the wrong kind or may be written by the group or by others.
    borrowing func check(isFolder: Bool, name: String?) throws(PolicyFolderError) {
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0 else {
            throw PolicyFolderError(file: name, reason: .system(errno))
        }
        guard information.st_mode & S_IFMT == (isFolder ? S_IFDIR : S_IFREG) else {
            throw PolicyFolderError(file: name, reason: isFolder ? .notAFolder : .notAFile)
        }
        guard information.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw PolicyFolderError(file: name, reason: .writableToOthers(isFolder: isFolder))
        }
    }

    /// The names in this folder, in no order. Bytes that are not UTF-8 are replaced.
    borrowing func names() throws(PolicyFolderError) -> [String] {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw PolicyFolderError(file: nil, reason: .system(errno)) }
        guard let stream = unsafe fdopendir(copy) else {
            let number = errno
            _ = close(copy)
            throw PolicyFolderError(file: nil, reason: .system(number))
        }
        defer { _ = unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        guard errno == 0 else { throw PolicyFolderError(file: nil, reason: .system(errno)) }
        return names
    }

    /// All bytes of the file, at most `most`.
    borrowing func read(most: Int, name: String) throws(PolicyFolderError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw PolicyFolderError(file: name, reason: .system(errno))
            }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= most else { throw PolicyFolderError(file: name, reason: .fileTooLarge) }
        }
    }
}
