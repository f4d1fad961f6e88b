/// The one way by which text reaches a line: JSON (RFC 8259) in printable ASCII, in the order of the calls.
///
/// What lies outside U+0020 to U+007E is written as `\uXXXX`, by surrogate pairs above U+FFFF, as are `"` and
/// `\`, so that a line breaks nothing and commands no terminal, whatever a name holds: neither line breaks nor
/// escapes, direction marks or separators reach the file as such.
struct LineEncoder {
    /// What is written, and room for more.
    private var storage: [UInt8]
    private var count = 0

    init(capacity: Int) { storage = [UInt8](repeating: 0, count: capacity) }

    /// All that was written.
    var bytes: [UInt8] { Array(storage[..<count]) }

    /// ``bytes``, of which no more are to come.
    consuming func finish() -> [UInt8] {
        storage.removeLast(storage.count - count)
        return storage
    }

    /// Appends `,"name":"text"`. Text over `limit` bytes of UTF-8 is cut at a character and ends in U+2026.
    mutating func field(_ name: StaticString, _ text: String, limit: Int) {
        let utf8 = text.utf8Span.span
        guard utf8.count <= limit, unsafe PlainText.isPlain(utf8.bytes) else {
            return escaped(name, text, limit: limit)
        }
        put(name, room: utf8.count + 2) { writer in
            writer.put(Self.quote)
            unsafe writer.put(utf8.bytes)
            writer.put(Self.quote)
        }
    }

    /// Appends `,"name":number`.
    mutating func field(_ name: StaticString, _ number: some BinaryInteger) {
        let (isNegative, magnitude) = (number < 0, UInt64(number.magnitude))
        put(name, room: 21) { writer in
            if isNegative { writer.put(0x2D) }
            writer.put(decimal: magnitude)
        }
    }

    /// Appends `,"name":"hexadecimal digits"`.
    mutating func field(_ name: StaticString, _ hash: AuditHash) {
        put(name, room: 66) { writer in
            writer.put(Self.quote)
            hash.putHex(to: &writer)
            writer.put(Self.quote)
        }
    }

    /// Appends `,"name":"2026-11-21T03:29:07.000Z"`.
    mutating func field(_ name: StaticString, time: Int64) {
        put(name, room: 26) { writer in
            writer.put(Self.quote)
            Timestamp.put(time, to: &writer)
            writer.put(Self.quote)
        }
    }

    /// Appends `,"name":` and what `body` writes, which is at most `room` bytes.
    private mutating func put(_ name: StaticString, room: Int, _ body: (inout LineWriter) -> Void) {
        let needed = count + room + name.utf8CodeUnitCount + 4
        if needed > storage.count {
            storage.append(contentsOf: repeatElement(0, count: max(needed - storage.count, storage.count)))
        }
        let start = count
        count = unsafe storage.withUnsafeMutableBytes { target in
            var writer = unsafe LineWriter(target, from: start)
            writer.put(0x2C)
            writer.put(Self.quote)
            writer.put(name)
            writer.put(Self.quote)
            writer.put(0x3A)
            body(&writer)
            return writer.end
        }
    }

    /// Text of which something does not stand for itself.
    private mutating func escaped(_ name: StaticString, _ text: String, limit: Int) {
        var escaped: [UInt8] = [Self.quote]
        if text.utf8.count <= limit {
            for scalar in text.unicodeScalars { Self.append(scalar, to: &escaped) }
        } else {
            var room = limit
            for scalar in text.unicodeScalars {
                room -= UTF8.width(scalar)
                guard room >= 0 else { break }
                Self.append(scalar, to: &escaped)
            }
            Self.appendEscape(0x2026, to: &escaped)
        }
        escaped.append(Self.quote)
        put(name, room: escaped.count) { unsafe $0.put(escaped.span.bytes) }
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        let value = scalar.value
        switch value {
        case 0x22, 0x5C: appendEscape(UInt16(value), to: &bytes)
        case 0x20...0x7E: bytes.append(UInt8(value))
        case 0...0xFFFF: appendEscape(UInt16(value), to: &bytes)
        default:
            appendEscape(UTF16.leadSurrogate(scalar), to: &bytes)
            appendEscape(UTF16.trailSurrogate(scalar), to: &bytes)
        }
    }

    private static func appendEscape(_ unit: UInt16, to bytes: inout [UInt8]) {
        bytes.append(0x5C)
        bytes.append(0x75)
        for shift in [12, 8, 4, 0] as [UInt16] {
            let digit = UInt8(truncatingIfNeeded: unit >> shift) & 15
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }

    private static let quote: UInt8 = 0x22
}
