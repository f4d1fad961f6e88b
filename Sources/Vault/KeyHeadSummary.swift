internal import SecretMemory
internal import Sealing

/// The few fields of a key's head that retrievals, lists and the clock look at. Small: there may be a million.
struct KeyHeadSummary: Sendable {
    let current: UInt32
    let previous: UInt32
    let created: UInt64
    let updated: UInt64
    /// Nil for most.
    private let more: More?

    /// What few keys have.
    private final class More: Sendable {
        let pending: UInt32
        let previousUntil: UInt64
        let expires: UInt64
        let deleted: UInt64
        let purgeAfter: UInt64

        init?(_ fields: Fields) {
            (pending, previousUntil, expires) = (fields.pending, fields.previousUntil, fields.expires)
            (deleted, purgeAfter) = (fields.deleted, fields.purgeAfter)
            guard pending != 0 || previousUntil | expires | deleted | purgeAfter != 0 else { return nil }
        }
    }

    /// The same as the head has them; 0 for none.
    struct Fields {
        var current: UInt32 = 0
        var pending: UInt32 = 0
        var previous: UInt32 = 0
        var previousUntil: UInt64 = 0
        var created: UInt64 = 0
        var updated: UInt64 = 0
        var expires: UInt64 = 0
        var deleted: UInt64 = 0
        var purgeAfter: UInt64 = 0
    }

    init(_ fields: Fields) {
        (current, previous) = (fields.current, fields.previous)
        (created, updated) = (fields.created, fields.updated)
        more = More(fields)
    }

    init(_ head: StoredKeyHead) {
        self.init(
            Fields(
                current: head.current, pending: head.pending, previous: head.previous,
                previousUntil: head.previousUntil, created: head.created, updated: head.updated,
                expires: head.expires, deleted: head.deleted, purgeAfter: head.purgeAfter))
    }

    var pending: UInt32 { more?.pending ?? 0 }
    var previousUntil: UInt64 { more?.previousUntil ?? 0 }
    var expires: UInt64 { more?.expires ?? 0 }
    var deleted: UInt64 { more?.deleted ?? 0 }
    var purgeAfter: UInt64 { more?.purgeAfter ?? 0 }

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
