internal import Glibc
internal import SecretMemory
internal import VaultAPI

/// The file that an access key is written to: of mode 0600, whole or not at all, and on the disk when that is said.
enum NewKeyFile {
    /// Whether a file can be made where `path` says.
    ///
    /// - Throws: a usage failure that names the option.
    static func check(_ path: String) throws(Failure) {
        guard unsafe access(folder(of: path), W_OK | X_OK) == 0 else {
            throw .usage("--key-file: no file can be made there: \(unsafe String(cString: strerror(errno)))")
        }
        var state = stat()
        if unsafe lstat(path, &state) == 0, state.st_mode & S_IFMT != S_IFREG {
            throw .usage("--key-file: there is something there that is no file")
        }
    }

    /// Puts `key` and a line end into the file, in the place of what is there.
    static func write(_ key: WipedBytes, to path: String) throws(Failure) {
        let beside = folder(of: path) + "/.keyturn-\(UInt64.random(in: .min ... .max))"
        let file = unsafe open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(errno) }
        var reason: CInt = 0
        let isWritten = writeAll(key, to: file) && writeAll(WipedBytes(utf8: "\n"), to: file)
        if !isWritten || fsync(file) != 0 { reason = errno }
        close(file)
        if reason == 0, unsafe rename(beside, path) != 0 { reason = errno }
        guard reason == 0 else {
            _ = unsafe unlink(beside)
            throw failure(reason)
        }
        let folder = unsafe open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        _ = fsync(folder)
        close(folder)
    }

    private static func failure(_ number: CInt) -> Failure {
        Failure(.failed, "--key-file: it was not written: \(unsafe String(cString: strerror(number)))")
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func writeAll(_ bytes: WipedBytes, to file: CInt) -> Bool {
        bytes.withBytes { span in
            unsafe span.withUnsafeBytes { buffer in
                var done = 0
                while done < buffer.count {
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                    let count = unsafe Glibc.write(file, rest.baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return false }
                    done += count
                }
                return true
            }
        }
    }
}
