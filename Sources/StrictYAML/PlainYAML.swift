/// Refuses, before a parser sees them, the parts of YAML that files of ours do not need and that a hostile one
/// would use to cost time or memory, or to be read in two ways.
///
/// Every check looks at a byte and its neighbours alone and knows no quotes, so that no quoting can hide anything
/// from it. The price is that a few innocent texts are refused too, such as a word that begins with `&`. One of them is
/// let through as a whole, quotes included: an address of IPv6 with a port, such as `"[2001:db8::1]:8443"`.
enum PlainYAML {
    /// The most bytes of a file.
    static let longest = 1 << 20
    /// The most columns that a line may be indented by, dashes included; so blocks are never nested deeper.
    private static let deepestIndent = 64

    static func check(_ text: String) throws(YAMLProblem) {
        let bytes = text.utf8.span
        guard bytes.count <= longest else {
            throw YAMLProblem(line: 1, problem: "the file is larger than 1 MiB", remedy: "divide it")
        }
        var line = 1
        var column = 0
        var indented = true
        for offset in bytes.indices {
            let byte = bytes[offset]
            let next = offset + 1 < bytes.count ? bytes[offset + 1] : newline
            if byte == newline {
                line += 1
                column = 0
                indented = true
                continue
            }
            try checkBreak(bytes, offset, line)
            if indented {
                indented = byte == space || byte == UInt8(ascii: "-")
                column += 1
                guard column <= deepestIndent else {
                    throw YAMLProblem(
                        line: line, problem: "this line is indented by more than \(deepestIndent) columns",
                        remedy: "indent by 2 a level")
                }
            }
            let previous = offset > 0 ? bytes[offset - 1] : newline
            switch byte {
            case UInt8(ascii: "&") where startsWord(previous) && startsAnchor(next): throw anchor(line)
            case UInt8(ascii: "?") where startsWord(previous): throw complexKey(line)
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if isKey(bytes, after: offset), !endsAddress(bytes, at: offset) { throw complexKey(line) }
            default: break
            }
        }
    }

    static func anchor(_ line: Int) -> YAMLProblem {
        YAMLProblem(
            line: line, problem: "anchors (&) and aliases (*) are not used here",
            remedy: "write the text out; in prose put a space after &")
    }

    static func complexKey(_ line: Int) -> YAMLProblem {
        YAMLProblem(
            line: line, problem: "a key here is no plain word (a ? or a bracket begins it)",
            remedy: "write word: value; in prose put no space before ?")
    }

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")
    private static let lastOfByteOrderMark: UInt8 = 0xbf

    /// Control characters, and the breaks that count as a line for YAML but for no editor.
    private static func checkBreak(_ bytes: Span<UInt8>, _ offset: Int, _ line: Int) throws(YAMLProblem) {
        let byte = bytes[offset]
        let loneReturn = byte == 0x0d && (offset + 1 >= bytes.count || bytes[offset + 1] != newline)
        let control = (byte < 0x20 && byte != 0x09 && byte != 0x0d) || byte == 0x7f
        // U+0080 to U+009F, U+2028 and U+2029.
        let wide =
            (byte == 0xc2 && offset + 1 < bytes.count && bytes[offset + 1] < 0xa0)
            || (byte == 0xe2 && offset + 2 < bytes.count && bytes[offset + 1] == 0x80
                && bytes[offset + 2] & 0xfe == 0xa8)
        guard !loneReturn, !control, !wide else {
            throw YAMLProblem(
                line: line, problem: "a control character or an unusual line break is here",
                remedy: "use plain text with newlines")
        }
    }

    /// Whether a mark after `previous` could begin something of its own, rather than lie inside a plain text.
    private static func startsWord(_ previous: UInt8) -> Bool {
        switch previous {
        case newline, space, 0x09, 0x0d, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "]"), UInt8(ascii: "}"),
            UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: "!"),
            UInt8(ascii: "\""), UInt8(ascii: "'"), lastOfByteOrderMark:
            true
        default: false
        }
    }

    /// Whether a name can begin with `byte`.
    static func startsAnchor(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Whether the bracket at `offset` is followed by a colon on its line.
    private static func isKey(_ bytes: Span<UInt8>, after offset: Int) -> Bool {
        var next = offset + 1
        while next < bytes.count, bytes[next] == space || bytes[next] == 0x09 { next += 1 }
        return next < bytes.count && bytes[next] == UInt8(ascii: ":")
    }

    /// Whether the bracket at `offset` ends the address in `"[2001:db8::1]:8443"`, which stands by itself between two quotes
    /// of one kind. Nothing in it could nest, whatever is before and after it.
    private static func endsAddress(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
        var start = offset - 1
        while start >= 0, isOfAddress(bytes[start]) { start -= 1 }
        guard start > 0, start < offset - 1, bytes[start] == UInt8(ascii: "[") else { return false }
        let quote = bytes[start - 1]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), offset + 2 < bytes.count,
            bytes[offset + 1] == UInt8(ascii: ":")
        else { return false }
        var end = offset + 2
        while end < bytes.count, isOfPort(bytes[end]) { end += 1 }
        return end > offset + 2 && end < bytes.count && bytes[end] == quote
    }

    private static func isOfAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "*"):
            true
        default: false
        }
    }

    private static func isOfPort(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "*")
    }
}
