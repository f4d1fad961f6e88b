internal import Audit
internal import FoundationEssentials
internal import IssuedKeys
internal import Policy
internal import Sealing
internal import SecretMemory
internal import Storage

/// Turns an opened root key into a session: reads and opens every head, and compares all of them with the sums.
struct Unsealing {
    let store: any RecordStore
    let vaultID: VaultID
    let root: RootKey
    let limits: LimitsBefore
    let progress: OpeningProgress

    /// What was found, and what is wrong with it.
    struct Found {
        var guarded: Session.Guarded
        var damage: [String]
        /// By which limits run from now on.
        var clock: LimitClock
        /// Whether the heads say who fetched which version of the keys that are rotated.
        var consumersAreComplete: Bool
    }

    func run() throws(VaultError) -> Found {
        let (keyring, keyringMark) = try openKeyring()
        let (head, headState) = try openHead(keyring)
        let expected = try sealingOrThrow { () throws(SealingError) in try IntegritySums(head) }
        var damage: [String] = []
        if Mark(head.keyring) != keyringMark { damage.append("the keyring is not the one that the vault head names") }
        var index = Index()
        var sums = IntegritySums()
        var slots: [UInt8: Slot] = [:]
        try walk(.slot) { (row, bytes) in
            guard let slot = try? Slot(decoding: bytes), slot.row == row else {
                damage.append("a key slot is damaged")
                return
            }
            sums.add(keyring.sumEntry(.slot, row: row, mark: slot.mark))
            slots[slot.number] = slot
        }
        try openKeys(keyring, &index, &sums, &damage)
        let clock = limits.clock(notBefore: headState.timeMark)
        try openIssuers(keyring, clock, &index, &sums, &damage)
        var checkpoint: CheckpointEntry?
        try walk(.checkpointKey) { (row, bytes) in
            guard let record = try? SealedRecord(decoding: bytes, kind: .checkpointKey) else {
                damage.append("the key for checkpoints cannot be read")
                return
            }
            sums.add(keyring.sumEntry(.checkpointKey, row: row, mark: record.mark))
            checkpoint = CheckpointEntry(record, row, keyring)
            if checkpoint == nil { damage.append("the key for checkpoints was altered or moved") }
        }
        index.finish(watched: headState.rotationMark)
        damage += expected.difference(from: sums).map(describe)
        let core = Session.Core(
            root: root, keyring: keyring, keyringMark: keyringMark, slots: slots, sums: expected, head: headState,
            checkpoint: checkpoint)
        return Found(
            guarded: Session.Guarded(index: index, core: core), damage: damage, clock: clock,
            consumersAreComplete: head.consumersComplete != 0)
    }

    private func describe(_ difference: (bucket: UInt8, surplus: Int64)) -> String {
        let what =
            switch difference.surplus {
            case ..<0: "\(-difference.surplus) record(s) missing"
            case 0: "a record altered, or put back to an older state"
            default: "\(difference.surplus) record(s) too many"
            }
        return "bucket \(difference.bucket) of the vault head's sums: \(what)"
    }

    private func openKeyring() throws(VaultError) -> (Keyring, Mark) {
        let record = try required(.keyring, "the keyring")
        do throws(SealingError) {
            return (try Keyring.open(record, by: root, vault: vaultID), record.mark)
        } catch {
            throw VaultError(.storeDamaged, "the keyring does not open: \(error)")
        }
    }

    private func openHead(_ keyring: Keyring) throws(VaultError) -> (Records.VaultHead, Session.HeadState) {
        let record = try required(.vaultHead, "the vault head")
        let head: Records.VaultHead
        do throws(SealingError) {
            head = try keyring.open(Records.VaultHead.self, record, row: .only)
        } catch {
            throw VaultError(.storeDamaged, "the vault head does not open: \(error)")
        }
        guard head.generation == record.mark.generation else {
            throw VaultError(.storeDamaged, "the vault head is not of the generation that it says")
        }
        return (
            head,
            Session.HeadState(
                generation: head.generation, timeMark: Timestamp(head.timeMark),
                rotationMark: Timestamp(head.rotationMark == 0 ? head.timeMark : head.rotationMark),
                policyDigest: Array(head.policyDigest), created: Timestamp(head.created),
                audit: AuditHead(sequence: head.auditSequence, hash: AuditHash(bytes: head.auditHash) ?? .zero),
                intents: head.auditIntents, accepted: head.accepted.compactMap { AcceptedBreak($0) },
                bytes: record.bytes)
        )
    }

    private func required(_ kind: RecordKind, _ what: String) throws(VaultError) -> SealedRecord {
        let bytes: [UInt8]?
        do throws(StorageError) { bytes = try store.read(RecordKey(kind, .only)) } catch {
            throw VaultError(storage: error)
        }
        guard let bytes else { throw VaultError(.storeDamaged, "\(what) is missing from the store") }
        do throws(SealingError) { return try SealedRecord(decoding: bytes, kind: kind) } catch {
            throw VaultError(.storeDamaged, "\(what) cannot be read: \(error)")
        }
    }

    /// All records of one kind, ascending.
    func walk(_ kind: RecordKind, _ body: (RowID, [UInt8]) -> Void) throws(VaultError) {
        let range = RecordPlace.storeKeys(of: kind)
        do throws(StorageError) {
            try store.scan(from: RecordKey(range.first), through: RecordKey(range.last)) {
                (key, bytes) throws(StorageError) in
                if let place = RecordPlace(storeKey: key.bytes) { body(place.row, bytes.array) }
                return true
            }
        } catch {
            throw VaultError(storage: error)
        }
    }
}
