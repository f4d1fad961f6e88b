internal import Audit
internal import FoundationEssentials
internal import IssuedKeys
internal import Policy
internal import Rotation
internal import Sealing
internal import SecretMemory
internal import Storage

/// Changes on their way to one commit: what they do to the store and, once that has happened, to memory.
/// A value, so that a change which fails half-way is dropped by going back to the copy before it.
struct Staging {
    let session: Session
    let vaultID: VaultID
    /// The generation that the commit will have.
    let generation: UInt64
    /// The time that the commit will have.
    var now: Timestamp { clocks.now }
    private(set) var clocks: Clocks
    /// What keys can be rotated by.
    let rotators: RotatorDirectory
    /// Since when this session looks after rotations.
    let since: Timestamp
    let random: any RandomSource
    private let stored: ChildReader
    private(set) var root: RootKey
    private(set) var keyring: Keyring
    private(set) var keyringMark: Mark
    private(set) var sums: IntegritySums
    var policyDigest: [UInt8]
    private(set) var keys: [String: KeyEntry?] = [:]
    private(set) var issued: [IssuedKeyNumber: IssuedEntry?] = [:]
    /// Which of those are there, by what they are kept as.
    private(set) var hashes: [KeptHash: IssuedKeyNumber] = [:]
    private(set) var issuers: [String: IssuerEntry?] = [:]
    private(set) var leases: [IssuedKeyNumber: LeaseEntry?] = [:]
    private(set) var enrolments: [IssuedKeyNumber: EnrolmentEntry?] = [:]
    private(set) var slots: [UInt8: Slot]
    var checkpoint: CheckpointEntry?
    private(set) var puts: [RecordKey: [UInt8]] = [:]
    private(set) var deletes: Set<RecordKey> = []
    /// Whether deleted bytes must be gone from the files when the commit returns.
    var erasesTraces = false
    /// Whether there is anything to commit.
    private(set) var changed = false
    /// What the audit log is to say of the change besides what was known when it was admitted.
    private var note = Note()

    /// What a change made.
    struct Note {
        var issuedKey: String?
        var version: UInt32?
        /// Lines in the place of the one that an operation has.
        var lines: [Line] = []

        /// What one line says besides; key, version, detail and issued key are the operation's where it has none.
        struct Line: Sendable {
            var key: String?
            var version: UInt32?
            var detail: AuditToken?
            var code: AuditToken?
            var target: String?
            var issuedKey: String?
        }
    }

    /// - Parameter wall: what the clock says.
    init(
        session: Session, wall: Timestamp, random: any RandomSource, children: ChildReader,
        rotators: RotatorDirectory
    ) {
        self.session = session
        self.rotators = rotators
        since = session.since
        self.random = random
        stored = children
        vaultID = session.vaultID
        let start = session.core
        clocks = start.head.clocks(wall: wall)
        generation = start.head.generation + 1
        root = start.root
        keyring = start.keyring
        keyringMark = start.keyringMark
        sums = start.sums
        policyDigest = start.head.policyDigest
        slots = start.slots
        checkpoint = start.checkpoint
    }

    // MARK: Reading through

    /// What reads children, those that this batch is going to write included.
    var children: ChildReader {
        var reader = stored
        reader.pending = puts
        return reader
    }

    func key(_ path: String) -> KeyEntry? {
        if let staged = keys[path] { return staged }
        return session.key(path)
    }

    func issuedKey(_ id: String) -> IssuedEntry? { IssuedKeyNumber(id).flatMap(issuedKey) }

    func issuedKey(_ number: IssuedKeyNumber) -> IssuedEntry? {
        if let staged = issued[number] { return staged }
        return session.issued(number)
    }

    func issuer(_ name: String) -> IssuerEntry? {
        if let staged = issuers[name] { return staged }
        return session.issuer(name)
    }

    /// Every key, with what is staged in place of what stands.
    func allKeys() -> [KeyEntry] {
        let untouched = session.sortedKeys.all.filter { keys[$0.path.text] == nil }
        return untouched + keys.values.compactMap { $0 }
    }

