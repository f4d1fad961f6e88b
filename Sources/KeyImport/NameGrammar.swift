/// What names, paths and fields are made of.
enum NameGrammar {
    /// The longest name or path, in bytes.
    static let maximumLength = 255
    /// The most segments of a path.
    static let maximumSegments = 16
    /// The longest name of a field, in bytes.
    static let maximumFieldLength = 64

    /// Whether a variable's name may begin with `byte`: a letter or `_`.
    static func beginsVariable(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte == UInt8(ascii: "_")
    }

    /// Whether a variable's name may go on with `byte`: also a digit, `.` or `-`.
    static func continuesVariable(_ byte: UInt8) -> Bool {
        beginsSegment(byte) || byte == UInt8(ascii: ".")
    }

    /// Whether `text` is a path: segments of `[A-Za-z0-9_-][A-Za-z0-9._-]*` joined by `/`, 1 to 255 bytes and at most
    /// 16 segments.
    static func isPath(_ text: String) -> Bool {
        guard (1...maximumLength).contains(text.utf8.count) else { return false }
        let segments = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return segments.count <= maximumSegments && segments.allSatisfy { isSegment($0) }
    }

    /// Whether `text` is the name of a field: one segment, 1 to 64 bytes.
    static func isFieldName(_ text: String) -> Bool {
        text.utf8.count <= maximumFieldLength && isSegment(text.utf8[...])
    }

    private static func isSegment(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, beginsSegment(first) else { return false }
        return bytes.allSatisfy(continuesVariable)
    }

    private static func beginsSegment(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: isLetter(byte)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
