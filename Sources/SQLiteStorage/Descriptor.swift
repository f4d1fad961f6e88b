internal import Glibc
internal import Storage

/// A file descriptor of our own, closed when it goes and never inherited by another program.
struct Descriptor: ~Copyable, Sendable {
    let number: CInt

    private init(owning number: CInt) { self.number = number }

    deinit { _ = Glibc.close(number) }

    /// Opens a folder; nil with `errno` set where that fails. A symbolic link in the last place is not followed.
    static func folder(at path: String) -> Descriptor? {
        let number = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        return number < 0 ? nil : Descriptor(owning: number)
    }

    /// Opens the file `name` in this folder; nil with `errno` set where that fails. Created with mode 0600.
    borrowing func file(_ name: String, _ flags: CInt) -> Descriptor? {
        let number = unsafe Glibc.openat(self.number, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
        return number < 0 ? nil : Descriptor(owning: number)
    }

    /// What the system says of the open file; nil with `errno` set.
    borrowing func status() -> stat? {
        var status = stat()
        return unsafe fstat(number, &status) == 0 ? status : nil
    }

    /// What the system says of `name` in this folder, links not followed; nil where there is nothing of that name.
    borrowing func status(of name: String) -> stat? {
        var status = stat()
        return unsafe fstatat(number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    /// Up to `count` bytes from `offset`; fewer at the end of the file. Nil with `errno` set.
    borrowing func read(_ count: Int, at offset: Int) -> [UInt8]? {
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = unsafe pread(
                    number, buffer.baseAddress?.advanced(by: filled), count - filled, offset + filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failed = true }
                if got <= 0 { return }
                filled += got
            }
        }
        return failed ? nil : bytes
    }

    /// Writes all of `bytes` and syncs them; false with `errno` set.
    borrowing func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let put = unsafe rest.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
            if put < 0, errno == EINTR { continue }
            guard put > 0 else { return false }
            rest = rest.dropFirst(put)
        }
        return fsync(number) == 0
    }
}

extension stat {
    var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
    var permissions: mode_t { st_mode & 0o7777 }
    var belongsToUs: Bool { st_uid == geteuid() }
}

/// The system's words for an error number.
func systemReason(_ code: CInt = errno) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
