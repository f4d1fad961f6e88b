internal import IssuedKeys
internal import SecretMemory

/// What a key's fields and metadata have to be. Each error names the member, and never repeats a value.
enum KeyChecks {
    static func check(_ fields: [SecretField]) throws(VaultError) {
        guard !fields.isEmpty else {
            throw VaultError(.invalidField, "a key has at least one field, usually `value`", field: "fields")
        }
        guard fields.count <= VaultLimits.fields else {
            throw VaultError(.invalidField, "a key has at most \(VaultLimits.fields) fields", field: "fields")
        }
        var names: Set<String> = []
        var total = 0
        for field in fields {
            try check(fieldName: field.name)
            guard names.insert(field.name).inserted else {
                throw VaultError(.invalidField, "a field is given once", field: "fields.\(field.name)")
            }
            guard field.value.count <= VaultLimits.fieldBytes else {
                throw VaultError(
                    .tooLarge, "a field has at most \(VaultLimits.fieldBytes) bytes", field: "fields.\(field.name)")
            }
            total += field.value.count
        }
        guard total <= VaultLimits.versionBytes else {
            throw VaultError(
                .tooLarge, "the fields have at most \(VaultLimits.versionBytes) bytes together", field: "fields")
        }
    }

    private static func check(fieldName name: String) throws(VaultError) {
        let bytes = Array(name.utf8)
        let start: ClosedRange<UInt8> = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits: ClosedRange<UInt8> = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = bytes.first, start.contains(first), bytes.count <= 64,
            bytes.allSatisfy({ start.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") })
        else {
            throw VaultError(
                .invalidField, "a field's name is 1 to 64 lower-case letters, digits and `_`, and starts with a letter",
                field: "fields")
        }
    }

    static func check(_ change: MetadataChange, now: Timestamp) throws(VaultError) {
        try check(change.name, "name", VaultLimits.nameCharacters)
        try check(change.provider, "provider", VaultLimits.nameCharacters)
        try check(change.description, "description", VaultLimits.descriptionCharacters, newlines: true)
        if let tags = change.tags {
            guard tags.count <= VaultLimits.tags else {
                throw VaultError(.invalidField, "a key has at most \(VaultLimits.tags) tags", field: "tags")
            }
            for tag in tags {
                guard !tag.isEmpty else { throw VaultError(.invalidField, "a tag is not empty", field: "tags") }
                try check(tag, "tags", VaultLimits.nameCharacters)
            }
        }
        if case .some(.some(let expires)) = change.expires {
            do throws(LifetimeError) { try Lifetime.check(end: expires, at: now) } catch {
                throw VaultError(.invalidField, "\(error)", field: "expires")
            }
        }
    }

    static func check(_ text: String?, _ field: String, _ limit: Int, newlines: Bool = false) throws(VaultError) {
        guard let text else { return }
        guard text.unicodeScalars.count <= limit else {
            throw VaultError(.invalidField, "at most \(limit) characters", field: field)
        }
        guard text.unicodeScalars.allSatisfy({ isPlain($0) || (newlines && $0 == "\n") }) else {
            throw VaultError(.invalidField, "no control characters", field: field)
        }
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format: false
        default: true
        }
    }

    static func check(_ overlap: Int64?) throws(VaultError) {
        guard let overlap else { return }
        guard overlap > 0, overlap <= 400 * 86_400_000 else {
            throw VaultError(.invalidField, "an overlap is longer than nothing and at most 400 days", field: "overlap")
        }
    }
}

/// The start of a value that may be shown, to tell keys apart.
///
/// At most 12 characters and a quarter of the value: up to the last `_`, `-` or `.` among them (`sk_test_`), or else the
/// first four. Nothing of a value shorter than 16 bytes, or of one that is not plain ASCII there.
func displayablePrefix(of value: RawSpan) -> String {
    guard value.byteCount >= 16 else { return "" }
    let most = min(12, value.byteCount / 4)
    var shown: [UInt8] = []
    var length = min(4, most)
    for offset in 0..<most {
        let byte = unsafe value.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        guard byte > 0x20, byte < 0x7F else { return "" }
        shown.append(byte)
        if byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") { length = offset + 1 }
    }
    return String(decoding: shown.prefix(length), as: UTF8.self)
}
