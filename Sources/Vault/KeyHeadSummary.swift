internal import SecretMemory
internal import Sealing

/// The few fields of a key's head that retrievals, lists and the clock look at.
struct KeyHeadSummary: Sendable {
    let current: UInt32
    let pending: UInt32
    let previous: UInt32
    let previousUntil: UInt64
    let created: UInt64
    let updated: UInt64
    let expires: UInt64
    let deleted: UInt64
    let purgeAfter: UInt64

    init(_ head: StoredKeyHead) {
        current = head.current
        pending = head.pending
        previous = head.previous
        previousUntil = head.previousUntil
        created = head.created
        updated = head.updated
        expires = head.expires
        deleted = head.deleted
        purgeAfter = head.purgeAfter
    }

    /// Whether the previous version, where there is one, is still served at `now`.
    func isPreviousHonoured(at now: Timestamp) -> Bool { previousUntil == 0 || now < Timestamp(previousUntil) }
}

extension StoredKeyHead {
    var currentVersion: StoredVersionHead? { versions.first { $0.number == current } }
}

extension WipedBytes {
    /// A message as it is before it is sealed.
    convenience init(encoding message: some RecordMessage) throws(SealingError) {
        var bytes = try message.encoded()
        defer { Sodium.wipe(&bytes) }
        unsafe self.init(copying: bytes.span.bytes)
    }
}
