internal import Glibc
internal import SecretMemory
internal import VaultAPI

/// Reads a file that may hold secrets, into memory that is wiped.
enum SecretFile {
    /// The contents of the file at `path`, or of standard input where it is `-`.
    ///
    /// - Parameters:
    ///   - name: the option that named the file; messages use it and not the path.
    ///   - limit: the most bytes that are taken.
    /// - Throws: a usage failure where the file cannot be read or is longer.
    static func read(_ path: String, named name: String, limit: Int) throws(Failure) -> WipedBytes {
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(name, errno) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        return try read(descriptor, named: name, limit: limit)
    }

    /// The same of a file that is open.
    static func read(_ descriptor: CInt, named name: String, limit: Int) throws(Failure) -> WipedBytes {
        var length = 0
        let space: WipedBytes = try WipedBytes(count: limit + 1) { (span: inout MutableRawSpan) throws(Failure) in
            length = try fill(&span, from: descriptor, name)
        }
        guard length <= limit else { throw .usage("\(name): more than \(limit) bytes") }
        return space.withBytes { WipedBytes(copying: $0.extracting(first: length)) }
    }

    private static func fill(_ span: inout MutableRawSpan, from descriptor: CInt, _ name: String) throws(Failure) -> Int
    {
        var length = 0
        var error: CInt = 0
        unsafe span.withUnsafeMutableBytes { buffer in
            while length < buffer.count {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[length...])
                let count = unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0 { error = errno }
                guard count > 0 else { return }
                length += count
            }
        }
        guard error == 0 else { throw unreadable(name, error) }
        return length
    }

    private static func unreadable(_ name: String, _ number: CInt) -> Failure {
        .usage("\(name): cannot be read: \(unsafe String(cString: strerror(number)))")
    }
}

extension WipedBytes {
    /// The same without one line end at its end: LF, or CR LF.
    func withoutFinalNewline() -> WipedBytes {
        withBytes { span in
            var length = span.byteCount
            if length > 0, span.byte(length - 1) == 0x0A {
                length -= 1
                if length > 0, span.byte(length - 1) == 0x0D { length -= 1 }
            }
            return WipedBytes(copying: span.extracting(first: length))
        }
    }
}

extension RawSpan {
    func byte(_ index: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self) }
}
