internal import SecretMemory

/// Reads a `.env` file.
///
/// There is no standard; this is the part on which shells and the common libraries agree, and where they differ the
/// reading that changes no value. Every line is empty, a comment, or `NAME=value`, perhaps after `export`; blanks
/// (space, tab) around the name and the `=` do not count. A file may begin with a byte order mark and end its lines
/// with LF or CR LF.
///
/// - An unquoted value is everything up to the end of the line, or to a `#` with a blank before it, without the blanks
///   at either end. Backslashes, quotes inside it, `=` and `#` after anything but a blank are themselves.
/// - In single quotes everything is itself, line ends included, up to the next single quote.
/// - In double quotes `\n \r \t \\ \" \$` are escapes; before anything else a backslash is itself, which is noted.
/// - Nothing is expanded: a `$` is itself, which is noted outside single quotes.
///
/// python-dotenv 1.2 gives the same values but for these. It expands `${NAME}`, in single quotes too; here it stays.
/// `A= # text` is `# text` there and empty here, as in a shell. In single quotes it reads `\'` and `\\` as escapes and
/// in double quotes also `\' \a \b \f \v`, but not `\$`. It takes the last of two lines for one name; here that is an
/// error. It skips, with a warning, a line that it cannot read, takes a name without `=`, quoted names and names of
/// other characters; here each is an error, since an import does everything or nothing. `"x"#text` is `x` there and an
/// error here, because a shell reads something else. It ends lines at a lone CR, which is an error here; keeps a
/// byte order mark as part of the first name; and strips every Unicode space from unquoted values, where here only
/// blanks go.
struct EnvReader {
    private var cursor: Cursor
    private var entries: [ImportEntry] = []
    private var notes: [ImportNote] = []
    private var lineOfName: [String: Int] = [:]

    init(_ source: WipedBytes) { cursor = Cursor(source) }

    mutating func read() throws(ImportError) -> ImportFile {
        while !cursor.isAtEnd { try readLine() }
        return ImportFile(entries: entries, notes: notes)
    }

    private mutating func readLine() throws(ImportError) {
        cursor.skipBlanks()
        if try endLine() { return }
        let start = cursor
        let name = try readName()
        if let first = lineOfName[name] { throw start.error(.duplicateName(name, firstLine: first)) }
        guard entries.count < ImportFile.maximumEntries else { throw start.error(.tooManyEntries) }
        lineOfName[name] = start.line
        cursor.skipBlanks()
        guard cursor.peek() == UInt8(ascii: "=") else { throw cursor.error(.equalsExpected) }
        cursor.advance()
        cursor.skipBlanks()
        var kinds: Set<ImportNote.Kind> = []
        let value: WipedBytes
        switch cursor.peek() {
        case UInt8(ascii: "'"), Ascii.doubleQuote: value = try readQuoted(&kinds)
        default: value = try readUnquoted(&kinds)
        }
        let field = ImportField(name: ImportField.mainName, value: value)
        entries.append(ImportEntry(name: name, lines: start.line...cursor.line, fields: [field]))
        for kind in ImportNote.Kind.allCases where kinds.contains(kind) {
            notes.append(ImportNote(name: name, line: start.line, kind: kind))
        }
        guard try endLine() else { throw cursor.error(.textAfterQuote(openedOnLine: start.line)) }
    }

    /// Steps over a comment and the end of the line, if nothing else is left of it.
    ///
    /// A comment begins at the start of the line or after a blank.
    private mutating func endLine() throws(ImportError) -> Bool {
        if cursor.peek() == UInt8(ascii: "#") {
            while let byte = cursor.peek(), byte != Ascii.lineFeed, byte != Ascii.carriageReturn { cursor.advance() }
        }
        switch cursor.peek() {
        case nil: return true
        case Ascii.lineFeed:
            cursor.advance()
            return true
        case Ascii.carriageReturn:
            guard cursor.peek(1) == Ascii.lineFeed else { throw cursor.error(.loneCarriageReturn) }
            cursor.advance(by: 2)
            return true
        default: return false
        }
    }

    /// A name, with `export` before it stepped over; `export` alone is a name like any other.
    private mutating func readName() throws(ImportError) -> String {
        let name = try readWord()
        guard name == "export" else { return name }
        let afterExport = cursor
        cursor.skipBlanks()
        if cursor.offset > afterExport.offset, let next = cursor.peek(), NameGrammar.beginsVariable(next) {
            return try readWord()
        }
        cursor = afterExport
        return name
    }

