/// A pattern over paths, compiled: `*` stands for part of a segment or all of one, `**` for any number of
/// segments, none included.
///
/// `payments/**` matches `payments`, `payments/stripe` and all beneath; `payments/*` matches `payments/stripe`
/// alone; `*-root` matches `stripe-root`. `*` inside a segment may stand for nothing. Matching goes back to the
/// last star at most, so that its time is bounded by the product of the two lengths, whatever the pattern; a
/// pattern without stars, or with `**` at its end alone, takes one comparison.
package struct PathPattern: Hashable, Sendable, CustomStringConvertible {
    /// The most bytes of a pattern.
    package static let longest = 255
    /// The most segments of a pattern, `**` counted.
    package static let mostSegments = 32

    /// One segment of the pattern: where it lies, and what it is.
    struct Part: Hashable, Sendable {
        enum Kind: Hashable, Sendable { case literal, stars, deep }
        let kind: Kind
        let start: Int
        let end: Int
    }

    /// The shapes that need no search.
    enum Shape: Hashable, Sendable { case exact, beneath, general }

    /// The pattern as it was written.
    package let text: String
    let bytes: [UInt8]
    let parts: [Part]
    let shape: Shape
    /// How many segments before the first with a star, and how many bytes these take, slashes between them
    /// included and the one after them not.
    let literalSegments: Int
    let literalBytes: Int

    /// Compiles `text`.
    ///
    /// - Throws: ``PathPatternError``, which names the rule that is broken and repeats nothing of `text`.
    package init(parsing text: String) throws(PathPatternError) {
        self.text = text
        let bytes = Array(text.utf8)
        let parts = try PathPattern.divide(bytes.span)
        self.bytes = bytes
        self.parts = parts
        let leading = parts.prefix { $0.kind == .literal }
        literalSegments = leading.count
        literalBytes = leading.last?.end ?? 0
        if leading.count == parts.count {
            shape = .exact
        } else if leading.count == parts.count - 1, parts.last?.kind == .deep {
            shape = .beneath
        } else {
            shape = .general
        }
    }

    /// `**`: every path and every name.
    static let everything = PathPattern()

    private init() {
        text = "**"
        bytes = [Segment.star, Segment.star]
        parts = [Part(kind: .deep, start: 0, end: 2)]
        literalSegments = 0
        literalBytes = 0
        shape = .beneath
    }

    package var description: String { text }

    /// Whether a star is anywhere in it.
    package var hasStars: Bool { shape != .exact }

    private static func divide(_ bytes: Span<UInt8>) throws(PathPatternError) -> [Part] {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= longest else { throw .tooLong(bytes: bytes.count) }
        var parts: [Part] = []
        var segment = 1
        var start = 0
        while start <= bytes.count {
            let end = PathPattern.endOfSegment(bytes, from: start)
            guard end > start else { throw .emptySegment(segment) }
            guard segment <= mostSegments else { throw .tooManySegments }
            let kind = try kindOfSegment(bytes, start, end, number: segment)
            // Two `**` in a row say no more than one.
            if kind != .deep || parts.last?.kind != .deep {
                parts.append(Part(kind: kind, start: start, end: end))
            }
            start = end + 1
            segment += 1
        }
        return parts
    }

    private static func kindOfSegment(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int, number: Int
    ) throws(PathPatternError) -> Part.Kind {
        var stars = 0
        for offset in start..<end {
            let byte = bytes[offset]
            if byte == Segment.star {
                stars += 1
                if offset > start, bytes[offset - 1] == Segment.star, end - start != 2 {
                    throw .partialDoubleStar(segment: number)
                }
            } else if !Segment.allows(byte) {
                throw .character(byte: offset + 1)
            }
        }
        if bytes[start] == Segment.dot { throw .leadingDot(segment: number) }
        if stars == 0 { return .literal }
        return stars == 2 && end - start == 2 ? .deep : .stars
    }

    /// The offset of the first slash at or after `start`, or the end.
    static func endOfSegment(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var offset = start
        while offset < bytes.count, bytes[offset] != Segment.slash { offset += 1 }
        return offset
    }
}

/// Why a text is no pattern. Says where, never what was written there.
package enum PathPatternError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is nothing.
    case empty
    /// More than ``PathPattern/longest`` bytes.
    case tooLong(bytes: Int)
    /// More than ``PathPattern/mostSegments`` segments.
    case tooManySegments
    /// The segment of this number, counted from 1, is empty.
    case emptySegment(Int)
    /// The segment of this number, counted from 1, starts with a dot, as no segment of a path does.
    case leadingDot(segment: Int)
    /// `**` beside something else in the segment of this number, counted from 1.
    case partialDoubleStar(segment: Int)
    /// No host, or no port behind it.
    case host
    /// The byte of this number, counted from 1, is none that a pattern may hold.
    case character(byte: Int)

    /// What is wrong.
    package var problem: String {
        switch self {
        case .empty: "the pattern is empty"
        case .tooLong(let bytes): "the pattern is \(bytes) bytes long"
        case .tooManySegments: "the pattern has more than \(PathPattern.mostSegments) segments"
        case .emptySegment(let number): "segment \(number) of the pattern is empty"
        case .leadingDot(let number): "segment \(number) of the pattern starts with a dot"
        case .partialDoubleStar(let number): "segment \(number) of the pattern has ** beside something else"
        case .host: "it is no host with or without a port"
        case .character(let byte): "byte \(byte) of the pattern may not be there"
        }
    }

    /// What would be right.
    package var remedy: String {
        switch self {
        case .empty: "write a path with * or ** in it; \"**\" matches every path"
        case .tooLong: "use at most \(PathPattern.longest)"
        case .tooManySegments: "use fewer"
        case .emptySegment: "join segments by single slashes, with none at either end"
        case .leadingDot: "start it with a letter, a digit, _, - or *"
        case .partialDoubleStar: "let ** be a whole segment, or write one *"
        case .host: "write a name, or a name and a port: api.stripe.com, *.example.com:8443, [2001:db8::1]:443"
        case .character: "use ASCII letters, digits, . _ - / and * alone"
        }
    }

    package var description: String { "\(problem); \(remedy)" }
}
