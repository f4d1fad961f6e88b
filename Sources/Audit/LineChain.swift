/// Turns bodies into lines, each bound to all that went before.
///
/// A line is `{"seq":N` body `,"hash":"` 64 digits `"}` and a line break. The hash is BLAKE2b-256 over the hash of
/// the line before (32 bytes) and the line's own bytes up to `,"hash"`. A file's header is a line too, without a
/// sequence of its own: its hash follows from the last entry's, and the next entry's from the header's.
struct LineChain {
    /// The last entry. Not changed by a header.
    private(set) var head: AuditHead
    /// The hash of the last line, be it an entry or a header.
    private(set) var link: AuditHash
    private var scratch: [UInt8] = []

    /// The state after the last entry `head` and the last line's hash `link`.
    init(head: AuditHead, link: AuditHash) {
        self.head = head
        self.link = link
    }

    /// Appends the next entry's line to `target`.
    mutating func append(_ body: [UInt8], to target: inout [UInt8]) {
        begin(after: link)
        scratch.append(contentsOf: #"{"seq":"#.utf8)
        LineEncoder.append(head.sequence + 1, to: &scratch)
        scratch.append(contentsOf: body)
        finish(to: &target)
        head = AuditHead(sequence: head.sequence + 1, hash: link)
    }

    /// The line of the entry that has come to stand at `head`, without its break.
    static func line(_ body: [UInt8], at head: AuditHead) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(body.count + 110)
        line.append(contentsOf: #"{"seq":"#.utf8)
        LineEncoder.append(head.sequence, to: &line)
        line.append(contentsOf: body)
        line.append(contentsOf: #","hash":""#.utf8)
        head.hash.appendHex(to: &line)
        line.append(contentsOf: "\"}".utf8)
        return line
    }

    /// Has the next entry come after the number `sequence`. Only a file's header may follow.
    mutating func leaveOut(through sequence: UInt64) {
        if sequence > head.sequence { head = AuditHead(sequence: sequence, hash: head.hash) }
    }

    /// Appends the header of a new file to `target`; `time` is that of the entry to follow.
    mutating func appendHeader(time: Int64, to target: inout [UInt8]) {
        begin(after: head.hash)
        scratch.append(contentsOf: #"{"keyturn_audit":1"#.utf8)
        var fields = LineEncoder(capacity: 192)
        fields.field("after", head.sequence)
        fields.field("prev", head.hash)
        fields.field("time", time: time)
        scratch.append(contentsOf: fields.bytes)
        finish(to: &target)
    }

    private mutating func begin(after hash: AuditHash) {
        scratch.removeAll(keepingCapacity: true)
        hash.append(to: &scratch)
    }

    private mutating func finish(to target: inout [UInt8]) {
        link = .blake2b(scratch)
        target.append(contentsOf: scratch[32...])
        target.append(contentsOf: #","hash":""#.utf8)
        link.appendHex(to: &target)
        target.append(contentsOf: "\"}\n".utf8)
    }
}