    /// Every issued key, likewise.
    func allIssued() -> [IssuedEntry] {
        session.allIssued.filter { issued[$0.number] == nil } + issued.values.compactMap { $0 }
    }

    /// Every issuer but the built-in one, likewise.
    func allIssuers() -> [IssuerEntry] {
        let standing = session.read { Array($0.index.issuers.values) }
        return standing.filter { issuers[$0.stored.name] == nil } + issuers.values.compactMap { $0 }
    }

    /// Every lease, likewise.
    func allLeases() -> [(number: IssuedKeyNumber, entry: LeaseEntry)] {
        let standing = session.read { $0.index.leases }
        let untouched = standing.filter { leases[$0.key] == nil }
        let staged = leases.compactMap { number, entry in entry.map { (number: number, entry: $0) } }
        return untouched.map { (number: $0.key, entry: $0.value) } + staged
    }

    func enrolment(_ number: IssuedKeyNumber) -> EnrolmentEntry? {
        if let staged = enrolments[number] { return staged }
        return session.enrolment(number)
    }

    /// Every enrolment code, likewise.
    func allEnrolments() -> [EnrolmentEntry] {
        let standing = session.read { Array($0.index.enrolments.values) }
        return standing.filter { enrolments[$0.number] == nil } + enrolments.values.compactMap { $0 }
    }

    // MARK: Records

    mutating func put(_ kind: RecordKind, _ row: RowID, _ bytes: [UInt8]) {
        let key = RecordKey(kind, row)
        deletes.remove(key)
        puts[key] = bytes
        changed = true
    }

    mutating func delete(_ kind: RecordKind, _ row: RowID) {
        let key = RecordKey(kind, row)
        puts[key] = nil
        deletes.insert(key)
        changed = true
    }

    mutating func note(issuedKey id: String) { note.issuedKey = id }
    /// Keys that one change makes or ends together: each has a line.
    mutating func note(issuedKeys ids: [String]) { note.lines += ids.map { Note.Line(issuedKey: $0) } }
    mutating func note(version number: UInt32) { note.version = number }
    mutating func note(_ lines: [Note.Line]) { note.lines += lines }

    /// What the change that was prepared last made.
    mutating func takeNote() -> Note {
        defer { note = Note() }
        return note
    }

    /// From here on the clock is believed as it is.
    mutating func believeClock() {
        clocks.rotation = max(clocks.wall, clocks.rotation)
        clocks.isHeld = false
        touch()
    }

    /// Has the vault head sealed anew though no record changes.
    mutating func touch() { changed = true }

    /// Moves one entry of the sums from one sealing to another; nil for none.
    mutating func resum(_ kind: RecordKind, _ row: RowID, from before: Mark?, to after: Mark?) {
        if let before { sums.remove(keyring.sumEntry(kind, row: row, mark: before)) }
        if let after { sums.add(keyring.sumEntry(kind, row: row, mark: after)) }
    }

    // MARK: Changes

    /// Seals `head` and puts it in the place of what stands at its path.
    @discardableResult
    mutating func putKey(
        _ head: StoredKeyHead, path: ResourcePath, place: KeyPlace, usage: UsageMark, cache: KeyEntry.Cache
    ) throws(VaultError) -> KeyEntry {
        let row = keyring.rowID(.keyHead, name: path.text)
        var head = head
        if head.hasRotationState { head.rotationState.consumers = usage.value.consumers?.stored ?? [] }
        let record = try sealed(head, row: row)
        let opened = try sealingOrThrow { () throws(SealingError) in try WipedBytes(encoding: head) }
        resum(.keyHead, row, from: key(path.text)?.mark, to: record.mark)
        put(.keyHead, row, record.bytes)
        let entry = KeyEntry(
            path: path, keyID: place.keyID, summary: KeyHeadSummary(head), rotation: KeyRotation(head), opened: opened,
            mark: record.mark, usage: usage, cache: cache)
        keys[path.text] = .some(entry)
        return entry
    }

