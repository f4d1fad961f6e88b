package import NIOCore
package import SecretMemory
internal import VaultAPI

/// Writes JSON (RFC 8259) straight into a buffer, so that a secret on its way out is never a `String` and never passes
/// an encoder. Members come out in the order in which they are written.
package struct SecretJSONWriter {
    package private(set) var buffer: ByteBuffer
    private var needsComma = false

    /// - Parameter capacity: enough for the whole text, so that the buffer is not moved while it is written.
    package init(capacity: Int) { buffer = ByteBufferAllocator().buffer(capacity: capacity) }

    package mutating func beginObject() { open("{") }
    package mutating func endObject() { close("}") }
    package mutating func beginArray() { open("[") }
    package mutating func endArray() { close("]") }

    /// The name of a member; its value follows.
    package mutating func name(_ name: String) { unsafe quote(name.utf8Span.span.bytes, isName: true) }

    package mutating func string(_ text: String) { unsafe quote(text.utf8Span.span.bytes) }

    package mutating func integer(_ number: some BinaryInteger) {
        separate()
        buffer.writeString(String(number))
    }

    package mutating func bool(_ value: Bool) {
        separate()
        buffer.writeString(value ? "true" : "false")
    }

    /// A secret as text. The bytes must be UTF-8.
    package mutating func secret(_ secret: WipedBytes) { secret.withBytes { quote($0) } }

    /// A secret as base64 (RFC 4648, section 4, with padding).
    package mutating func base64(_ secret: WipedBytes) { self.secret(Base64.encode(secret)) }

    /// The members of an object that is JSON already, which must not be empty.
    package mutating func members(of object: [UInt8]) {
        separate()
        buffer.writeBytes(object.dropFirst().dropLast())
    }

    /// How many bytes ``secret(_:)`` or ``base64(_:)`` writes for `secret`, at most.
    package static func capacity(for secret: WipedBytes) -> Int {
        secret.withBytes { bytes in
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
        buffer.writeInteger(UInt8(ascii: bracket))
        needsComma = false
    }

    private mutating func close(_ bracket: Unicode.Scalar) {
        buffer.writeInteger(UInt8(ascii: bracket))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
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
        for offset in bytes.byteOffsets {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            guard Self.escapes(byte) else { continue }
            return quoteEscaped(bytes, isName: isName)
        }
        // Nearly all texts stand for themselves: written in one go, comma and colon included.
        let needsComma = needsComma
        unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.byteCount + 4) { target in
            var end = 0
            func put(_ scalar: Unicode.Scalar) {
                unsafe target[end] = UInt8(ascii: scalar)
                end += 1
            }
            if needsComma { put(",") }
            put("\"")
            unsafe bytes.withUnsafeBytes { text in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[end...]).copyMemory(from: text)
            }
            end += bytes.byteCount
            put("\"")
            if isName { put(":") }
            return end
        }
        self.needsComma = !isName
    }

    private mutating func quoteEscaped(_ bytes: RawSpan, isName: Bool) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        // Whole runs of bytes that stand for themselves are written at once.
        var plain = 0
        for offset in bytes.byteOffsets {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            guard Self.escapes(byte) else { continue }
            write(bytes.extracting(plain..<offset))
            plain = offset + 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                buffer.writeInteger(UInt8(ascii: "\\"))
                buffer.writeInteger(byte)
            case UInt8(ascii: "\n"): buffer.writeStaticString("\\n")
            case UInt8(ascii: "\r"): buffer.writeStaticString("\\r")
            case UInt8(ascii: "\t"): buffer.writeStaticString("\\t")
            default:
                buffer.writeStaticString("\\u00")
                buffer.writeInteger(Self.hexadecimal(byte >> 4))
                buffer.writeInteger(Self.hexadecimal(byte & 15))
            }
        }
        write(bytes.extracting(plain..<bytes.byteCount))
        buffer.writeInteger(UInt8(ascii: "\""))
        guard isName else { return }
        buffer.writeInteger(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func write(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { _ = unsafe buffer.writeBytes($0) }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
