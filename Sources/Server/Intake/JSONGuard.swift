internal import VaultAPI

/// Looks through the bytes of a JSON text (RFC 8259) before any decoder does, in one pass and with memory that depends
/// on ``Limits`` alone: well-formed, UTF-8, not nested too deep, not too many members, no name twice in one object.
///
/// Member names are ASCII without escapes, as all that this API knows are; so two spellings of one name cannot differ.
package struct JSONGuard {
    /// What a text may be.
    package struct Limits: Sendable {
        /// Arrays and objects inside one another.
        package var depth = 16
        /// Members of objects and elements of arrays, all together.
        package var members = 1_000
        /// Bytes of one string, once decoded.
        package var stringBytes = 96 * 1024
        /// Bytes of one member's name.
        package var nameBytes = 64
        /// Characters of one number.
        package var numberLength = 32

        package init(members: Int = 1_000) { self.members = members }
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var position = 0
    private var members = 0
    /// The names of each object that is open, from the outside in; nil for an array.
    private var open: [Set<ArraySlice<UInt8>>?] = []

    private init(_ bytes: [UInt8], _ limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// - Throws: ``Refusal``: `too_deep` for depth and members, `malformed` for the rest, with the offset of the byte at
    ///   which it went wrong and nothing of what is there.
    package static func check(_ bytes: [UInt8], limits: Limits = Limits()) throws(Refusal) {
        var guarded = JSONGuard(bytes, limits)
        try guarded.text()
    }

    // MARK: Structure

    private mutating func text() throws(Refusal) {
        skipSpace()
        try value()
        while !open.isEmpty {
            skipSpace()
            try next()
        }
        skipSpace()
        guard position == bytes.count else { throw malformed("something follows the JSON text") }
    }

    /// A value: a scalar whole, or the start of an array or object up to its first value.
    private mutating func value() throws(Refusal) {
        switch peek {
        case UInt8(ascii: "{"): try container([])
        case UInt8(ascii: "["): try container(nil)
        case UInt8(ascii: "\""): _ = try string(limit: limits.stringBytes)
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): try number()
        case nil: throw malformed("the JSON text ends too early")
        default: throw malformed("this is no JSON value")
        }
    }

    private mutating func container(_ names: Set<ArraySlice<UInt8>>?) throws(Refusal) {
        guard open.count < limits.depth else {
            throw Refusal(.tooDeep, "arrays and objects are nested deeper than \(limits.depth)")
        }
        position += 1
        open.append(names)
        skipSpace()
        if peek == closer {
            position += 1
            open.removeLast()
        } else {
            try item()
        }
    }

    /// What follows a value inside a container: a comma and an item, or its end.
    private mutating func next() throws(Refusal) {
        if peek == closer {
            position += 1
            open.removeLast()
        } else if peek == UInt8(ascii: ",") {
            position += 1
            skipSpace()
            try item()
        } else {
            throw malformed("here stands `,` or the end of the array or object")
        }
    }

    /// An element, or a member with its name.
    private mutating func item() throws(Refusal) {
        members += 1
        guard members <= limits.members else {
            throw Refusal(.tooDeep, "the JSON text has more than \(limits.members) members and elements")
        }
        if open.last != .some(nil) {
            guard peek == UInt8(ascii: "\"") else { throw malformed("a member starts with its name in quotes") }
            let name = try string(limit: limits.nameBytes)
            guard name.allSatisfy({ (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }) else {
                throw malformed("a member's name is ASCII without escapes")
            }
            guard open[open.count - 1]?.insert(name).inserted == true else {
                throw malformed("an object has two members of the same name")
            }
            skipSpace()
            guard peek == UInt8(ascii: ":") else { throw malformed("here stands `:`") }
            position += 1
            skipSpace()
        }
        try value()
    }

    private var closer: UInt8 { open.last == .some(nil) ? UInt8(ascii: "]") : UInt8(ascii: "}") }

    // MARK: Scalars

    private mutating func word(_ word: StaticString) throws(Refusal) {
        let expected = unsafe UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard unsafe bytes[position...].starts(with: expected) else { throw malformed("this is no JSON value") }
        position += word.utf8CodeUnitCount
    }

    private mutating func number() throws(Refusal) {
        let start = position
        if peek == UInt8(ascii: "-") { position += 1 }
        if peek == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if peek == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            let exponent = position
            try digits()
            // A `Double` ends at 308, where decoders fail; nothing here needs three digits.
            guard position - exponent <= 2 else {
                throw malformed("the exponent of a number has more than 2 digits")
            }
        }
        guard position - start <= limits.numberLength else {
            throw malformed("a number is longer than \(limits.numberLength) characters")
        }
    }

    private mutating func digits() throws(Refusal) {
        let start = position
        while let byte = peek, Self.isDigit(byte) { position += 1 }
        guard position > start else { throw malformed("a digit is missing") }
    }

    /// A string: the bytes between its quotes, as they are.
    private mutating func string(limit: Int) throws(Refusal) -> ArraySlice<UInt8> {
        position += 1
        let start = position
        var length = 0
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return bytes[start..<(position - 1)]
            case UInt8(ascii: "\\"): length += try escape()
            case 0..<0x20: throw malformed("a string has a control character that is not escaped")
            case 0x20..<0x80:
                position += 1
                length += 1
            default: length += try scalar(byte)
            }
            guard length <= limit else { throw malformed("a string is longer than \(limit) bytes") }
        }
        throw malformed("a string does not end")
    }

    /// An escape, pairs of surrogates whole. Gives the bytes that it stands for in UTF-8.
    private mutating func escape() throws(Refusal) -> Int {
        position += 1
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
            return 1
        case UInt8(ascii: "u"):
            position += 1
            let unit = try hexadecimal()
            switch unit {
            case 0..<0x80: return 1
            case 0x80..<0x800: return 2
            case 0xd800..<0xdc00:
                guard peek == UInt8(ascii: "\\") else { throw malformed("half of a surrogate pair") }
                position += 1
                guard peek == UInt8(ascii: "u") else { throw malformed("half of a surrogate pair") }
                position += 1
                guard (0xdc00..<0xe000).contains(try hexadecimal()) else { throw malformed("half of a surrogate pair") }
                return 4
            case 0xdc00..<0xe000: throw malformed("half of a surrogate pair")
            default: return 3
            }
        default: throw malformed("no such escape")
        }
    }

    private mutating func hexadecimal() throws(Refusal) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = peek.flatMap(HexDigit.value) else {
                throw malformed("four hexadecimal digits follow \\u")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    /// A scalar of two to four bytes, as the table in section 3.9 of Unicode has them.
    private mutating func scalar(_ first: UInt8) throws(Refusal) -> Int {
        let (count, second): (Int, ClosedRange<UInt8>) =
            switch first {
            case 0xc2...0xdf: (2, 0x80...0xbf)
            case 0xe0: (3, 0xa0...0xbf)
            case 0xed: (3, 0x80...0x9f)
            case 0xe1...0xef: (3, 0x80...0xbf)
            case 0xf0: (4, 0x90...0xbf)
            case 0xf1...0xf3: (4, 0x80...0xbf)
            case 0xf4: (4, 0x80...0x8f)
            default: (0, 0...0)
            }
        guard count > 0, position + count <= bytes.count, second.contains(bytes[position + 1]) else {
            throw malformed("the JSON text is not UTF-8")
        }
        for offset in 2..<max(count, 2) where !(0x80...0xbf).contains(bytes[position + offset]) {
            throw malformed("the JSON text is not UTF-8")
        }
        position += count
        return count
    }

    // MARK: Bytes

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private func malformed(_ what: String) -> Refusal {
        Refusal(.malformed, "the body is not the JSON it should be, at byte \(position + 1): \(what)")
    }
}