    private mutating func readWord() throws(ImportError) -> String {
        let start = cursor
        guard let first = cursor.peek(), NameGrammar.beginsVariable(first) else { throw cursor.error(.nameExpected) }
        while let byte = cursor.peek(), NameGrammar.continuesVariable(byte) { cursor.advance() }
        guard cursor.offset - start.offset <= NameGrammar.maximumLength else { throw start.error(.nameTooLong) }
        return cursor.name(from: start.offset)
    }
}

// MARK: - Values

extension EnvReader {
    /// Leaves the cursor at the comment or the end of the line.
    private mutating func readUnquoted(_ kinds: inout Set<ImportNote.Kind>) throws(ImportError) -> WipedBytes {
        let start = cursor.offset
        var end = start
        while let byte = cursor.peek() {
            if byte == Ascii.lineFeed || byte == Ascii.carriageReturn { break }
            if byte == UInt8(ascii: "#"), Ascii.isBlank(cursor.byte(at: cursor.offset - 1)) { break }
            if Ascii.isControl(byte), byte != Ascii.tab { throw cursor.error(.controlCharacter) }
            if isExpandable() { kinds.insert(.dollarKept) }
            cursor.advance()
            if !Ascii.isBlank(byte) { end = cursor.offset }
        }
        return cursor.source.withBytes { WipedBytes(copying: $0.extracting(start..<end)) }
    }

    /// Leaves the cursor after the closing quote, and after the blanks that a comment needs before it.
    private mutating func readQuoted(_ kinds: inout Set<ImportNote.Kind>) throws(ImportError) -> WipedBytes {
        let opening = cursor
        guard let quote = cursor.peek() else { throw cursor.error(.unterminatedQuote) }
        let scratch = ValueScratch(capacity: try lengthOfQuoted(quote))
        cursor.advance()
        while let byte = cursor.peek(), byte != quote {
            switch byte {
            case Ascii.backslash where quote == Ascii.doubleQuote:
                if let escaped = cursor.peek(1).flatMap(Self.escaped) {
                    cursor.advance()
                    scratch.append(escaped)
                } else {
                    kinds.insert(.backslashKept)
                    scratch.append(byte)
                }
            case Ascii.carriageReturn:
                guard cursor.peek(1) == Ascii.lineFeed else { throw cursor.error(.loneCarriageReturn) }
                kinds.insert(.lineEndsChanged)
            default:
                guard !Ascii.isControl(byte) || byte == Ascii.tab || byte == Ascii.lineFeed else {
                    throw cursor.error(.controlCharacter)
                }
                if quote == Ascii.doubleQuote, isExpandable() { kinds.insert(.dollarKept) }
                scratch.append(byte)
            }
            cursor.advance()
        }
        cursor.advance()
        if cursor.peek() == UInt8(ascii: "#") {
            throw cursor.error(.textAfterQuote(openedOnLine: opening.line))
        }
        let value = scratch.value()
        cursor.skipBlanks()
        return value
    }

    /// How many bytes stand between the quote here and the one that closes it.
    private func lengthOfQuoted(_ quote: UInt8) throws(ImportError) -> Int {
        var ahead = cursor
        ahead.advance()
        while let byte = ahead.peek(), byte != quote {
            let isEscape = quote == Ascii.doubleQuote && byte == Ascii.backslash
            ahead.advance(by: isEscape && ahead.peek(1).flatMap(Self.escaped) != nil ? 2 : 1)
        }
        guard !ahead.isAtEnd else { throw cursor.error(.unterminatedQuote) }
        return ahead.offset - cursor.offset - 1
    }

    /// What a backslash before `byte` stands for in double quotes, or nil where it escapes nothing.
    private static func escaped(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "n"): Ascii.lineFeed
        case UInt8(ascii: "r"): Ascii.carriageReturn
        case UInt8(ascii: "t"): Ascii.tab
        case Ascii.backslash, Ascii.doubleQuote, UInt8(ascii: "$"): byte
        default: nil
        }
    }

    /// Whether a shell would expand something here.
    private func isExpandable() -> Bool {
        guard cursor.peek() == UInt8(ascii: "$"), let next = cursor.peek(1) else { return false }
        return NameGrammar.beginsVariable(next) || next == UInt8(ascii: "{") || next == UInt8(ascii: "(")
    }
}
