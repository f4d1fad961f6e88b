internal import Audit
internal import IssuedKeys
internal import Policy
internal import Sealing
internal import SecretMemory
package import Storage
internal import Synchronization

/// The engine, and the only way in: each operation takes whoever asks, and authenticates, authorises, audits and acts,
/// in that order.
///
/// It knows no HTTP and no files: what it needs comes in a ``VaultEnvironment``. Retrieval is synchronous; what changes
/// anything goes through one committer.
package final class Vault: Sendable {
    let environment: VaultEnvironment
    let trail: AuditTrail
    let decisions: DecisionLog
    let gate: DerivationGate
    let ceremonies = Ceremonies()
    let backoff: UnsealBackoff
    let counters = EngineCounters()
    /// What metrics were told last of what is in the vault, and when.
    let lastInventory = Mutex<
        (generation: UInt64, time: ContinuousClock.Instant, inventory: VaultGauges.Inventory)?
    >(nil)
    let verification = OneVerification()
    /// What keys can be rotated by.
    let rotators: RotatorDirectory
    /// Says that a rotation may be due sooner than was said.
    let rotationSignal = RotationSignal()
    let waitsForAudit = WaitingRoom(most: VaultLimits.followers)
    let waiting = WaitingList()
    private let state: Mutex<Standing>
    private let policySet: Mutex<PoliciesInForce>
    /// The session that ended last: it may have a commit under way.
    private let ending = Mutex<Ending?>(nil)
    /// What the steady clock read when issued keys could be used last, in milliseconds.
    private let lastUse: Atomic<Int64>
    /// The last entry of the audit log before this process wrote its first.
    let logBefore: UInt64
    /// How far an unseal is.
    let opening = OpeningProgress()
    private let sealListeners = Mutex<[@Sendable () -> Void]>([])

    enum Standing {
        case uninitialized
        case sealed
        case unsealed(Open)
    }

    /// An unsealed vault and what changes it. An object: it is handed on with each request.
    final class Open: Sendable {
        let session: Session
        let committer: Committer
        let gone: Ending
        /// Makes durable what issued keys are going to use.
        let leases: LeaseDesk
        /// Sees to the rotation of keys.
        let rotations: RotationDesk
        /// Reads what the session's keys have in the store.
        let children: ChildReader

        init(
            session: Session, committer: Committer, gone: Ending, leases: LeaseDesk, rotations: RotationDesk,
            children: ChildReader
        ) {
            self.session = session
            self.committer = committer
            self.gone = gone
            self.leases = leases
            self.rotations = rotations
            self.children = children
        }
    }

    /// Opens the engine over a store, sealed or uninitialised as the store is.
    ///
    /// - Throws: ``VaultError`` with `policies_refused` where the policy files do not load, and with the store's error.
    package init(_ environment: VaultEnvironment) throws(VaultError) {
        var environment = environment
        // Times are written down as years of four digits; a clock that is out of them is held at their ends.
        let wall = environment.now
        environment.now = { min(max(wall(), 0), Lifetime.latest) }
        self.environment = environment
        rotators = RotatorDirectory(environment.rotatorKinds)
        logBefore = environment.audit.head.sequence
        lastUse = Atomic(environment.steady())
        trail = AuditTrail(sink: environment.audit, now: environment.now, steady: environment.steady)
        decisions = DecisionLog(limit: VaultLimits.decisions)
        gate = DerivationGate()
        let loaded = try LoadedPolicies(environment)
        policySet = Mutex(PoliciesInForce(loaded: loaded))
        let rows: (head: [UInt8]?, backoff: [UInt8]?)
        do throws(StorageError) {
            rows = (
                try environment.store.read(RecordKey(.vaultHead, .only)),
                try environment.store.read(UnsealBackoff.key)
            )
        } catch {
            throw VaultError(storage: error)
        }
        state = Mutex(rows.head == nil ? .uninitialized : .sealed)
        backoff = UnsealBackoff(store: environment.store, saved: rows.backoff)
        environment.issuerDesk?.serve(self)
        trail.event(.started, digest: loaded.digest)
        waiting.onWoken { [weak self] in self?.lookAtWoken() }
    }

    /// Whether a store holds a vault.
    package static func exists(in store: any RecordStore) throws(StorageError) -> Bool {
        try store.read(RecordKey(.vaultHead, .only)) != nil
    }

    /// What anybody may know.
    package func status() -> VaultStatus {
        state.withLock { state in
            switch state {
            case .uninitialized: VaultStatus(state: .uninitialized, readOnly: false)
            case .sealed:
                VaultStatus(state: .sealed, readOnly: false, opening: opening.percent, openingSlot: opening.slot)
            case .unsealed(let open): VaultStatus(state: .unsealed, readOnly: open.session.readOnly)
            }
        }
    }

    /// Has `action` called each time the vault has sealed itself, however that came about.
    package func onSealed(_ action: @escaping @Sendable () -> Void) {
        sealListeners.withLock { $0.append(action) }
    }

    // MARK: State

    /// What the steady clock read when issued keys could be used last.
    var lastOpen: Int64 { lastUse.load(ordering: .acquiring) }
    func sessionEnded() { lastUse.store(environment.steady(), ordering: .releasing) }

    var loadedPolicies: LoadedPolicies { policySet.withLock { $0.loaded } }

    /// The number of a reload that begins now.
    func beginReload() -> UInt64 { policySet.withLock { $0.begin() } }

    /// Puts policies in force, unless a reload that began later has done so.
    func setPolicies(_ loaded: LoadedPolicies, of reload: UInt64) {
        policySet.withLock { $0.set(loaded, of: reload) }
        waiting.changed()
    }

    /// The open vault, or why there is none.
    func opened() throws(VaultError) -> Open {
        try state.withLock { (state: inout Standing) throws(VaultError) in
            switch state {
            case .unsealed(let unsealed): return unsealed
            case .sealed: throw .sealed()
            case .uninitialized:
                throw VaultError(.uninitialized, "there is no vault yet; an operator makes one with `keyturn init`")
            }
        }
    }

    /// What reads the children of a session's keys.
    func children(_ session: Session) -> ChildReader {
        ChildReader(
            store: environment.store, shelf: session.ownKeys,
            distrusted: { [weak self, weak session] error in
                if let self, let session { self.distrust(session, because: error) }
            })
    }

    /// The later of the wall clock and the time that the last commit was sealed with: it never goes back.
    func now(_ session: Session) -> Timestamp { max(environment.now(), session.timeMark) }

    /// What time it is, and what of it rotations believe.
    func clocks(_ session: Session) -> Clocks { session.clocks(wall: environment.now()) }

    /// Whether the vault is still open with `session`.
    func isOpen(_ session: Session) -> Bool {
        state.withLock { state in
            if case .unsealed(let open) = state { return open.session === session }
            return false
        }
    }

    /// Whether `from` held and `open` is in force now.
    func begin(_ open: Open, from expected: SealState) -> Bool {
        state.withLock { state in
            switch (state, expected) {
            case (.uninitialized, .uninitialized), (.sealed, .sealed):
                state = .unsealed(open)
                return true
            default: return false
            }
        }
    }

    /// Seals: the session is forgotten, and what waits for a commit is refused. A commit under way ends by itself.
    ///
    /// - Parameters:
    ///   - session: end this one alone, where it is still the one that is open.
    ///   - sealsHead: whether the vault head comes to cover all of the audit log, as the last thing that is done.
    /// - Returns: what tells that the session is gone from memory; nil where there was none. This function holds no
    ///   part of the session when it returns.
    func end(only session: Session? = nil, sealsHead: Bool = false) -> Ending? {
        guard let gone = forget(only: session, sealsHead) else { return nil }
        ceremonies.clear()
        waiting.changed()
        for action in sealListeners.withLock({ $0 }) { action() }
        return gone
    }

    private func forget(only session: Session?, _ sealsHead: Bool) -> Ending? {
        let open = state.withLock { state -> Open? in
            guard case .unsealed(let unsealed) = state else { return nil }
            if let session, unsealed.session !== session { return nil }
            state = .sealed
            return unsealed
        }
        guard let open else { return nil }
        open.rotations.stop()
        trail.usage.close()
        ending.withLock { $0 = open.gone }
        open.committer.abandon(sealsHead: sealsHead)
        return open.gone
    }

    /// Waits for what is left of the session before, whose commit must not come after the store has been read.
    func awaitEnding() async throws(VaultError) {
        guard let gone = ending.withLock({ $0 }) else { return }
        guard await gone.wait(milliseconds: environment.sealPatience) else {
            throw VaultError(.overloaded, "the vault is still being sealed; try again", retryAfter: 5)
        }
    }

    /// Whether a session has ended in this process.
    var hasBeenOpen: Bool { ending.withLock { $0 } != nil }

    /// A session that can be trusted no longer ends at once.
    func distrust(_ session: Session, because error: VaultError) {
        guard end(only: session) != nil else { return }
        trail.event(.sealedItself, code: error.code)
    }
}
