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
    let keyID: KeyID
    /// What is asked of the head all the time.
    let summary: KeyHeadSummary
    /// Which sealing of the head this is.
    let mark: Mark
    let usage: UsageMark
    /// How it is rotated; nil: not.
    let rotation: KeyRotation?
    /// The head as it was sealed, encoded.
    private let opened: WipedBytes
    /// Nil for most: a key has something here once it has been used.
    private let cache: Mutex<Cached?>

    struct Cache: Sendable {
        /// Sealed children that have been read or written: small ones only.
        var wrappedKey: SealedRecord?
        var body: (number: UInt32, record: SealedRecord)?
    }

    private final class Cached: Sendable {
        let children: Cache
        /// The current version's part of the head.
        let current: StoredVersionHead?
        let place: KeyPlace?

        init(_ children: Cache = Cache(), current: StoredVersionHead? = nil, place: KeyPlace? = nil) {
            self.children = children
            self.current = current
            self.place = place
        }
    }

    /// - Parameters:
    ///   - opened: the head that `summary` and `rotation` are of, encoded.
    ///   - cache: children that this head means.
    init(
        path: ResourcePath, keyID: KeyID, summary: KeyHeadSummary, rotation: KeyRotation?, opened: WipedBytes,
        mark: Mark, usage: UsageMark, cache: Cache = Cache()
    ) {
        self.path = path
        self.keyID = keyID
        self.summary = summary
        self.rotation = rotation
        self.opened = opened
        self.mark = mark
        self.usage = usage
        self.cache = Mutex(cache.wrappedKey == nil && cache.body == nil ? nil : Cached(cache))
    }

    private init(past entry: KeyEntry) {
        (path, keyID, summary, mark) = (entry.path, entry.keyID, entry.summary, entry.mark)
        (usage, rotation, opened) = (entry.usage, entry.rotation, entry.opened)
        cache = Mutex(nil)
    }

    /// The same without anything that was read before.
    var uncached: KeyEntry { KeyEntry(past: self) }

    /// What its children are bound to.
    var place: KeyPlace {
        cache.withLock { cached in
            if let place = cached?.place { return place }
            let place = KeyPlace(keyID, path: path.text)
            cached = Cached(cached?.children ?? Cache(), current: cached?.current, place: place)
            return place
        }
    }

    /// All of the head; decoded anew each time.
    var head: StoredKeyHead {
        // These bytes were sealed by a vault, and looked at, or encoded, when the entry was made.
        (try? opened.withBytes { (bytes) throws(SealingError) in try StoredKeyHead(decoding: bytes) })
            ?? StoredKeyHead()
    }

    /// Lends the texts that searches look at, and the prefixes of versions that are not current.
    func withTexts(_ body: (RawSpan) -> Void) { opened.withBytes { HeadTexts.visit($0, body) } }

    var cached: Cache { cache.withLock { $0?.children } ?? Cache() }

    func cache(wrappedKey: SealedRecord) { changeCache { $0.wrappedKey = wrappedKey } }

    func cache(body: SealedRecord, number: UInt32) {
        guard body.bytes.count <= VaultLimits.cachedBytes else { return }
        changeCache { $0.body = (number, body) }
    }

    private func changeCache(_ change: (inout Cache) -> Void) {
        cache.withLock { cached in
            var children = cached?.children ?? Cache()
            change(&children)
            cached = Cached(children, current: cached?.current, place: cached?.place)
        }
    }

    func version(_ number: UInt32) -> StoredVersionHead? {
        guard number == summary.current else { return head.versions.first { $0.number == number } }
        if let known = cache.withLock({ $0?.current }) { return known }
        let version = head.versions.first { $0.number == number }
        cache.withLock { $0 = Cached($0?.children ?? Cache(), current: version, place: $0?.place) }
        return version
    }

    /// The number of the version that is served for `choice` at `now`; nil where there is none.
    func number(of choice: VersionChoice, at now: Timestamp) -> UInt32? {
        switch choice {
        case .current:
            return summary.current == 0 ? nil : summary.current
        case .previous:
            guard summary.previous != 0, summary.isPreviousHonoured(at: now) else { return nil }
            return summary.previous
        case .number(let number):
            return version(number)?.number
        }
    }

    func stage(of number: UInt32, at now: Timestamp) -> Stage? {
        switch number {
        case summary.current: .current
        case summary.pending: .pending
        case summary.previous: summary.isPreviousHonoured(at: now) ? .previous : nil
        default: nil
        }
    }

    func state(at now: Timestamp) -> KeyState {
        if summary.deleted != 0 { return .trashed }
        if summary.expires != 0, now >= Timestamp(summary.expires) { return .expired }
        return .active
    }

    var keyIDText: String { keyID.description }

    /// Changes with every change of the key, and with nothing else.
    var etag: String { "\(keyIDText)-\(summary.updated)" }
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
    var isUnsaved: Bool { last.withLock { $0.unsaved } }

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
