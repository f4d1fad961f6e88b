internal import Audit
internal import FoundationEssentials
internal import SecretMemory
internal import Sealing
internal import Storage

extension Session.HeadState {
    /// Seals the vault head that says this.
    ///
    /// - Parameters:
    ///   - mark: of the keyring's record.
    ///   - sums: over all other records.
    /// - Returns: the record's bytes, which ``bytes`` has as well.
    mutating func seal(
        by keyring: Keyring, mark: Mark, sums: IntegritySums, random: any RandomSource
    ) throws(VaultError) -> [UInt8] {
        var head = Records.VaultHead()
        head.generation = generation
        sums.store(in: &head)
        head.timeMark = UInt64(timeMark)
        head.auditSequence = audit.sequence
        head.auditHash = Data(audit.hash.bytes)
        head.policyDigest = Data(policyDigest)
        head.keyring = mark.message
        head.created = UInt64(created)
        head.auditIntents = intents
        let record = try sealingOrThrow { () throws(SealingError) in
            try keyring.seal(head, row: .only, generation: generation, random: random)
        }
        bytes = record.bytes
        return record.bytes
    }
}

extension Session.Core {
    /// The same vault, with a head that covers the audit log up to `audit`: no record changes, and the generation stays.
    ///
    /// - Returns: what memory is once the store has the batch, and the batch.
    func resealed(
        audit: AuditHead, now: Timestamp, random: any RandomSource
    ) throws(VaultError) -> (head: Session.HeadState, batch: RecordBatch) {
        var next = head
        next.audit = audit
        next.timeMark = max(now, head.timeMark)
        let bytes = try next.seal(by: keyring, mark: keyringMark, sums: sums, random: random)
        let key = RecordKey(.vaultHead, .only)
        return (next, RecordBatch(expectations: [(key: key, bytes: head.bytes)], puts: [(key, bytes)]))
    }
}
