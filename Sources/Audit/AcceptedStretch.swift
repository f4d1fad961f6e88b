/// The lines of an accepted break, which are passed over up to the one whose hash is known.
struct AcceptedStretch {
    let place: AuditBreak
    private let after: AuditHead
    /// The hash of the last line before it.
    private let link: AuditHash
    private let file: String?
    /// Whether a file has begun in it, in whose first line no entry follows from the one before.
    private var isInLaterFile = false

    init(place: AuditBreak, after: AuditHead, link: AuditHash, file: String?) {
        self.place = place
        self.after = after
        self.link = link
        self.file = file
    }

    /// Where the chain is taken up again.
    struct End {
        var head: AuditHead
        var link: AuditHash
        /// Whether the line that was looked at is the first to be checked, and not the last to be passed over.
        var takesLine: Bool
    }

    mutating func beginFile() { isInLaterFile = true }

    /// Where the chain goes on, if `line` is where the break ends.
    func end(at line: LogLine?, _ bytes: [UInt8], _ scratch: inout [UInt8]) -> End? {
        guard let line else { return nil }
        switch line.position {
        case .header(let before, let hash):
            guard AuditHead(sequence: before, hash: line.hash) == after else { return nil }
            return End(head: AuditHead(sequence: before, hash: hash), link: line.hash, takesLine: false)
        case .entry(let sequence):
            if AuditHead(sequence: sequence, hash: line.hash) == after, after.sequence != place.before.sequence {
                return End(head: after, link: line.hash, takesLine: false)
            }
            // Something was put in, and the chain goes on behind it from where it was.
            guard !isInLaterFile, after.hash == link, sequence == place.before.sequence + 1,
                line.expectedHash(after: link, in: bytes, scratch: &scratch) == line.hash
            else { return nil }
            return End(head: place.before, link: link, takesLine: true)
        }
    }

    /// Says that the end did not come.
    func fail(_ result: inout AuditVerification) {
        result.finding = AuditFinding(.missing, max(after.sequence, place.sequence), file: file)
    }
}
