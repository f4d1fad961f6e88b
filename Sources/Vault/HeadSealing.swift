internal import Audit
internal import FoundationEssentials
internal import Rotation
internal import Sealing
internal import SecretMemory
internal import Storage

extension Session.HeadState {
    /// Seals the vault head that says this.
    ///
    /// - Parameters:
    ///   - mark: of the keyring's record.
    ///   - sums: over all other records.
    ///   - consumersAreComplete: whether every fetch of a key that is rotated is in the heads of the keys.
    /// - Returns: the record's bytes, which ``bytes`` has as well.
    mutating func seal(
        by keyring: Keyring, mark: Mark, sums: IntegritySums, random: any RandomSource,
        consumersAreComplete: Bool = false
    ) throws(VaultError) -> [UInt8] {
        var head = Records.VaultHead()
        head.generation = generation
        sums.store(in: &head)
        head.timeMark = UInt64(timeMark)
        head.rotationMark = UInt64(rotationMark)
        head.consumersComplete = consumersAreComplete ? 1 : 0
        head.auditSequence = audit.sequence
        head.auditHash = Data(audit.hash.bytes)
        head.policyDigest = Data(policyDigest)
        head.keyring = mark.message
        head.created = UInt64(created)
        head.auditIntents = intents
        head.accepted = accepted.map(\.message)
        let record = try sealingOrThrow { () throws(SealingError) in
            try keyring.seal(head, row: .only, generation: generation, random: random)
        }
        bytes = record.bytes
        return record.bytes
    }
}

extension Session.HeadState {
    /// Whether the time that rotations go by has not been written down for a day.
    func isBehind(_ wall: Timestamp) -> Bool {
        let clocks = clocks(wall: wall)
        return !clocks.isHeld && clocks.rotation - rotationMark > 86_400_000
    }

    /// The time to seal next. A clock that is not believed does not move it: what has expired by it is back when the
    /// clock is.
    func timeMark(by clocks: Clocks) -> Timestamp { clocks.isHeld ? timeMark : clocks.now }

    /// What time it is, by a clock that says `wall`.
    func clocks(wall: Timestamp) -> Clocks {
        let (time, isHeld) = ClockGuard.time(wall: wall, mark: rotationMark, confirmed: 0)
        return Clocks(wall: wall, now: max(wall, timeMark), rotation: time, isHeld: isHeld)
    }
}

extension Session.Core {
    /// The same vault, with a head that covers the audit log up to `audit`: no record changes, and the generation stays.
    ///
    /// - Returns: what memory is once the store has the batch, and the batch.
    func resealed(
        audit: AuditHead, now: Timestamp, random: any RandomSource, consumersAreComplete: Bool = false
    ) throws(VaultError) -> (head: Session.HeadState, batch: RecordBatch) {
        var next = head
        next.audit = audit
        let clocks = head.clocks(wall: now)
        next.timeMark = head.timeMark(by: clocks)
        next.rotationMark = clocks.rotation
        let bytes = try next.seal(
            by: keyring, mark: keyringMark, sums: sums, random: random, consumersAreComplete: consumersAreComplete)
        let key = RecordKey(.vaultHead, .only)
        return (next, RecordBatch(expectations: [(key: key, bytes: head.bytes)], puts: [(key, bytes)]))
    }
}
