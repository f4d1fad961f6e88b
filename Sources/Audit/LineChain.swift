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
        begin(after: link, room: Self.startRoom + body.count)
        let end = unsafe scratch.withUnsafeMutableBytes { scratch in
            var writer = unsafe LineWriter(scratch, from: 32)
            Self.put(body, number: head.sequence + 1, to: &writer)
            return writer.end
        }
        finish(end, to: &target)
        head = AuditHead(sequence: head.sequence + 1, hash: link)
    }

    /// The line of the entry that has come to stand at `head`, without its break.
    static func line(_ body: [UInt8], at head: AuditHead) -> [UInt8] {
        var line = [UInt8](repeating: 0, count: startRoom + body.count + LogLine.tail)
        let end = unsafe line.withUnsafeMutableBytes { line in
            var writer = unsafe LineWriter(line)
            put(body, number: head.sequence, to: &writer)
            put(head.hash, to: &writer)
            return writer.end
        }
        line.removeLast(line.count - end)
        return line
    }

    /// Enough for `{"seq":` and any number.
    private static let startRoom = 27

    private static func put(_ body: [UInt8], number: UInt64, to writer: inout LineWriter) {
        writer.put(#"{"seq":"#)
        writer.put(decimal: number)
        unsafe writer.put(body.span.bytes)
    }

    private static func put(_ hash: AuditHash, to writer: inout LineWriter) {
        writer.put(#","hash":""#)
        hash.putHex(to: &writer)
        writer.put(#""}"#)
    }

    /// Has the next entry come after the number `sequence`. Only a file's header may follow.
    mutating func leaveOut(through sequence: UInt64) {
        if sequence > head.sequence { head = AuditHead(sequence: sequence, hash: head.hash) }
    }

    /// Appends the header of a new file to `target`; `time` is that of the entry to follow.
    mutating func appendHeader(time: Int64, to target: inout [UInt8]) {
        var fields = LineEncoder(capacity: 192)
        fields.field("after", head.sequence)
        fields.field("prev", head.hash)
        fields.field("time", time: time)
        let body = fields.finish()
        begin(after: head.hash, room: Self.startRoom + body.count)
        let end = unsafe scratch.withUnsafeMutableBytes { scratch in
            var writer = unsafe LineWriter(scratch, from: 32)
            writer.put(#"{"keyturn_audit":1"#)
            unsafe writer.put(body.span.bytes)
            return writer.end
        }
        finish(end, to: &target)
    }

    /// Begins the scratch with the hash before, and has room for as many bytes after it.
    private mutating func begin(after hash: AuditHash, room: Int) {
        if scratch.count < 32 + room { scratch = [UInt8](repeating: 0, count: 32 + room) }
        unsafe scratch.withUnsafeMutableBytes { scratch in
            var writer = unsafe LineWriter(scratch)
            hash.put(to: &writer)
        }
    }

    /// Hashes the scratch up to `end`, and appends the line that is in it.
    private mutating func finish(_ end: Int, to target: inout [UInt8]) {
        link = unsafe .blake2b(scratch.span.bytes.extracting(0..<end))
        let start = target.count
        target.append(contentsOf: scratch[32..<end])
        target.append(contentsOf: repeatElement(0, count: LogLine.tail + 1))
        unsafe target.withUnsafeMutableBytes { target in
            var writer = unsafe LineWriter(target, from: start + end - 32)
            Self.put(link, to: &writer)
            writer.put(0x0A)
        }
    }
}
