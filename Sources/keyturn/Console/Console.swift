internal import Glibc
internal import VaultAPI

/// Standard output, for what was asked for alone, and standard error, for everything else.
enum Console {
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
    static var inputIsTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// A line on standard output. What comes from outside goes through ``Inert`` before it.
    static func out(_ line: String) throws(Failure) {
        let text = line + "\n"
        unsafe try out(bytes: text.utf8Span.span.bytes)
    }

    /// Bytes on standard output, as they are.
    static func out(bytes: RawSpan) throws(Failure) {
        guard write(bytes, to: STDOUT_FILENO) else {
            throw Failure(.failed, "standard output cannot be written to")
        }
    }

    /// A reply as JSON: indented at a terminal, in one line elsewhere.
    static func json(_ value: some Encodable) throws(Failure) {
        guard let bytes = try? outputIsTerminal ? WireJSON.encodeForReading(value) : WireJSON.encode(value) else {
            throw Failure(.failed, "the reply holds bytes that JSON cannot show")
        }
        try out(Inert.json(String(decoding: bytes, as: UTF8.self)))
    }

    /// A line on standard error.
    static func note(_ line: String) {
        let text = Inert.lines(line) + "\n"
        _ = unsafe write(text.utf8Span.span.bytes, to: STDERR_FILENO)
    }

    /// A line on standard error where somebody watches.
    static func progress(_ line: String) {
        if errorIsTerminal { note(line) }
    }

    private static func write(_ bytes: RawSpan, to descriptor: CInt) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                let piece = unsafe UnsafeRawBufferPointer(rebasing: rest)
                let count = unsafe Glibc.write(descriptor, piece.baseAddress, piece.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                unsafe rest = unsafe rest.dropFirst(count)
            }
            return true
        }
    }
}
