internal import VaultAPI

/// The target of a request line, looked at byte by byte before anything is made of it.
///
/// The path is ASCII: segments of `[A-Za-z0-9_-][A-Za-z0-9._-]*` joined by single slashes, with at most one `:verb` of
/// lower-case letters and `-` at the end of the last. Whatever else could be said with escapes, dots, backslashes or
/// empty segments is refused and never rewritten, so that a path means the same to everyone who reads it.
package struct RequestTarget: Equatable, Sendable {
    /// The most bytes of a target.
    package static let longest = 4096

    /// From the first slash up to the query.
    package let path: String
    /// What follows the first `?`, still encoded; nil where there is none.
    package let query: String?

    /// - Throws: ``Refusal`` with `invalid_path` or `malformed`, which repeats nothing of `raw`.
    package init(checking raw: String) throws(Refusal) {
        let bytes = raw.utf8.span
        guard bytes.count <= Self.longest else {
            throw Refusal(.malformed, "the request target is longer than \(Self.longest) bytes")
        }
        let question = bytes.indices.first { bytes[$0] == UInt8(ascii: "?") }
        let end = question ?? bytes.count
        try Self.checkPath(bytes.extracting(0..<end))
        if let question { try Self.checkQuery(bytes.extracting((question + 1)..<bytes.count)) }
        path = String(raw.utf8.prefix(end)) ?? ""
        query = question.flatMap { String(raw.utf8.dropFirst($0 + 1)) }
    }

    private static func checkPath(_ bytes: Span<UInt8>) throws(Refusal) {
        guard !bytes.isEmpty, bytes[0] == UInt8(ascii: "/") else {
            throw Refusal(.invalidPath, "a request's target starts with a slash, or is a whole address of ours")
        }
        var startsSegment = true
        var verb: Int?
        for index in 1..<bytes.count {
            let byte = bytes[index]
            if verb != nil {
                guard Self.isVerb(byte) else {
                    throw Refusal(.invalidPath, "after `:` at the end of a path stands one verb of lower-case letters")
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "/"):
                guard !startsSegment else { throw emptySegment }
                startsSegment = true
            case UInt8(ascii: ":"):
                guard !startsSegment else { throw emptySegment }
                verb = index
            case UInt8(ascii: "."):
                guard !startsSegment else {
                    throw Refusal(.invalidPath, "no segment of a path starts with a dot")
                }
            default:
                guard isPlain(byte) else {
                    throw Refusal(
                        .invalidPath,
                        "a path is made of ASCII letters, digits, `.`, `_`, `-` and `/`, and is not encoded")
                }
                startsSegment = false
            }
        }
        if bytes.count > 1, startsSegment { throw emptySegment }
        if verb == bytes.count - 1 { throw Refusal(.invalidPath, "there is no verb after `:`") }
    }

    private static var emptySegment: Refusal {
        Refusal(.invalidPath, "segments are joined by single slashes, with none at the end")
    }

    /// Visible ASCII alone; what it means is ``Query``'s to say.
    private static func checkQuery(_ bytes: Span<UInt8>) throws(Refusal) {
        for index in bytes.indices {
            guard (0x21...0x7e).contains(bytes[index]), bytes[index] != UInt8(ascii: "#") else {
                throw Refusal(.malformed, "a query is made of visible ASCII characters, anything else is %-encoded")
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isVerb(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
    }
}