    mutating func removeKey(_ entry: KeyEntry) {
        let row = keyring.rowID(.keyHead, name: entry.path.text)
        resum(.keyHead, row, from: entry.mark, to: nil)
        delete(.keyHead, row)
        keys[entry.path.text] = .some(nil)
    }

    /// Seals an issued key and puts it in the place of what stands at its id; its meter goes over.
    @discardableResult
    mutating func putIssued(
        _ stored: StoredIssuedKey, usage: UsageMark, meter: IssuedMeter?
    ) throws(VaultError) -> IssuedEntry {
        let row = keyring.rowID(.issuedKey, name: stored.id)
        let record = try sealed(stored, row: row)
        guard let entry = IssuedEntry(row: row, stored: stored, mark: record.mark, usage: usage, meter: meter) else {
            throw VaultError(.internal, "an issued key is not whole")
        }
        resum(.issuedKey, row, from: issuedKey(entry.number)?.mark, to: record.mark)
        put(.issuedKey, row, record.bytes)
        issued[entry.number] = .some(entry)
        hashes[entry.hash] = entry.number
        return entry
    }

    mutating func removeIssued(_ entry: IssuedEntry) {
        resum(.issuedKey, entry.row, from: entry.mark, to: nil)
        delete(.issuedKey, entry.row)
        issued[entry.number] = .some(nil)
        if hashes[entry.hash] == entry.number { hashes[entry.hash] = nil }
    }

    @discardableResult
    mutating func putIssuer(_ stored: StoredIssuer) throws(VaultError) -> IssuerEntry {
        let row = keyring.rowID(.issuer, name: stored.name)
        let record = try sealed(stored, row: row)
        resum(.issuer, row, from: issuer(stored.name)?.place?.mark, to: record.mark)
        put(.issuer, row, record.bytes)
        let entry = IssuerEntry(row: row, stored: stored, mark: record.mark)
        issuers[stored.name] = .some(entry)
        return entry
    }

    mutating func removeIssuer(_ entry: IssuerEntry) {
        guard let place = entry.place else { return }
        resum(.issuer, place.row, from: place.mark, to: nil)
        delete(.issuer, place.row)
        issuers[entry.stored.name] = .some(nil)
    }

    /// Seals what a lineage of issued keys has used and leased.
    mutating func putLease(_ stored: Records.Lease, of lineage: IssuedKeyNumber) throws(VaultError) {
        let row = keyring.rowID(.lease, name: stored.issuedKey)
        let record = try sealed(stored, row: row)
        resum(.lease, row, from: lease(lineage)?.mark, to: record.mark)
        put(.lease, row, record.bytes)
        leases[lineage] = .some(LeaseEntry(row: row, stored: stored, mark: record.mark))
    }

    mutating func removeLease(of lineage: IssuedKeyNumber) {
        guard let entry = lease(lineage) else { return }
        resum(.lease, entry.row, from: entry.mark, to: nil)
        delete(.lease, entry.row)
        leases[lineage] = .some(nil)
    }

    private func lease(_ lineage: IssuedKeyNumber) -> LeaseEntry? {
        if let staged = leases[lineage] { return staged }
        return session.read { $0.index.leases[lineage] }
    }

    @discardableResult
    mutating func putEnrolment(_ stored: StoredEnrolment) throws(VaultError) -> EnrolmentEntry {
        let row = keyring.rowID(.enrolment, name: stored.id)
        let record = try sealed(stored, row: row)
        guard let entry = EnrolmentEntry(row: row, stored: stored, mark: record.mark) else {
            throw VaultError(.internal, "an enrolment code is not whole")
        }
        resum(.enrolment, row, from: enrolment(entry.number)?.mark, to: record.mark)
        put(.enrolment, row, record.bytes)
        enrolments[entry.number] = .some(entry)
        return entry
    }

    mutating func removeEnrolment(_ entry: EnrolmentEntry) {
        resum(.enrolment, entry.row, from: entry.mark, to: nil)
        delete(.enrolment, entry.row)
        enrolments[entry.number] = .some(nil)
    }

