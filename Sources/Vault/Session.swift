internal import Audit
internal import IssuedKeys
internal import Policy
internal import Sealing
internal import SecretMemory
internal import Storage
internal import Synchronization

/// An unsealed vault: the keys, and all that they opened. When the last reference goes, nothing of it is left.
final class Session: Sendable {
    let vaultID: VaultID
    let readOnly: Bool
    /// Since when rotations are looked after: what was due before was missed.
    private let beginning: Mutex<Timestamp>
    private let guarded: Mutex<Guarded>
    /// Held while a commit is on its way from the store to memory.
    private let commitUnderWay = Mutex<Void>(())
    /// Keys' own keys between retrievals.
    let ownKeys = KeptOwnKey.shelf()
    /// Issued keys of which people are to be told that they expire.
    let expiries = IssuedExpiries()
    /// The last member, which goes after the keys have gone.
    private let departure: Departure

    /// Says that it goes.
    private final class Departure: Sendable {
        private let gone: @Sendable () -> Void
        init(_ gone: @escaping @Sendable () -> Void) { self.gone = gone }
        deinit { gone() }
    }

    /// What changes with a commit, all of it at once.
    struct Guarded {
        var index: Index
        var core: Core
    }

    /// The keys, and what the vault head says: small, so that a commit can begin with a copy.
    struct Core: Sendable {
        var root: RootKey
        var keyring: Keyring
        var keyringMark: Mark
        var slots: [UInt8: Slot]
        var sums: IntegritySums
        var head: HeadState
        /// What signs checkpoints; nil in a vault that was made before there were any, until it is unsealed for writing.
        var checkpoint: CheckpointEntry?
    }

    /// The vault head's other contents.
    struct HeadState: Sendable {
        var generation: UInt64
        var timeMark: Timestamp
        /// Time has reached this by a clock that was believed: what rotations go by.
        var rotationMark: Timestamp
        var policyDigest: [UInt8]
        var created: Timestamp
        /// The audit log's head when this was sealed.
        var audit: AuditHead
        /// Intents that were written to the audit log since the vault was made.
        var intents: UInt64
        /// The breaks of the audit log that an operator went on with, in the order of its chain.
        var accepted: [AcceptedBreak] = []
        /// The stored bytes, which the next commit expects to find.
        var bytes: [UInt8]?
    }

    init(vaultID: VaultID, readOnly: Bool, guarded: Guarded, since: Timestamp, gone: @escaping @Sendable () -> Void) {
        beginning = Mutex(since)
        self.vaultID = vaultID
        self.readOnly = readOnly
        self.guarded = Mutex(guarded)
        departure = Departure(gone)
    }

    // Whoever holds one of its keys' entries still holds no key to their versions.
    deinit { ownKeys.close() }

    func read<R, E: Error>(_ body: (borrowing Guarded) throws(E) -> R) throws(E) -> R {
        try guarded.withLock { (guarded: inout Guarded) throws(E) -> R in try body(guarded) }
    }

    func update<R>(_ body: (inout Guarded) -> R) -> R {
        guarded.withLock { body(&$0) }
    }

    /// Runs `body` while no commit is on its way: store and memory are of one moment.
    ///
    /// What is read without this may be a record of the commit after the one that memory knows.
    func settled<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        try commitUnderWay.withLock { (_) throws(E) -> R in try body() }
    }

    /// What time it is, by a clock that says `wall`.
    func clocks(wall: Timestamp) -> Clocks { guarded.withLock { $0.core.head.clocks(wall: wall) } }

    var since: Timestamp { beginning.withLock { $0 } }

    /// Rotations are looked after again from that moment on.
    func begin(at moment: Timestamp) { beginning.withLock { $0 = moment } }

    var core: Core { guarded.withLock { $0.core } }
    var keyring: Keyring { guarded.withLock { $0.core.keyring } }
    /// All keys as they stand now.
    var sortedKeys: SortedKeys { guarded.withLock { $0.index.sorted } }
    func key(_ path: String) -> KeyEntry? { guarded.withLock { $0.index.keys[path] } }
    /// All issued keys as they stand now: nothing is copied, unless one of them changes while this is kept.
    var allIssued: Dictionary<IssuedKeyNumber, IssuedEntry>.Values { guarded.withLock { $0.index.issued.values } }
    func issued(_ id: String) -> IssuedEntry? { IssuedKeyNumber(id).flatMap(issued) }
    func issued(_ number: IssuedKeyNumber) -> IssuedEntry? { guarded.withLock { $0.index.issued[number] } }
    /// The key that is kept as `hash`.
    func issued(keptAs hash: KeptHash) -> IssuedEntry? { guarded.withLock { $0.index.issued(keptAs: hash) } }
    /// Whether the heads of the keys say all that is known of who fetched them.
    var consumersAreSaved: Bool {
        guarded.withLock { guarded in
            guarded.index.dues.paths.allSatisfy { guarded.index.keys[$0]?.usage.value.unsaved != true }
        }
    }
    func enrolment(_ number: IssuedKeyNumber) -> EnrolmentEntry? { guarded.withLock { $0.index.enrolments[number] } }
    func issuer(_ name: String) -> IssuerEntry? { guarded.withLock { $0.index.issuer(name) } }

    /// The ids of an issuer's keys, ascending.
    func ids(issuedBy issuer: String) -> [IssuedKeyNumber] { guarded.withLock { $0.index.ids(of: issuer) } }
    /// The ids of the keys that were brought in, by issuer, in no order: nothing is copied, unless one comes while this is
    /// kept.
    var idsBroughtIn: [String: [IssuedKeyNumber]] { guarded.withLock { $0.index.importedBy } }
    var rotationMark: Timestamp { guarded.withLock { $0.core.head.rotationMark } }
    var timeMark: Timestamp { guarded.withLock { $0.core.head.timeMark } }
}
