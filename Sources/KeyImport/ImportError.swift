/// The first mistake in a file of keys. It says where and what would be right, and never repeats a value; a name only
/// once it is known to be one.
package struct ImportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Counted from 1; lines end with LF.
    package let line: Int
    /// Counted from 1, in Unicode scalars.
    package let column: Int
    package let problem: ImportProblem

    package var description: String { "line \(line), column \(column): \(problem)" }
}

/// What can be wrong with a file of keys.
package enum ImportProblem: Equatable, Sendable, CustomStringConvertible {
    case tooLarge
    case tooManyEntries
    case notUTF8
    case controlCharacter
    case loneCarriageReturn
    case duplicateName(String, firstLine: Int)

    // A .env file
    case nameExpected
    case nameTooLong
    case equalsExpected
    case unterminatedQuote
    case textAfterQuote(openedOnLine: Int)

    // A JSON file
    case objectExpected
    case stringOrObjectExpected
    case fieldStringExpected
    case nameStringExpected
    case colonExpected
    case commaOrBraceExpected
    case textAfterObject
    case unterminatedString
    case unknownEscape
    case loneSurrogate
    case malformedName
    case malformedFieldName
    case noFields
    case duplicateField(String, firstLine: Int)

    package var description: String {
        switch self {
        case .tooLarge: "the file is larger than \(ImportFile.maximumBytes >> 20) MiB"
        case .tooManyEntries: "the file has more than \(ImportFile.maximumEntries) names"
        case .notUTF8: "the file is not UTF-8 here"
        case .controlCharacter:
            "a value holds no control characters here; write \\n, \\r or \\t in double quotes for those three"
        case .loneCarriageReturn: "a carriage return stands alone; lines end with LF or CR LF"
        case .duplicateName(let name, let line): "\(name) stands here and on line \(line); keep one of them"
        case .nameExpected: "a line is NAME=value, a comment or empty; a name is [A-Za-z_][A-Za-z0-9_.-]*"
        case .nameTooLong: "a name has at most \(NameGrammar.maximumLength) characters"
        case .equalsExpected: "an `=` follows the name"
        case .unterminatedQuote: "the quote that opens here is not closed"
        case .textAfterQuote(let line):
            "after a closing quote there is only a comment, with a space before its `#`; "
                + "the quote opened on line \(line)"
        case .objectExpected: "the file is one JSON object of names"
        case .stringOrObjectExpected: "a name has a string, or an object of fields that are strings"
        case .fieldStringExpected: "a field is a string"
        case .nameStringExpected: "a name in double quotes belongs here"
        case .colonExpected: "a colon follows the name"
        case .commaOrBraceExpected: "a comma or a closing brace belongs here"
        case .textAfterObject: "nothing follows the object"
        case .unterminatedString: "the string that opens here is not closed"
        case .unknownEscape:
            "JSON escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits; \\u0000 is refused"
        case .loneSurrogate: "a \\u escape is half of a surrogate pair"
        case .malformedName:
            "a name is segments of [A-Za-z0-9_-][A-Za-z0-9._-]* joined by `/`: at most \(NameGrammar.maximumLength) "
                + "characters and \(NameGrammar.maximumSegments) segments"
        case .malformedFieldName:
            "a field's name is [A-Za-z0-9_-][A-Za-z0-9._-]*, at most \(NameGrammar.maximumFieldLength) characters"
        case .noFields: "a key has at least one field"
        case .duplicateField(let name, let line): "the field \(name) stands here and on line \(line); keep one of them"
        }
    }
}
