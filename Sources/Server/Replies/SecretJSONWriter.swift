package import NIOCore
package import SecretMemory
internal import VaultAPI

/// Writes JSON (RFC 8259) as bytes, so that a secret on its way out is never a `String` and never passes an encoder.
/// Members come out in the order in which they are written.
package struct SecretJSONWriter {
    private var bytes: [UInt8] = []
    private var needsComma = false

    /// - Parameter capacity: enough for the whole text, so that it is not moved while it is written.
    package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// What was written, with room for the head of a reply before it.
    package var buffer: ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: Reply.headRoom + bytes.count)
        buffer.moveWriterIndex(to: Reply.headRoom)
        buffer.moveReaderIndex(to: Reply.headRoom)
        buffer.writeBytes(bytes)
        return buffer
    }

    package mutating func beginObject() { open("{") }
    package mutating func endObject() { close("}") }
    package mutating func beginArray() { open("[") }
    package mutating func endArray() { close("]") }

    /// The name of a member; its value follows.
    package mutating func name(_ name: String) { unsafe quote(name.utf8Span.span.bytes, isName: true) }

    /// ``name(_:)`` for a name that needs no escapes.
    mutating func member(_ name: StaticString) {
        unsafe put(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), isName: true)
    }

    package mutating func string(_ text: String) { unsafe quote(text.utf8Span.span.bytes) }

    package mutating func integer(_ number: some BinaryInteger) {
        separate()
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let magnitude = UInt64(number.magnitude)
        var divisor: UInt64 = 1
        while magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude / divisor % 10))
            divisor /= 10
        }
    }

    package mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    /// A secret as text. The bytes must be UTF-8.
    package mutating func secret(_ secret: WipedBytes) { secret.withBytes { quote($0) } }

    /// A secret as base64 (RFC 4648, section 4, with padding).
    package mutating func base64(_ secret: WipedBytes) { self.secret(Base64.encode(secret)) }

    /// The members of an object that is JSON already, which must not be empty.
    package mutating func members(of object: [UInt8]) {
        separate()
        bytes.append(contentsOf: object.dropFirst().dropLast())
    }

    /// How many bytes ``secret(_:)`` or ``base64(_:)`` writes for `secret`, at most.
    package static func capacity(for secret: WipedBytes) -> Int {
        secret.withBytes { bytes in
            if standsForItself(bytes) { return max(bytes.byteCount + 3, (bytes.byteCount + 2) / 3 * 4 + 3) }
            var count = 3
            for offset in bytes.byteOffsets {
                let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                count += escapes(byte) ? 6 : 1
            }
            return max(count, (bytes.byteCount + 2) / 3 * 4 + 3)
        }
    }

    // MARK: Bytes

    private mutating func open(_ bracket: Unicode.Scalar) {
        separate()
        bytes.append(UInt8(ascii: bracket))
        needsComma = false
    }

    private mutating func close(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Quotes, backslashes and control characters are escaped, and `<`, `>`, `&`, U+007F too, so that markup is inert
    /// wherever the text ends up.
    private static func escapes(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, 0x7f, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "&"):
            true
        default: false
        }
    }

    /// A text in quotes; after a name comes a colon.
    private mutating func quote(_ bytes: RawSpan, isName: Bool = false) {
        // Nearly all texts stand for themselves: written in one go, comma and colon included.
        guard Self.standsForItself(bytes) else { return quoteEscaped(bytes, isName: isName) }
        unsafe bytes.withUnsafeBytes { unsafe put($0, isName: isName) }
    }

    private mutating func put(_ text: UnsafeRawBufferPointer, isName: Bool) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        unsafe bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
        guard isName else { return }
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func append(_ text: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Whether nothing in a text ``escapes(_:)``, found out for eight bytes at once.
    private static func standsForItself(_ text: RawSpan) -> Bool {
        var place = 0
        if text.byteCount >= 8 {
            // The last eight may have been looked at in part.
            let last = text.byteCount - 8
            while place < last {
                let word = unsafe text.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
                guard standsForItself(word) else { return false }
                place += 8
            }
            return standsForItself(unsafe text.unsafeLoadUnaligned(fromByteOffset: last, as: UInt64.self))
        }
        var rest: UInt64 = 0x2020_2020_2020_2020
        while place < text.byteCount {
            rest = rest << 8 | UInt64(unsafe text.unsafeLoad(fromByteOffset: place, as: UInt8.self))
            place += 1
        }
        return standsForItself(rest)
    }

    private static func standsForItself(_ word: UInt64) -> Bool {
        let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        // A byte that is 0 has its highest bit set by this; another one may only where one is 0.
        func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
        let control = (word &- ones &* 0x20) & ~word | zeros(word ^ ones &* 0x7f)
        // `"` and `&` differ in one bit, and so do `<` and `>`.
        let markup = zeros((word | ones &* 0x04) ^ ones &* 0x26) | zeros((word | ones &* 0x02) ^ ones &* 0x3e)
        return (control | markup | zeros(word ^ ones &* 0x5c)) & high == 0
    }

    private mutating func quoteEscaped(_ text: RawSpan, isName: Bool) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        // Whole runs of bytes that stand for themselves are written at once.
        var plain = 0
        for offset in text.byteOffsets {
            let byte = unsafe text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            guard Self.escapes(byte) else { continue }
            write(text.extracting(plain..<offset))
            plain = offset + 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\r"): append("\\r")
            case UInt8(ascii: "\t"): append("\\t")
            default:
                append("\\u00")
                bytes.append(Self.hexadecimal(byte >> 4))
                bytes.append(Self.hexadecimal(byte & 15))
            }
        }
        write(text.extracting(plain..<text.byteCount))
        bytes.append(UInt8(ascii: "\""))
        guard isName else { return }
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func write(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe self.bytes.append(contentsOf: $0) }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
