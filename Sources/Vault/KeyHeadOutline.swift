internal import Policy
internal import Sealing
internal import SecretMemory

/// What an unseal reads of the encoded head of a key: where the key belongs, and what is asked of it all the time. The
/// rest is decoded when somebody wants it.
struct KeyHeadOutline {
    let path: ResourcePath
    let keyID: KeyID
    let summary: KeyHeadSummary
    let lastUsed: Timestamp
    let lastUsedBy: String
    /// Whether the head says how the key is rotated.
    let hasRotation: Bool

    /// - Returns: nil where the bytes are no `KeyHead` of format.md.
    init?(_ head: RawSpan) {
        var keyID: Bytes16?
        var path: ResourcePath?
        var summary = KeyHeadSummary.Fields()
        var (lastUsed, lastUsedBy, hasRotation) = (UInt64(0), "", false)
        var isSound = true
        let isWhole = EncodedFields.visit(head) { (number, value) in
            switch number {
            case 8: summary.created = value
            case 9: summary.updated = value
            case 10: summary.expires = value
            case 11: summary.deleted = value
            case 12: summary.purgeAfter = value
            case 15: summary.current = UInt32(truncatingIfNeeded: value)
            case 16: summary.pending = UInt32(truncatingIfNeeded: value)
            case 17: summary.previous = UInt32(truncatingIfNeeded: value)
            case 18: summary.previousUntil = value
            case 20: lastUsed = value
            case 6, 13: break
            default: isSound = false
            }
        } bytes: { (number, bytes) in
            switch number {
            case 1: keyID = Bytes16(bytes)
            case 2: path = Self.text(bytes).flatMap { try? ResourcePath(parsing: $0) }
            case 21: if let text = Self.text(bytes) { lastUsedBy = text } else { isSound = false }
            case 22: hasRotation = true
            case 3, 4, 5, 7, 14, 19, 23: break
            default: isSound = false
            }
        }
        guard isWhole, isSound, let keyID, let path, let used = Timestamp(exactly: lastUsed) else { return nil }
        self.path = path
        self.keyID = KeyID(keyID)
        self.summary = KeyHeadSummary(summary)
        self.lastUsed = used
        self.lastUsedBy = lastUsedBy
        self.hasRotation = hasRotation
    }

    private static func text(_ bytes: RawSpan) -> String? {
        unsafe bytes.withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
    }
}
