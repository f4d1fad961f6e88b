internal import Policy
internal import Sealing
internal import SecretMemory
internal import Synchronization

typealias StoredKeyHead = Records.KeyHead
typealias StoredVersionHead = Records.VersionHead
typealias StoredIssuedKey = Records.IssuedKey

/// One API key as the unsealed vault holds it: its head in the clear, its children sealed. Never changed, only replaced.
final class KeyEntry: Sendable {
    let path: ResourcePath
    /// What its children are bound to.
    let place: KeyPlace
    let row: RowID
    let head: StoredKeyHead
    /// Which sealing of the head this is.
    let mark: Mark
    let usage: UsageMark
    /// How it is rotated; nil: not.
    let rotation: KeyRotation?
    /// Sealed children that have been read or written: small ones only.
    private let cache: Mutex<Cache>

    struct Cache: Sendable {
        var wrappedKey: SealedRecord?
        var body: (number: UInt32, record: SealedRecord)?
    }

    init(
        path: ResourcePath, place: KeyPlace, row: RowID, head: StoredKeyHead, mark: Mark, usage: UsageMark,
        cache: Cache = Cache()
    ) {
        self.path = path
        self.place = place
        self.row = row
        self.head = head
        self.mark = mark
        self.usage = usage
        rotation = KeyRotation(head)
        self.cache = Mutex(cache)
    }

    var cached: Cache { cache.withLock { $0 } }

    func cache(wrappedKey: SealedRecord) {
        cache.withLock { $0.wrappedKey = wrappedKey }
    }

    func cache(body: SealedRecord, number: UInt32) {
        guard body.bytes.count <= VaultLimits.cachedBytes else { return }
        cache.withLock { $0.body = (number, body) }
    }

    func version(_ number: UInt32) -> StoredVersionHead? {
        head.versions.first { $0.number == number }
    }

    /// The number of the version that is served for `choice` at `now`; nil where there is none.
    func number(of choice: VersionChoice, at now: Timestamp) -> UInt32? {
        switch choice {
        case .current:
            return head.current == 0 ? nil : head.current
        case .previous:
            guard head.previous != 0, head.previousUntil == 0 || now < Timestamp(head.previousUntil) else { return nil }
            return head.previous
        case .number(let number):
            return version(number)?.number
        }
    }

    func stage(of number: UInt32, at now: Timestamp) -> Stage? {
        switch number {
        case head.current: .current
        case head.pending: .pending
        case head.previous: head.previousUntil == 0 || now < Timestamp(head.previousUntil) ? .previous : nil
        default: nil
        }
    }

    func state(at now: Timestamp) -> KeyState {
        if head.deleted != 0 { return .trashed }
        if head.expires != 0, now >= Timestamp(head.expires) { return .expired }
        return .active
    }

    var keyIDText: String { place.keyID.description }

    /// Changes with every change of the key, and with nothing else.
    var etag: String { "\(keyIDText)-\(head.updated)" }
}

/// When a key or an access key was last used, and by whom; kept beside the records and written with them now and then.
final class UsageMark: Sendable {
    struct Last: Sendable {
        var time: Timestamp
        var by: String
        /// Not yet in the stored record.
        var unsaved: Bool
        /// Who fetched which version; nil where nobody has to know.
        var consumers: ConsumerBook?
        /// Goes up with each change.
        var revision: UInt64 = 0
    }
    private let last: Mutex<Last>

    /// - Parameter consumers: those that are known; nil for what is not rotated.
    init(time: Timestamp, by: String, consumers: ConsumerBook? = nil) {
        last = Mutex(Last(time: time, by: by, unsaved: false, consumers: consumers))
    }

    var value: Last { last.withLock { $0 } }

    func touch(_ time: Timestamp, by user: @autoclosure () -> String) {
        last.withLock { last in
            guard time > last.time else { return }
            last.time = time
            let user = user()
            if last.by != user { last.by = user }
            last.unsaved = true
            last.revision += 1
        }
    }

    /// A version of a key has been served.
    ///
    /// - Returns: whether a retirement may go on because of it.
    func served(
        _ version: UInt32, isCurrent: Bool, to caller: Caller, instance: String?, at time: Timestamp
    ) -> Bool {
        last.withLock { last in
            if time > last.time {
                last.time = time
                let user = caller.reference
                if last.by != user { last.by = user }
                last.unsaved = true
                last.revision += 1
            }
            guard last.consumers != nil else { return false }
            last.unsaved = true
            last.revision += 1
            let id = ConsumerBook.ID(caller: caller.consumer, instance: instance ?? "")
            return last.consumers?.fetched(version, isCurrent: isCurrent, by: id, at: time) ?? false
        }
    }

    /// Changes what is known of the consumers; to be saved.
    func changeConsumers<R>(_ change: (inout ConsumerBook?) -> R) -> R {
        last.withLock { last in
            last.unsaved = true
            last.revision += 1
            return change(&last.consumers)
        }
    }

    var consumers: [ConsumerBook.ID: ConsumerBook.Use] { last.withLock { $0.consumers?.uses ?? [:] } }

    /// - Parameter saved: what is in the stored record now.
    func saved(_ saved: Last) {
        last.withLock { if $0.revision == saved.revision { $0.unsaved = false } }
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
