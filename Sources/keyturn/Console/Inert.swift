/// Text from outside, made harmless for a terminal and for one line of a table.
enum Inert {
    /// `text` with every character that a terminal could obey, and every line end, written as an escape such as `\n` or
    /// `\u{1b}`. Characters that turn the direction of writing are escaped too.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isActive) else { return text }
        var inert = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": inert += "\\n"
            case "\t": inert += "\\t"
            case "\r": inert += "\\r"
            case _ where isActive(scalar): inert += "\\u{\(String(scalar.value, radix: 16))}"
            default: inert.unicodeScalars.append(scalar)
            }
        }
        return inert
    }

    /// `text` line by line: line feeds stay.
    static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }.joined(separator: "\n")
    }

    /// `json` with the same characters as `\u009b` and the like, which every reader of JSON turns back. Such
    /// characters can only stand inside strings, except for white space between them.
    static func json(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: { isActive($0) && $0 != "\n" }) else { return json }
        var inert = ""
        for scalar in json.unicodeScalars {
            if isActive(scalar), scalar != "\n" {
                let digits = String(scalar.value, radix: 16)
                inert += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            } else {
                inert.unicodeScalars.append(scalar)
            }
        }
        return inert
    }

    /// Whether a terminal may do something with the character other than show it.
    static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F: true
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
