internal import Glibc
internal import SecretMemory
internal import VaultAPI

/// The terminal that somebody sits at, whatever standard input and output are.
struct Terminal: ~Copyable {
    private let descriptor: CInt

    /// - Returns: nil where the process has no terminal.
    init?() {
        descriptor = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// The terminal, or a failure that names what to give instead.
    static func required(orGive alternative: String) throws(Failure) -> Terminal {
        guard let terminal = Terminal() else { throw .usage("there is no terminal to ask at", hint: alternative) }
        return terminal
    }

    borrowing func show(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe write(descriptor, bytes, bytes.count)
    }

    /// Asks and reads a line that is seen as it is typed.
    borrowing func ask(_ question: String) throws(Failure) -> String {
        show(question)
        var line: [UInt8] = []
        while let byte = nextByte(), byte != 0x0A {
            guard line.count < 4096 else { break }
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Whether the answer is `y` or `yes`.
    borrowing func confirms(_ question: String) throws(Failure) -> Bool {
        ["y", "yes"].contains(try ask(question + " [y/N] ").lowercased())
    }

    /// Asks and reads a line that is not shown.
    ///
    /// - Throws: a failure for an empty line, one of more than 4,096 bytes, and when Ctrl-C was pressed.
    borrowing func askSecret(_ question: String) throws(Failure) -> SecretBytes {
        guard let quiet = QuietTerminal(descriptor) else {
            throw Failure(.failed, "the terminal cannot be told not to show what is typed")
        }
        show(question)
        var line = LineEditor(limit: 4096)
        defer { line.removeAll() }
        var step = LineEditor.Step.more
        while step == .more {
            guard let byte = nextByte() else {
                step = .cancelled
                break
            }
            step = line.take(byte)
        }
        quiet.restore()
        show("\n")
        switch step {
        case .cancelled: throw Failure(.failed, "nothing was entered; stopped")
        case .tooLong: throw Failure(.usage, "a line may have 4,096 bytes")
        case .done, .more: break
        }
        guard !line.bytes.isEmpty else { throw Failure(.usage, "nothing was entered") }
        do {
            return unsafe try SecretBytes(copying: line.bytes.span.bytes)
        } catch {
            throw Failure(.failed, "\(error)")
        }
    }

    private borrowing func nextByte() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            return count == 1 ? byte : nil
        }
    }
}
