internal import Policy
internal import SecretMemory
internal import Sealing
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
    }
    private let last: Mutex<Last>

    init(time: Timestamp, by: String) {
        last = Mutex(Last(time: time, by: by, unsaved: false))
    }

    var value: Last { last.withLock { $0 } }

    func touch(_ time: Timestamp, by user: @autoclosure () -> String) {
        last.withLock { last in
            guard time > last.time else { return }
            last.time = time
            let user = user()
            if last.by != user { last.by = user }
            last.unsaved = true
        }
    }

    func saved(upTo time: Timestamp) {
        last.withLock { if $0.time <= time { $0.unsaved = false } }
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
