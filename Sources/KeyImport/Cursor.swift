internal import SecretMemory

/// The bytes that the readers name more than once.
enum Ascii {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn: UInt8 = 13
    static let space = UInt8(ascii: " ")
    static let backslash = UInt8(ascii: "\\")
    static let doubleQuote = UInt8(ascii: "\"")

    static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7f }
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }
}

/// A place in a file that is being read, byte by byte, which knows its line.
struct Cursor {
    let source: WipedBytes
    private(set) var offset = 0
    private(set) var line = 1
    private var lineStart = 0

    /// Stands at the first byte after a byte order mark, if there is one.
    init(_ source: WipedBytes) {
        self.source = source
        if source.count >= 3, byte(at: 0) == 0xef, byte(at: 1) == 0xbb, byte(at: 2) == 0xbf {
            offset = 3
            lineStart = 3
        }
    }

    var isAtEnd: Bool { offset >= source.count }

    /// The byte `distance` places further on, or nil beyond the end.
    func peek(_ distance: Int = 0) -> UInt8? {
        offset + distance < source.count ? byte(at: offset + distance) : nil
    }

    func byte(at position: Int) -> UInt8 {
        source.withBytes { unsafe $0.unsafeLoad(fromByteOffset: position, as: UInt8.self) }
    }

    /// Steps over one byte.
    mutating func advance() {
        guard offset < source.count else { return }
        let stepped = byte(at: offset)
        offset += 1
        if stepped == Ascii.lineFeed {
            line += 1
            lineStart = offset
        }
    }

    mutating func advance(by count: Int) {
        for _ in 0..<count { advance() }
    }

    /// Steps over spaces and tabs.
    mutating func skipBlanks() {
        while let byte = peek(), Ascii.isBlank(byte) { advance() }
    }

    /// The bytes from `start` to here as text; for names, which have been checked to be ASCII.
    func name(from start: Int) -> String {
        String(decoding: (start..<offset).map { byte(at: $0) }, as: UTF8.self)
    }

    /// A mistake at this place.
    func error(_ problem: ImportProblem) -> ImportError {
        let column = (lineStart..<offset).count { byte(at: $0) & 0xc0 != 0x80 } + 1
        return ImportError(line: line, column: column, problem: problem)
    }
}
