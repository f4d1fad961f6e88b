package import SecretMemory

/// The fields of one version of an API key, as the one wiped block that is sealed; values are lent from it, not copied.
package struct VersionContent: Sendable {
    let plaintext: WipedBytes
    private let entries: [(name: String, value: Range<Int>)]

    /// Puts `fields` together, sorted by name.
    ///
    /// - Throws: ``SealingError/malformed(_:)`` for no fields, an empty name or the same name twice.
    package init(_ fields: [(name: String, value: WipedBytes)]) throws(SealingError) {
        let sorted = fields.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let sizes = sorted.map { field in
            Wire.size(ofBytes: field.name.utf8.count)
                + (field.value.count == 0 ? 0 : Wire.size(ofBytes: field.value.count))
        }
        let plaintext = WipedBytes(count: sizes.reduce(0) { $0 + Wire.size(ofBytes: $1) }) { span in
            var writer = SpanWriter()
            for (field, size) in zip(sorted, sizes) {
                writer.header(1, byteCount: size, to: &span)
                let name = Array(field.name.utf8)
                unsafe writer.bytes(1, name.span.bytes, to: &span)
                guard field.value.count > 0 else { continue }
                field.value.withBytes { writer.bytes(2, $0, to: &span) }
            }
        }
        try self.init(decoding: plaintext)
    }

    /// Reads a `VersionBody` message in its canonical encoding.
    ///
    /// - Throws: ``SealingError/malformed(_:)``.
    init(decoding plaintext: WipedBytes) throws(SealingError) {
        self.plaintext = plaintext
        entries = try plaintext.withBytes { (span) throws(SealingError) in
            var entries: [(name: String, value: Range<Int>)] = []
            var cursor = WireCursor(span, of: .version)
            while let range = try cursor.bytes(1, in: span) {
                var inner = WireCursor(span, range, of: .version)
                guard let nameRange = try inner.bytes(1, in: span), let name = Self.text(span.extracting(nameRange))
                else { throw .malformed(.version) }
                let value = try inner.bytes(2, in: span)
                try inner.finish()
                if let last = entries.last {
                    guard last.name.utf8.lexicographicallyPrecedes(name.utf8) else { throw .malformed(.version) }
                }
                entries.append((name, value ?? 0..<0))
            }
            try cursor.finish()
            guard !entries.isEmpty else { throw .malformed(.version) }
            return entries
        }
    }

    /// The bytes as text; nil where they are not UTF-8.
    private static func text(_ bytes: RawSpan) -> String? {
        unsafe bytes.withUnsafeBytes { bytes in
            let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
            guard let text = try? UTF8Span(validating: span) else { return nil }
            return String(copying: text)
        }
    }

    /// The fields' names, sorted by their UTF-8 bytes.
    package var names: [String] { entries.map(\.name) }

    /// The length in bytes of a field's value, or nil where there is no such field.
    package func count(of name: String) -> Int? { entries.first { $0.name == name }?.value.count }

    /// Lends the value of a field to `body`; nil where there is no such field.
    package func withValue<R, E: Error>(of name: String, _ body: (RawSpan) throws(E) -> R) throws(E) -> R? {
        guard let entry = entries.first(where: { $0.name == name }) else { return nil }
        return try plaintext.withBytes { (span) throws(E) in try body(span.extracting(entry.value)) }
    }

    /// Lends each field to `body`, sorted by name.
    package func forEach<E: Error>(_ body: (String, RawSpan) throws(E) -> Void) throws(E) {
        try plaintext.withBytes { (span) throws(E) in
            for entry in entries { try body(entry.name, span.extracting(entry.value)) }
        }
    }

    /// A copy of a field's value; nil where there is no such field.
    package func value(of name: String) -> WipedBytes? { withValue(of: name) { WipedBytes(copying: $0) } }

    /// How many fields there are.
    package var count: Int { entries.count }

    /// The name of one field, and a copy of its value; they are sorted by name.
    package func field(_ index: Int) -> (name: String, value: WipedBytes) {
        plaintext.withBytes { span in
            (entries[index].name, WipedBytes(copying: span.extracting(entries[index].value)))
        }
    }
}
