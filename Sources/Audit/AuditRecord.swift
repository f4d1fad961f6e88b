/// An entry as it was read back from the log.
package struct AuditRecord: Equatable, Sendable {
    package var sequence: UInt64
    /// Milliseconds since 1970 UTC.
    package var time: Int64
    package var kind: String
    package var outcome: String
    package var action: String
    package var callerKind: String
    package var caller: String?
    package var callerName: String?
    package var address: String?
    package var key: String?
    package var issuer: String?
    package var issuedKey: String?
    package var version: UInt64?
    package var target: String?
    package var code: String?
    package var decision: String?
    package var detail: String?
    /// 64 hexadecimal digits.
    package var digest: String?
    package var generation: UInt64?
    package var route: String?
    package var count: UInt64?
    /// Microseconds.
    package var duration: UInt64?
    package var hash: AuditHash
    /// The line as it stands in the file, without its break: printable ASCII.
    package var line: String

    /// Reads the line at `range` of `bytes`; nil where it is no entry. Its hash is not checked.
    init?(_ bytes: [UInt8], _ range: Range<Int>) {
        guard let outer = LogLine(bytes, range), case .entry(let sequence) = outer.position,
            let fields = LineFields(bytes, range)
        else { return nil }
        self.init(fields, sequence: sequence, hash: outer.hash, line: bytes[range])
    }

    /// Reads one line, without its break; nil where it is no entry. Its hash is not checked.
    package init?(line: String) {
        let bytes = Array(line.utf8)
        self.init(bytes, 0..<bytes.count)
    }

    init?(_ fields: LineFields, sequence: UInt64, hash: AuditHash, line: ArraySlice<UInt8>) {
        guard let time = fields.time, let kind = fields.text("kind"), let outcome = fields.text("outcome"),
            let action = fields.text("action"), let callerKind = fields.text("caller_kind")
        else { return nil }
        self.sequence = sequence
        self.time = time
        self.kind = kind
        self.outcome = outcome
        self.action = action
        self.callerKind = callerKind
        caller = fields.text("caller")
        callerName = fields.text("caller_name")
        address = fields.text("address")
        key = fields.text("key")
        issuer = fields.text("issuer")
        issuedKey = fields.text("issued_key")
        version = fields.number("version")
        target = fields.text("target")
        code = fields.text("code")
        decision = fields.text("decision")
        detail = fields.text("detail")
        digest = fields.text("digest")
        generation = fields.number("generation")
        route = fields.text("route")
        count = fields.number("count")
        duration = fields.number("micros")
        self.hash = hash
        self.line = String(decoding: line, as: UTF8.self)
    }
}

extension AuditRecord {
    /// The time as it stands in the line.
    package var timeText: String {
        var bytes: [UInt8] = []
        Timestamp.append(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Who asked, in a few words: the kind of caller, its id and its name.
    package var callerWords: String {
        [callerKind, caller, callerName].compactMap { $0 }.joined(separator: " ")
    }
}
