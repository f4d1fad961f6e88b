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
    private let memory: Mutex<Memory>

    /// Sealed children that have been read or written, small ones only, and what opens them.
    struct Cache: Sendable {
        var wrappedKey: SealedRecord? { didSet { ownKey = nil } }
        /// What `wrappedKey` holds, once that has been opened.
        var ownKey: KeptOwnKey?
        var body: (number: UInt32, record: SealedRecord)?
    }

    /// What is in memory beside the head: for most keys nothing.
    private enum Memory: Sendable {
        case nothing
        /// The key has been written and not yet read.
        case written(Written)
        case known(Known)

        var children: Cache {
            switch self {
            case .nothing: Cache()
            case .written(let written): written.children
            case .known(let known): known.children
            }
        }
    }

    private final class Written: Sendable {
        let children: Cache

        init(_ children: Cache) { self.children = children }
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
        memory = Mutex(cache.wrappedKey == nil && cache.body == nil ? .nothing : .written(Written(cache)))
    }

    private init(past entry: KeyEntry) {
        (path, keyID, summary, mark) = (entry.path, entry.keyID, entry.summary, entry.mark)
        (usage, rotation, opened) = (entry.usage, entry.rotation, entry.opened)
        memory = Mutex(.nothing)
    }

    /// The same without anything that was read before.
    var uncached: KeyEntry { KeyEntry(past: self) }

    /// What retrievals go by; put together at the first.
    var known: Known {
        memory.withLock { memory in
            if case .known(let known) = memory { return known }
            let known = Known(self, memory.children)
            memory = .known(known)
            return known
        }
    }

    /// What its children are bound to.
    var place: KeyPlace { known.place }

    /// All of the head; decoded anew each time.
    var head: StoredKeyHead {
        // These bytes were sealed by a vault, and looked at, or encoded, when the entry was made.
        (try? opened.withBytes { (bytes) throws(SealingError) in try StoredKeyHead(decoding: bytes) })
            ?? StoredKeyHead()
    }

    /// Lends the texts that searches look at, and the prefixes of versions that are not current.
    func withTexts(_ body: (RawSpan) -> Void) { opened.withBytes { HeadTexts.visit($0, body) } }

    var cached: Cache { memory.withLock { $0.children } }

    func cache(wrappedKey: SealedRecord) { changeCache { $0.wrappedKey = wrappedKey } }

    /// Keeps what `wrappedKey` holds, unless that has been replaced.
    func cache(ownKey: KeptOwnKey, of wrappedKey: SealedRecord) {
        changeCache { if $0.wrappedKey?.mark == wrappedKey.mark { $0.ownKey = ownKey } }
    }

    func cache(body: SealedRecord, number: UInt32) {
        guard body.bytes.count <= VaultLimits.cachedBytes else { return }
        changeCache { $0.body = (number, body) }
    }

    private func changeCache(_ change: (inout Cache) -> Void) {
        memory.withLock { memory in
            var children = memory.children
            change(&children)
            if case .known(let known) = memory {
                memory = .known(Known(known, children))
            } else {
                memory = .written(Written(children))
            }
        }
    }

    func version(_ number: UInt32) -> KnownVersion? {
        guard number == summary.current else {
            return head.versions.first { $0.number == number }.map { KnownVersion($0) }
        }
        return known.current
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
