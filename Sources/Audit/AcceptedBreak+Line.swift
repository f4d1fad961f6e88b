/// A line of a checkpoint: `accepted`, the problem, and sequence and hash (in base64) of the last entry before the break, of
/// where the chain is taken up again (`0 -`: nowhere), the last entry that is known to be gone (0: none), sequence and hash of
/// the entry that accepts it, the time, and the key slot.
extension AcceptedBreak {
    var line: String {
        var moment: [UInt8] = []
        Timestamp.append(time, to: &moment)
        let after = place.after.map(Self.words) ?? "0 -"
        return
            "accepted \(place.problem.rawValue) \(Self.words(place.before)) \(after) \(place.through ?? 0) \(Self.words(entry)) "
            + String(decoding: moment, as: UTF8.self) + " \(slot)"
    }

    /// Reads such a line; nil where it is none.
    init?(line: Substring) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 11, words[0] == "accepted", let problem = AuditFinding.Problem(rawValue: words[1]),
            let before = Self.head(words[2], words[3]), let through = UInt64(words[6]),
            let entry = Self.head(words[7], words[8]), let time = Timestamp.parse(Array(words[9].utf8)[...]),
            let slot = UInt32(words[10])
        else { return nil }
        var after: AuditHead?
        if words[4] != "0" || words[5] != "-" {
            guard let head = Self.head(words[4], words[5]) else { return nil }
            after = head
        }
        self.init(
            AuditBreak(problem, before: before, after: after, through: through == 0 ? nil : through), entry: entry,
            time: time, slot: slot)
    }

    private static func words(_ head: AuditHead) -> String { "\(head.sequence) \(Base64.encode(head.hash.bytes))" }

    private static func head(_ sequence: String, _ hash: String) -> AuditHead? {
        guard let number = UInt64(sequence), let hash = Base64.decode(hash).flatMap({ AuditHash(bytes: $0) }) else {
            return nil
        }
        return AuditHead(sequence: number, hash: hash)
    }
}
