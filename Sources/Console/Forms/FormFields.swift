internal import SecretMemory
internal import VaultAPI

/// What a form or a query says: names with values, in the order in which they came.
struct FormFields: Sendable {
    /// The most fields of one form.
    static let most = 200

    private var fields: [(name: String, value: WipedBytes)]

    /// - Parameter fields: as they are, decoded.
    init(fields: [(name: String, value: WipedBytes)] = []) { self.fields = fields }

    /// Decodes `application/x-www-form-urlencoded`.
    ///
    /// - Throws: ``FormError`` where `%` is not followed by two hexadecimal digits, a name is no UTF-8, or there are too
    ///   many fields.
    init(decoding bytes: WipedBytes) throws(FormError) {
        fields = []
        guard bytes.count > 0 else { return }
        fields = try bytes.withBytes { (bytes) throws(FormError) in
            var fields: [(name: String, value: WipedBytes)] = []
            var start = 0
            for end in 0...bytes.byteCount where end == bytes.byteCount || bytes.byte(at: end) == UInt8(ascii: "&") {
                guard fields.count < Self.most else { throw .tooMany }
                fields.append(try Self.field(bytes.extracting(start..<end)))
                start = end + 1
            }
            return fields
        }
    }

    init(decoding query: String?) throws(FormError) {
        try self.init(decoding: WipedBytes(utf8: query ?? ""))
    }

    private static func field(_ bytes: RawSpan) throws(FormError) -> (name: String, value: WipedBytes) {
        let equals = bytes.byteOffsets.first { bytes.byte(at: $0) == UInt8(ascii: "=") } ?? bytes.byteCount
        let name = try decode(bytes.extracting(0..<equals))
        guard let text = name.disclosedText() else { throw .malformed }
        return (text, try decode(bytes.extracting(min(equals + 1, bytes.byteCount)..<bytes.byteCount)))
    }

    private static func decode(_ bytes: RawSpan) throws(FormError) -> WipedBytes {
        let count = try length(bytes)
        return WipedBytes(count: count) { (target: inout MutableRawSpan) in
            var read = 0
            for offset in 0..<count {
                var byte = bytes.byte(at: read)
                if byte == UInt8(ascii: "+") {
                    byte = UInt8(ascii: " ")
                } else if byte == UInt8(ascii: "%") {
                    byte =
                        (HexDigit.value(of: bytes.byte(at: read + 1)) ?? 0) << 4
                        | (HexDigit.value(of: bytes.byte(at: read + 2)) ?? 0)
                    read += 2
                }
                target.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
                read += 1
            }
        }
    }

    private static func length(_ bytes: RawSpan) throws(FormError) -> Int {
        var (read, count) = (0, 0)
        while read < bytes.byteCount {
            if bytes.byte(at: read) == UInt8(ascii: "%") {
                guard read + 2 < bytes.byteCount, HexDigit.value(of: bytes.byte(at: read + 1)) != nil,
                    HexDigit.value(of: bytes.byte(at: read + 2)) != nil
                else { throw .malformed }
                read += 2
            }
            read += 1
            count += 1
        }
        return count
    }

    // MARK: Reading

    /// The value of a field as text without spaces around it, line ends as in Unix; empty where it is absent. What is no
    /// UTF-8 is absent.
    subscript(_ name: String) -> String {
        guard let text = secret(name)?.disclosedText() else { return "" }
        let isSpace: (Unicode.Scalar) -> Bool = { [" ", "\t", "\n", "\r"].contains($0) }
        let unix = text.replacing("\r\n", with: "\n").unicodeScalars
        let trimmed = unix.drop(while: isSpace)
        return String(String.UnicodeScalarView(trimmed.reversed().drop(while: isSpace).reversed()))
    }

    /// The same, or nil where nothing is said.
    func text(_ name: String) -> String? {
        let text = self[name]
        return text.isEmpty ? nil : text
    }

    /// Whether a box was ticked.
    func isTicked(_ name: String) -> Bool { secret(name) != nil }

    /// The bytes of a field as they are; nil where it is absent.
    func secret(_ name: String) -> WipedBytes? { fields.first { $0.name == name }?.value }

    /// All values of a name, and all names.
    func secrets(_ name: String) -> [WipedBytes] { fields.filter { $0.name == name }.map(\.value) }
    var names: [String] { fields.map(\.name) }

    /// A whole number in `range`, or nil.
    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        Int(self[name]).flatMap { range.contains($0) ? $0 : nil }
    }
}

/// A form that cannot be read.
enum FormError: Error { case malformed, tooMany }

extension WipedBytes {
    /// What was typed into a text area as it was meant: browsers send line ends as two bytes, and the last line often
    /// ends with one by accident.
    func asTyped() -> WipedBytes {
        withBytes { bytes in
            func isReturn(_ offset: Int) -> Bool {
                bytes.byte(at: offset) == UInt8(ascii: "\r") && offset + 1 < bytes.byteCount
                    && bytes.byte(at: offset + 1) == UInt8(ascii: "\n")
            }
            var kept = bytes.byteOffsets.filter { !isReturn($0) }
            if let last = kept.last, bytes.byte(at: last) == UInt8(ascii: "\n") { kept.removeLast() }
            return WipedBytes(count: kept.count) { (target: inout MutableRawSpan) in
                for (place, offset) in kept.enumerated() {
                    target.storeBytes(of: bytes.byte(at: offset), toByteOffset: place, as: UInt8.self)
                }
            }
        }
    }

    /// Whether the bytes are UTF-8.
    var isText: Bool { disclosedText() != nil }
}

extension FormFields {
    /// What a form shows first: texts, none of them a secret.
    init(_ texts: [(name: String, value: String)]) {
        self.init(fields: texts.map { ($0.name, WipedBytes(utf8: $0.value)) })
    }
}
