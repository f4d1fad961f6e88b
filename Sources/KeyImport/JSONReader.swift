internal import SecretMemory

/// Reads a JSON file of keys (RFC 8259): one object, in which every name has a string, or an object of fields that
/// are strings.
///
/// ```json
/// {"stripe": "sk_live_…", "aws": {"id": "AKIA…", "secret": "…"}}
/// ```
///
/// Strict: no comments, no comma before a brace, nothing after the object, no name or field twice. Nothing nests
/// deeper than the fields, so no depth can be spent. Values are decoded from the bytes into memory that is wiped, and
/// are never parts of a tree of strings. A byte order mark is stepped over.
struct JSONReader {
    private var cursor: Cursor

    init(_ source: WipedBytes) { cursor = Cursor(source) }

    mutating func read() throws(ImportError) -> ImportFile {
        var entries: [ImportEntry] = []
        var lineOfName: [String: Int] = [:]
        skipSpace()
        guard cursor.peek() == UInt8(ascii: "{") else { throw cursor.error(.objectExpected) }
        cursor.advance()
        var isFirst = true
        while try startMember(isFirst: isFirst) {
            isFirst = false
            let start = cursor
            let name = try readName()
            guard NameGrammar.isPath(name) else { throw start.error(.malformedName) }
            if let first = lineOfName[name] { throw start.error(.duplicateName(name, firstLine: first)) }
            guard entries.count < ImportFile.maximumEntries else { throw start.error(.tooManyEntries) }
            lineOfName[name] = start.line
            let fields = try readKey()
            entries.append(ImportEntry(name: name, lines: start.line...cursor.line, fields: fields))
        }
        skipSpace()
        guard cursor.isAtEnd else { throw cursor.error(.textAfterObject) }
        return ImportFile(entries: entries, notes: [])
    }

    /// A string as the field `value`, or an object of fields.
    private mutating func readKey() throws(ImportError) -> [ImportField] {
        switch cursor.peek() {
        case Ascii.doubleQuote: return [ImportField(name: ImportField.mainName, value: try readString().value())]
        case UInt8(ascii: "{"): return try readFields()
        default: throw cursor.error(.stringOrObjectExpected)
        }
    }

    private mutating func readFields() throws(ImportError) -> [ImportField] {
        let opening = cursor
        var fields: [ImportField] = []
        var lineOfField: [String: Int] = [:]
        cursor.advance()
        while try startMember(isFirst: fields.isEmpty) {
            let start = cursor
            let name = try readName()
            guard NameGrammar.isFieldName(name) else { throw start.error(.malformedFieldName) }
            if let first = lineOfField[name] { throw start.error(.duplicateField(name, firstLine: first)) }
            lineOfField[name] = start.line
            guard cursor.peek() == Ascii.doubleQuote else { throw cursor.error(.fieldStringExpected) }
            fields.append(ImportField(name: name, value: try readString().value()))
        }
        guard !fields.isEmpty else { throw opening.error(.noFields) }
        return fields
    }

    /// Steps to the name of the next member, or over the closing brace.
    private mutating func startMember(isFirst: Bool) throws(ImportError) -> Bool {
        skipSpace()
        if cursor.peek() == UInt8(ascii: "}") {
            cursor.advance()
            return false
        }
        if !isFirst {
            guard cursor.peek() == UInt8(ascii: ",") else { throw cursor.error(.commaOrBraceExpected) }
            cursor.advance()
            skipSpace()
        }
        guard cursor.peek() == Ascii.doubleQuote else { throw cursor.error(.nameStringExpected) }
        return true
    }

    /// A member's name and its colon; leaves the cursor at the value.
    private mutating func readName() throws(ImportError) -> String {
        let name = try readString().text()
        skipSpace()
        guard cursor.peek() == UInt8(ascii: ":") else { throw cursor.error(.colonExpected) }
        cursor.advance()
        skipSpace()
        return name
    }

    private mutating func skipSpace() {
        while let byte = cursor.peek(),
            Ascii.isBlank(byte) || byte == Ascii.lineFeed || byte == Ascii.carriageReturn
        {
            cursor.advance()
        }
    }
}

// MARK: - Strings

extension JSONReader {
    /// The string that opens here, decoded.
    private mutating func readString() throws(ImportError) -> ValueScratch {
        let scratch = ValueScratch(capacity: try lengthOfString())
        cursor.advance()
        while let byte = cursor.peek(), byte != Ascii.doubleQuote {
            if byte == Ascii.backslash {
                try readEscape(into: scratch)
            } else {
                guard byte >= Ascii.space else { throw cursor.error(.controlCharacter) }
                scratch.append(byte)
                cursor.advance()
            }
        }
        cursor.advance()
        return scratch
    }

    private func lengthOfString() throws(ImportError) -> Int {
        var ahead = cursor
        ahead.advance()
        while let byte = ahead.peek(), byte != Ascii.doubleQuote { ahead.advance(by: byte == Ascii.backslash ? 2 : 1) }
        guard !ahead.isAtEnd else { throw cursor.error(.unterminatedString) }
        return ahead.offset - cursor.offset - 1
    }

    private mutating func readEscape(into scratch: ValueScratch) throws(ImportError) {
        let start = cursor
        cursor.advance()
        let letter = cursor.peek()
        cursor.advance()
        switch letter {
        case Ascii.doubleQuote, Ascii.backslash, UInt8(ascii: "/"): scratch.append(letter ?? 0)
        case UInt8(ascii: "b"): scratch.append(8 as UInt8)
        case UInt8(ascii: "f"): scratch.append(12 as UInt8)
        case UInt8(ascii: "n"): scratch.append(Ascii.lineFeed)
        case UInt8(ascii: "r"): scratch.append(Ascii.carriageReturn)
        case UInt8(ascii: "t"): scratch.append(Ascii.tab)
        case UInt8(ascii: "u"): scratch.append(try readScalar(escapedAt: start))
        default: throw start.error(.unknownEscape)
        }
    }

    /// What follows `\u`: four digits, or a surrogate's four and the whole escape of its second half.
    private mutating func readScalar(escapedAt start: Cursor) throws(ImportError) -> Unicode.Scalar {
        var value = try readFourDigits(escapedAt: start)
        if (0xd800...0xdbff).contains(value) {
            guard cursor.peek() == Ascii.backslash, cursor.peek(1) == UInt8(ascii: "u") else {
                throw start.error(.loneSurrogate)
            }
            cursor.advance(by: 2)
            let low = try readFourDigits(escapedAt: start)
            guard (0xdc00...0xdfff).contains(low) else { throw start.error(.loneSurrogate) }
            value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw start.error(.loneSurrogate) }
        guard value != 0 else { throw start.error(.unknownEscape) }
        return scalar
    }

    private mutating func readFourDigits(escapedAt start: Cursor) throws(ImportError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch cursor.peek() {
            case let byte? where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte): digit = byte - 48
            case let byte? where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20):
                digit = (byte | 0x20) - 87
            default: throw start.error(.unknownEscape)
            }
            value = value << 4 | UInt32(digit)
            cursor.advance()
        }
        return value
    }
}
