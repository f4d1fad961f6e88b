internal import SecretMemory

/// An element of an XML reply: its name without prefix, the text directly in it, and the elements in it. Attributes
/// are passed over. Text is bytes that are wiped, since any of it may be a secret.
struct ReplyXML: Sendable {
    let name: String
    let text: WipedBytes
    let children: [ReplyXML]

    /// The first element at the end of a way of names.
    func element(_ names: String...) -> ReplyXML? {
        var element = self
        for name in names {
            guard let next = element.children.first(where: { $0.name == name }) else { return nil }
            element = next
        }
        return element
    }

    /// Reads a whole document; nil where it is not well formed, has a document type, or is larger than a reply needs.
    static func read(_ bytes: [UInt8]) -> ReplyXML? {
        var reader = XMLReader(bytes: bytes)
        return reader.readDocument()
    }
}

/// Elements, text, the five entities and character references; declaration and comments are passed over. Whatever
/// else XML has (document types, entities of one's own, CDATA, instructions) no reply of these needs, and is refused.
private struct XMLReader {
    private static let deepest = 16
    private static let mostElements = 10_000

    let bytes: [UInt8]
    private var offset = 0
    private var elements = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ text: StaticString) -> Bool {
        let letters = Array("\(text)".utf8)
        guard bytes.count - offset >= letters.count, bytes[offset..<offset + letters.count].elementsEqual(letters)
        else { return false }
        offset += letters.count
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { offset += 1 }
    }

    /// Goes behind the next `end`; false where there is none.
    private mutating func skip(past end: StaticString) -> Bool {
        while offset < bytes.count {
            if take(end) { return true }
            offset += 1
        }
        return false
    }

    private mutating func skipMisc() -> Bool {
        skipSpace()
        while take("<!--") {
            guard skip(past: "-->") else { return false }
            skipSpace()
        }
        return true
    }

    mutating func readDocument() -> ReplyXML? {
        skipSpace()
        if take("<?xml ") { guard skip(past: "?>") else { return nil } }
        guard skipMisc(), take("<"), let root = readElement(depth: 1), skipMisc(), offset == bytes.count else {
            return nil
        }
        return root
    }

    /// The element whose `<` has been read.
    private mutating func readElement(depth: Int) -> ReplyXML? {
        elements += 1
        guard depth <= Self.deepest, elements <= Self.mostElements, let name = readName() else { return nil }
        guard let isEmpty = skipAttributes() else { return nil }
        if isEmpty { return ReplyXML(name: name, text: WipedBytes(utf8: ""), children: []) }
        var text: [UInt8] = []
        // Room for all of it at once, so that no half of a secret is left where the array grew.
        text.reserveCapacity((bytes[offset...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count) - offset + 8)
        defer { Sodium.wipe(&text) }
        var children: [ReplyXML] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "<"):
                if take("</") { return close(name, text, children) }
                if take("<!--") {
                    guard skip(past: "-->") else { return nil }
                    continue
                }
                offset += 1
                guard let child = readElement(depth: depth + 1) else { return nil }
                children.append(child)
            case UInt8(ascii: "&"):
                guard readReference(into: &text) else { return nil }
            case 0x09, 0x0a, 0x0d, 0x20...:
                text.append(byte)
                offset += 1
            default: return nil
            }
        }
        return nil
    }

    private mutating func close(_ name: String, _ text: [UInt8], _ children: [ReplyXML]) -> ReplyXML? {
        guard readName() == name else { return nil }
        skipSpace()
        guard take(">"), String(validating: text, as: UTF8.self) != nil else { return nil }
        return ReplyXML(name: name, text: text.withUnsafeRawSpan { WipedBytes(copying: $0) }, children: children)
    }

    /// A name, without the prefix of its namespace.
    private mutating func readName() -> String? {
        let start = offset
        while let byte = next, Self.isOfName(byte) { offset += 1 }
        guard offset > start, offset - start <= 128 else { return nil }
        let name = String(decoding: bytes[start..<offset], as: UTF8.self)
        return name.split(separator: ":").last.map(String.init)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }

    /// Goes to the end of a tag. True where the element is empty; nil where the tag is not well formed.
    private mutating func skipAttributes() -> Bool? {
        while true {
            skipSpace()
            if take("/>") { return true }
            if take(">") { return false }
            guard readName() != nil else { return nil }
            skipSpace()
            guard take("=") else { return nil }
            skipSpace()
            if take("\"") {
                guard skip(past: "\"") else { return nil }
            } else if take("'") {
                guard skip(past: "'") else { return nil }
            } else {
                return nil
            }
        }
    }

    private mutating func readReference(into text: inout [UInt8]) -> Bool {
        let named: [(StaticString, UInt8)] = [
            ("&amp;", 0x26), ("&lt;", 0x3c), ("&gt;", 0x3e), ("&quot;", 0x22), ("&apos;", 0x27),
        ]
        for (name, byte) in named where take(name) {
            text.append(byte)
            return true
        }
        guard take("&#") else { return false }
        let radix: UInt32 = take("x") ? 16 : 10
        var value: UInt32 = 0
        var count = 0
        while let byte = next, byte != UInt8(ascii: ";") {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix, count < 8 else {
                return false
            }
            value = value &* radix &+ UInt32(digit)
            count += 1
            offset += 1
        }
        guard take(";"), count > 0, value > 0, let scalar = Unicode.Scalar(value) else { return false }
        text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        return true
    }
}