    /// Seals the key that signs checkpoints.
    mutating func putCheckpointKey(_ signer: CheckpointSigner) throws(VaultError) {
        let row = keyring.rowID(.checkpointKey, name: signer.key.name)
        let record = try sealed(signer.record, row: row)
        resum(.checkpointKey, row, from: checkpoint?.mark, to: record.mark)
        put(.checkpointKey, row, record.bytes)
        checkpoint = CheckpointEntry(row: row, mark: record.mark, signer: signer)
    }

    /// Makes the key that signs checkpoints, where there is none.
    mutating func makeCheckpointKey() throws(VaultError) {
        guard checkpoint == nil else { return }
        try putCheckpointKey(try CheckpointSigner(vault: vaultID, now: now, random: random))
    }

    mutating func putSlot(_ slot: Slot) {
        let row = RowID.slot(slot.number)
        resum(.slot, row, from: slots[slot.number]?.mark, to: slot.mark)
        put(.slot, row, slot.encoded)
        slots[slot.number] = slot
    }

    mutating func removeSlot(_ number: UInt8) {
        guard let before = slots.removeValue(forKey: number) else { return }
        resum(.slot, .slot(number), from: before.mark, to: nil)
        delete(.slot, .slot(number))
    }

    /// Puts another keyring in force for what is sealed from here on, under `root`.
    mutating func putKeyring(_ next: Keyring, under root: RootKey) {
        let record = next.sealed(by: root, generation: generation, random: random)
        put(.keyring, .only, record.bytes)
        keyring = next
        self.root = root
        keyringMark = record.mark
    }

    func sealed<M: RecordMessage>(_ message: M, row: RowID) throws(VaultError) -> SealedRecord {
        try sealingOrThrow { () throws(SealingError) in
            try keyring.seal(message, row: row, generation: generation, random: random)
        }
    }

    // MARK: The commit

    /// The vault head that covers all of this, sealed.
    ///
    /// - Parameters:
    ///   - audit: the log's head, which covers the intents.
    ///   - intents: how many intents have been written since the vault was made, these included.
    func sealedHead(
        audit: AuditHead, intents: UInt64, after before: Session.HeadState
    ) throws(VaultError) -> (state: Session.HeadState, bytes: [UInt8]) {
        var head = Session.HeadState(
            generation: generation, timeMark: before.timeMark(by: clocks), rotationMark: clocks.rotation,
            policyDigest: policyDigest,
            created: before.created, audit: audit,
            intents: intents, accepted: before.accepted, bytes: nil)
        let bytes = try head.seal(by: keyring, mark: keyringMark, sums: sums, random: random)
        return (head, bytes)
    }

    /// What the store is asked to do.
    func batch(head: [UInt8], expecting before: [UInt8]?) -> RecordBatch {
        var puts = puts.map { ($0.key, $0.value) }
        puts.append((RecordKey(.vaultHead, .only), head))
        return RecordBatch(
            expectations: [(key: RecordKey(.vaultHead, .only), bytes: before)], puts: puts, deletes: Array(deletes),
            erasesTraces: erasesTraces)
    }

    /// What memory is, once the store has it.
    func apply(to guarded: inout Session.Guarded, head: Session.HeadState) {
        for (path, entry) in keys { guarded.index.replace(path: path, with: entry) }
        for (name, entry) in issuers { guarded.index.replace(issuer: name, with: entry) }
        for (number, entry) in issued { guarded.index.replace(issued: number, with: entry) }
        for (number, entry) in leases { guarded.index.replace(lease: number, with: entry) }
        for (number, entry) in enrolments { guarded.index.replace(enrolment: number, with: entry) }
        guarded.core.root = root
        guarded.core.keyring = keyring
        guarded.core.keyringMark = keyringMark
        guarded.core.slots = slots
        guarded.core.checkpoint = checkpoint
        guarded.core.sums = sums
        guarded.core.head = head
    }
}
