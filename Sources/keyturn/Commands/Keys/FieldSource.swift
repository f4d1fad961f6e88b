internal import SecretMemory
internal import VaultAPI

/// One field of a key that is to be stored, and where its value comes from.
struct FieldSource: Equatable {
    enum Origin: Equatable {
        /// A file; `-` is standard input.
        case file(String)
        case terminal
    }

    /// The most bytes of one value.
    static let limit = 64 << 10

    var name: String
    var origin: Origin

    /// Puts the names and files of the command line together, in their order.
    ///
    /// - Parameters:
    ///   - fields: `--field`; none means the field `value`.
    ///   - files: `--value-file`; none means standard input where that is no terminal, else asking.
    static func pair(fields: [String], files: [String], inputIsTerminal: Bool) throws(Failure) -> [FieldSource] {
        let names = fields.isEmpty ? ["value"] : fields
        for name in names { _ = try KeyText.field(name) }
        guard Set(names).count == names.count else { throw .usage("--field names one field twice") }
        if files.isEmpty {
            guard !inputIsTerminal else { return names.map { FieldSource(name: $0, origin: .terminal) } }
            guard names.count == 1 else {
                throw .usage("standard input holds one value only", hint: "give one --value-file for each --field")
            }
            return [FieldSource(name: names[0], origin: .file("-"))]
        }
        guard files.count == names.count else {
            throw .usage("give one --value-file for each --field, in the same order")
        }
        guard files.count(where: { $0 == "-" }) <= 1 else { throw .usage("`-` stands for one value only") }
        return zip(names, files).map { FieldSource(name: $0, origin: .file($1)) }
    }

    /// Reads the value.
    ///
    /// - Parameter raw: keeps a final newline.
    func read(raw: Bool) throws(Failure) -> WipedBytes {
        let value: WipedBytes
        switch origin {
        case .file(let path):
            // Room for the newline that goes.
            let contents = try SecretFile.read(
                path, named: path == "-" ? "standard input" : "--value-file", limit: Self.limit + 2)
            value = raw ? contents : contents.withoutFinalNewline()
        case .terminal:
            let terminal = try Terminal.required(orGive: "give --value-file")
            value = try terminal.askSecret("Value of \(name): ").withBytes { WipedBytes(copying: $0) }
        }
        guard value.count > 0 else { throw .usage("the value of \(name) is empty") }
        guard value.count <= Self.limit else { throw .usage("the value of \(name) has more than \(Self.limit) bytes") }
        return value
    }
}

/// Fields as the wire takes them: as text, or all of them as base64 where one is no text.
struct EncodedFields {
    var fields: [String: SecretText]
    var encoding: FieldEncoding?

    init(_ values: [(name: String, value: WipedBytes)]) {
        let isText = values.allSatisfy { $0.value.disclosedText() != nil }
        encoding = isText ? nil : .base64
        fields = [:]
        for (name, value) in values { fields[name] = SecretText(isText ? value : Base64.encode(value)) }
    }
}

extension KeyValue {
    /// The bytes of a field, or nil where it is not there or not what the encoding says.
    func bytes(of field: String) -> WipedBytes? {
        guard let text = fields[field]?.bytes else { return nil }
        return encoding == .base64 ? Base64.decode(text) : text
    }
}
