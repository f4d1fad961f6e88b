/// The path of a stored key, `payments/stripe`: segments joined by single slashes.
///
/// Each segment is `[A-Za-z0-9_-][A-Za-z0-9._-]*`; the whole is 1 to ``longest`` bytes and at most
/// ``mostSegments`` segments. A path is taken as it is or refused, never rewritten, so that two spellings of one
/// key cannot exist and `.`, `..`, empty segments and escapes have no meaning. Ordered bytewise.
package struct ResourcePath: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The most bytes of a path.
    package static let longest = 255
    /// The most segments of a path.
    package static let mostSegments = 16

    /// The path as it was written.
    package let text: String

    /// Takes `text` if it is a path.
    ///
    /// - Throws: ``ResourcePathError``, which names the rule that is broken and repeats nothing of `text`.
    package init(parsing text: String) throws(ResourcePathError) {
        try ResourcePath.check(text.utf8.span)
        self.text = text
    }

    package var description: String { text }

    package static func < (left: ResourcePath, right: ResourcePath) -> Bool { left.text < right.text }

    private static func check(_ bytes: Span<UInt8>) throws(ResourcePathError) {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= longest else { throw .tooLong(bytes: bytes.count) }
        var segment = 1
        var startsSegment = true
        for offset in bytes.indices {
            let byte = bytes[offset]
            if byte == Segment.slash {
                if startsSegment { throw .emptySegment(segment) }
                segment += 1
                startsSegment = true
                continue
            }
            guard Segment.allows(byte) else { throw .character(byte: offset + 1) }
            if startsSegment, byte == Segment.dot { throw .leadingDot(segment: segment) }
            startsSegment = false
        }
        if startsSegment { throw .emptySegment(segment) }
        guard segment <= mostSegments else { throw .tooManySegments(segment) }
    }
}

/// Why a text is no path of a key. Says where, never what was written there.
package enum ResourcePathError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is nothing.
    case empty
    /// More than ``ResourcePath/longest`` bytes.
    case tooLong(bytes: Int)
    /// More than ``ResourcePath/mostSegments`` segments.
    case tooManySegments(Int)
    /// The segment of this number, counted from 1, is empty: a slash at the start or the end, or two together.
    case emptySegment(Int)
    /// The segment of this number, counted from 1, starts with a dot.
    case leadingDot(segment: Int)
    /// The byte of this number, counted from 1, is none that a path may hold.
    case character(byte: Int)

    package var description: String {
        switch self {
        case .empty:
            "the path is empty; write one to \(ResourcePath.mostSegments) segments joined by /"
        case .tooLong(let bytes):
            "the path is \(bytes) bytes long; use at most \(ResourcePath.longest)"
        case .tooManySegments(let count):
            "the path has \(count) segments; use at most \(ResourcePath.mostSegments)"
        case .emptySegment(let number):
            "segment \(number) of the path is empty; join segments by single slashes, with none at either end"
        case .leadingDot(let number):
            "segment \(number) of the path starts with a dot; start it with a letter, a digit, _ or -"
        case .character(let byte):
            "byte \(byte) of the path may not be there; use ASCII letters, digits, . _ - and / alone"
        }
    }
}
