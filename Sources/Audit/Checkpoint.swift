package import SecretMemory

/// A head of the log, signed, so that someone with the public key alone can tell later that the log still contains
/// what it contained then.
///
/// A signed note as C2SP specifies it (`signed-note`), whose text is four lines: the log's name, the sequence, the
/// hash in base64, and `keyturn-audit 1` with the time. After them comes a line for each break of the log that an operator
/// has accepted.
package struct Checkpoint: Equatable, Sendable {
    /// The log's name, such as `keyturn.example/audit`.
    package let origin: String
    package let head: AuditHead
    /// Milliseconds since 1970 UTC.
    package let time: Int64
    /// The breaks that an operator had accepted by then, in the order of the chain.
    package let accepted: [AcceptedBreak]

    private static let mark = "keyturn-audit 1 "
    /// The longest note that is read, in bytes, the most signatures, and the most accepted breaks that are told: the latest.
    private static let limits = (bytes: 65_536, signatures: 64, accepted: 160)

    /// - Throws: ``CheckpointError/badName``.
    package init(
        origin: String, head: AuditHead, time: Int64, accepted: [AcceptedBreak] = []
    ) throws(CheckpointError) {
        guard CheckpointKey.isName(origin) else { throw .badName }
        self.origin = origin
        self.head = head
        self.time = Timestamp.clamped(time)
        self.accepted = accepted
    }

    /// What is signed.
    var text: String {
        var moment: [UInt8] = []
        Timestamp.append(time, to: &moment)
        return "\(origin)\n\(head.sequence)\n\(Base64.encode(head.hash.bytes))\n"
            + Self.mark + String(decoding: moment, as: UTF8.self) + "\n"
            + accepted.suffix(Self.limits.accepted).map { $0.line + "\n" }.joined()
    }

    /// The note, signed by the key of `seed`, 32 secret bytes, in the name of the log.
    package func signed(seed: borrowing SecretBytes) throws(CheckpointError) -> String {
        let (signature, key) = try CheckpointKey.sign(text, name: origin, seed: seed)
        return "\(text)\n\u{2014} \(key.name) \(Base64.encode(key.id + signature))\n"
    }

    /// Reads a note, and believes it only if `key` has signed it. Signatures by others are passed over.
    package init(verifying note: String, by key: CheckpointKey) throws(CheckpointError) {
        let text = try Self.verifiedText(of: note, by: key)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 5, lines.last?.isEmpty == true, CheckpointKey.isName(lines[0]),
            let sequence = UInt64(lines[1]),
            String(sequence) == lines[1], let hash = Base64.decode(lines[2]).flatMap({ AuditHash(bytes: $0) }),
            lines[3].hasPrefix(Self.mark),
            let time = Timestamp.parse(Array(lines[3].utf8.dropFirst(Self.mark.utf8.count))[...])
        else { throw .badText }
        accepted = try lines[4..<(lines.count - 1)].map { (line) throws(CheckpointError) in
            guard let accepted = AcceptedBreak(line: line) else { throw .badText }
            return accepted
        }
        guard lines[0] == key.name else { throw .badName }
        origin = String(lines[0])
        head = AuditHead(sequence: sequence, hash: hash)
        self.time = time
    }

    private static func verifiedText(of note: String, by key: CheckpointKey) throws(CheckpointError) -> String {
        guard note.utf8.count <= limits.bytes else { throw .badNote }
        guard !note.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" }) else { throw .badNote }
        let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
        // The signatures come after the last empty line; the last line break leaves one more empty piece.
        guard lines.last?.isEmpty == true, let gap = lines.dropLast().lastIndex(where: \.isEmpty), gap > 0 else {
            throw .badNote
        }
        let signatures = lines[(gap + 1)..<(lines.count - 1)]
        guard !signatures.isEmpty, signatures.count <= limits.signatures else { throw .badNote }
        let text = lines[..<gap].joined(separator: "\n") + "\n"
        var isSigned = false
        for line in signatures {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "\u{2014}", let bytes = Base64.decode(parts[2]), bytes.count > 4 else {
                throw .badNote
            }
            guard parts[1] == key.name, Array(bytes.prefix(4)) == key.id else { continue }
            guard key.verify(bytes[4...], of: text) else { throw .badSignature }
            isSigned = true
        }
        guard isSigned else { throw .notSigned }
        return text
    }
}
