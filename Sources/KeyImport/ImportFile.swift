package import SecretMemory

/// What a file of API keys holds, read but not yet given paths.
package struct ImportFile: Sendable {
    /// The largest file that is read, in bytes.
    package static let maximumBytes = 4 << 20
    /// The most names in one file.
    package static let maximumEntries = 10_000

    /// The names with their values, in the order of the file; no name twice.
    package let entries: [ImportEntry]
    /// What the person who imports should know about single lines.
    package let notes: [ImportNote]

    /// Reads a file in either form: JSON where the first character that is no space is `{`, `[` or `"`, with which no
    /// line of a `.env` file begins, and `.env` otherwise.
    ///
    /// - Throws: ``ImportError``, with the line and column of the first mistake; nothing is imported then.
    package static func read(_ source: WipedBytes) throws(ImportError) -> ImportFile {
        looksLikeJSON(source) ? try readJSON(source) : try readEnv(source)
    }

    /// Reads a `.env` file; see ``EnvReader`` for the form.
    package static func readEnv(_ source: WipedBytes) throws(ImportError) -> ImportFile {
        try check(source)
        var reader = EnvReader(source)
        return try reader.read()
    }

    /// Reads a JSON file; see ``JSONReader`` for the form.
    package static func readJSON(_ source: WipedBytes) throws(ImportError) -> ImportFile {
        try check(source)
        var reader = JSONReader(source)
        return try reader.read()
    }

    private static func check(_ source: WipedBytes) throws(ImportError) {
        guard source.count <= maximumBytes else { throw ImportError(line: 1, column: 1, problem: .tooLarge) }
        if let position = UTF8Check.firstMistake(in: source) {
            throw ImportError(line: position.line, column: position.column, problem: .notUTF8)
        }
    }

    private static func looksLikeJSON(_ source: WipedBytes) -> Bool {
        var cursor = Cursor(source)
        while let byte = cursor.peek() {
            switch byte {
            case Ascii.space, Ascii.tab, Ascii.lineFeed, Ascii.carriageReturn: cursor.advance()
            case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""): return true
            default: return false
            }
        }
        return false
    }
}

/// One name of the file, with what belongs to it.
package struct ImportEntry: Sendable {
    /// The name as it is written: a variable's name, or in JSON perhaps several segments joined by `/`.
    package let name: String
    /// The lines that it stands on, counted from 1.
    package let lines: ClosedRange<Int>
    /// At least one; a `.env` file gives each name the field `value` alone.
    package let fields: [ImportField]
}

/// One field of a key that is to be.
package struct ImportField: Sendable {
    /// The field that a bare value becomes.
    package static let mainName = "value"

    package let name: String
    package let value: WipedBytes
}

/// Something about an entry that may surprise whoever wrote it. The value is not in it.
package struct ImportNote: Sendable, Equatable, CustomStringConvertible {
    /// What may surprise.
    package enum Kind: Sendable, Hashable, CaseIterable {
        /// There is a `$NAME`, `${NAME}` or `$(command)` outside single quotes, and it stays as it is.
        case dollarKept
        /// There is a backslash in double quotes before a character that is not escaped by one; both stay.
        case backslashKept
        /// Line ends inside the quotes were CR LF and have become LF.
        case lineEndsChanged
    }

    package let name: String
    package let line: Int
    package let kind: Kind

    package var description: String {
        switch kind {
        case .dollarKept: "line \(line): \(name) holds a `$`, which is kept as it stands: nothing is expanded"
        case .backslashKept:
            "line \(line): \(name) holds a backslash that escapes nothing, and both characters are kept"
        case .lineEndsChanged: "line \(line): \(name) had CR LF line ends inside its quotes; they are LF now"
        }
    }
}
