internal import SecretMemory

/// A JSON value of a reply (RFC 8259). Strings are bytes that are wiped, since any of them may be a secret.
indirect enum ReplyJSON: Sendable {
    case object([(name: String, value: ReplyJSON)])
    case array([ReplyJSON])
    case string(WipedBytes)
    /// As it was written.
    case number(String)
    case bool(Bool)
    case null

    /// The text of a string, a number or a truth value; nil for anything else, and for an empty string.
    var scalar: WipedBytes? {
        switch self {
        case .string(let bytes): bytes.count > 0 ? bytes : nil
        case .number(let text): WipedBytes(utf8: text)
        case .bool(let flag): WipedBytes(utf8: flag ? "true" : "false")
        case .object, .array, .null: nil
        }
    }

    /// Reads a whole text; nil where it is not JSON, or nested deeper or with more values than a reply needs.
    static func read(_ bytes: [UInt8]) -> ReplyJSON? {
        var reader = ReplyReader(bytes: bytes)
        reader.skipSpace()
        guard let value = reader.readValue(depth: 1) else { return nil }
        reader.skipSpace()
        return reader.isAtEnd ? value : nil
    }
}

/// Strict: no comments, no comma before a bracket, no name twice in one object, no control character in a string.
private struct ReplyReader {
    private static let deepest = 32
    private static let mostValues = 100_000

    let bytes: [UInt8]
    private var offset = 0
    private var values = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset >= bytes.count }
    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { offset += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    private mutating func take(word: StaticString) -> Bool {
        let letters = Array("\(word)".utf8)
        guard bytes.count - offset >= letters.count, bytes[offset..<offset + letters.count].elementsEqual(letters)
        else { return false }
        offset += letters.count
        return true
    }

    mutating func readValue(depth: Int) -> ReplyJSON? {
        values += 1
        guard depth <= Self.deepest, values <= Self.mostValues else { return nil }
        switch next {
        case UInt8(ascii: "{"): return readObject(depth: depth)
        case UInt8(ascii: "["): return readArray(depth: depth)
        case UInt8(ascii: "\""): return readString().map { .string($0) }
        case UInt8(ascii: "t"): return take(word: "true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return take(word: "false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
        default: return readNumber()
        }
    }

    private mutating func readObject(depth: Int) -> ReplyJSON? {
        offset += 1
        skipSpace()
        var members: [(name: String, value: ReplyJSON)] = []
        var names: Set<String> = []
        if take(UInt8(ascii: "}")) { return .object([]) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\""), let name = readString()?.disclosedText(), names.insert(name).inserted
            else { return nil }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return nil }
            skipSpace()
            guard let value = readValue(depth: depth + 1) else { return nil }
            members.append((name, value))
            skipSpace()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) ? .object(members) : nil
    }

    private mutating func readArray(depth: Int) -> ReplyJSON? {
        offset += 1
        skipSpace()
        var items: [ReplyJSON] = []
        if take(UInt8(ascii: "]")) { return .array([]) }
        repeat {
            skipSpace()
            guard let value = readValue(depth: depth + 1) else { return nil }
            items.append(value)
            skipSpace()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]")) ? .array(items) : nil
    }

    private mutating func readNumber() -> ReplyJSON? {
        let start = offset
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (48...57).contains($0) } ?? false }
        _ = take(UInt8(ascii: "-"))
        guard isDigit(next) else { return nil }
        if !take(UInt8(ascii: "0")) { while isDigit(next) { offset += 1 } }
        if take(UInt8(ascii: ".")) {
            guard isDigit(next) else { return nil }
            while isDigit(next) { offset += 1 }
        }
        if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard isDigit(next) else { return nil }
            while isDigit(next) { offset += 1 }
        }
        guard offset - start <= 64 else { return nil }
        return .number(String(decoding: bytes[start..<offset], as: UTF8.self))
    }

    /// The string that opens here, decoded; what it decodes to is valid UTF-8.
    private mutating func readString() -> WipedBytes? {
        offset += 1
        var decoded: [UInt8] = []
        // Room for all of it at once, so that no half of a secret is left where the array grew.
        decoded.reserveCapacity((bytes[offset...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.count) - offset + 8)
        defer { Sodium.wipe(&decoded) }
        while let byte = next {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard String(validating: decoded, as: UTF8.self) != nil else { return nil }
                return decoded.withUnsafeRawSpan { WipedBytes(copying: $0) }
            case UInt8(ascii: "\\"):
                guard readEscape(into: &decoded) else { return nil }
            case 0..<0x20: return nil
            default: decoded.append(byte)
            }
        }
        return nil
    }

    private mutating func readEscape(into decoded: inout [UInt8]) -> Bool {
        guard let letter = next else { return false }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(letter)
        case UInt8(ascii: "b"): decoded.append(8)
        case UInt8(ascii: "f"): decoded.append(12)
        case UInt8(ascii: "n"): decoded.append(10)
        case UInt8(ascii: "r"): decoded.append(13)
        case UInt8(ascii: "t"): decoded.append(9)
        case UInt8(ascii: "u"):
            guard var value = readFourDigits() else { return false }
            if (0xd800...0xdbff).contains(value) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = readFourDigits(),
                    (0xdc00...0xdfff).contains(low)
                else { return false }
                value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(value) else { return false }
            decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: return false
        }
        return true
    }

    private mutating func readFourDigits() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }
}

extension [UInt8] {
    /// Lends the bytes as a span.
    func withUnsafeRawSpan<R>(_ body: (RawSpan) -> R) -> R { unsafe body(self.span.bytes) }
}
