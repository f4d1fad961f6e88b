/// The one way by which text reaches a line: JSON (RFC 8259) in printable ASCII, in the order of the calls.
///
/// What lies outside U+0020 to U+007E is written as `\uXXXX`, by surrogate pairs above U+FFFF, as are `"` and
/// `\`, so that a line breaks nothing and commands no terminal, whatever a name holds: neither line breaks nor
/// escapes, direction marks or separators reach the file as such.
struct LineEncoder {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Appends `,"name":"text"`. Text over `limit` bytes of UTF-8 is cut at a character and ends in U+2026.
    mutating func field(_ name: StaticString, _ text: String, limit: Int) {
        start(name)
        bytes.append(Self.quote)
        let utf8 = text.utf8Span.span
        if utf8.count <= limit, Self.isPlain(utf8) {
            unsafe utf8.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        } else if text.utf8.count <= limit {
            for scalar in text.unicodeScalars { append(scalar) }
        } else {
            var room = limit
            for scalar in text.unicodeScalars {
                room -= UTF8.width(scalar)
                guard room >= 0 else { break }
                append(scalar)
            }
            appendEscape(0x2026)
        }
        bytes.append(Self.quote)
    }

    /// Whether nothing in a text has to be escaped.
    private static func isPlain(_ text: Span<UInt8>) -> Bool {
        for place in text.indices where !(0x20...0x7E ~= text[place]) || text[place] == 0x22 || text[place] == 0x5C {
            return false
        }
        return true
    }

    /// Appends `,"name":number`.
    mutating func field(_ name: StaticString, _ number: some BinaryInteger) {
        start(name)
        Self.append(number, to: &bytes)
    }

    /// Appends `,"name":"hexadecimal digits"`.
    mutating func field(_ name: StaticString, _ hash: AuditHash) {
        start(name)
        bytes.append(Self.quote)
        hash.appendHex(to: &bytes)
        bytes.append(Self.quote)
    }

    /// Appends `,"name":"2026-11-21T03:29:07.000Z"`.
    mutating func field(_ name: StaticString, time: Int64) {
        start(name)
        bytes.append(Self.quote)
        Timestamp.append(time, to: &bytes)
        bytes.append(Self.quote)
    }

    private mutating func start(_ name: StaticString) {
        bytes.append(0x2C)
        bytes.append(Self.quote)
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(Self.quote)
        bytes.append(0x3A)
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        let value = scalar.value
        switch value {
        case 0x22, 0x5C: appendEscape(UInt16(value))
        case 0x20...0x7E: bytes.append(UInt8(value))
        case 0...0xFFFF: appendEscape(UInt16(value))
        default:
            appendEscape(UTF16.leadSurrogate(scalar))
            appendEscape(UTF16.trailSurrogate(scalar))
        }
    }

    private mutating func appendEscape(_ unit: UInt16) {
        bytes.append(0x5C)
        bytes.append(0x75)
        for shift in [12, 8, 4, 0] as [UInt16] {
            let digit = UInt8(truncatingIfNeeded: unit >> shift) & 15
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }

    /// Appends the decimal digits of `number`.
    static func append(_ number: some BinaryInteger, to target: inout [UInt8]) {
        if number < 0 { target.append(0x2D) }
        let start = target.count
        var rest = UInt64(number.magnitude)
        repeat {
            target.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        target[start...].reverse()
    }

    private static let quote: UInt8 = 0x22
}
