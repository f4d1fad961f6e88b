package import SecretMemory

/// Heads and single records: those that stand by themselves under a row id, sealed by a data key.
extension Keyring {
    /// The row of the record of `kind` with `name`: a keyed hash, so that the store cannot guess names.
    package func rowID(_ kind: RecordKind, name: [UInt8]) -> RowID {
        let message = [kind.rawValue] + name
        return RowID(
            rowIDKey.withBytes { key in unsafe Blake2b.hash(message.span.bytes, key: key, for: .rowID) })
    }

    /// The row of the record of `kind` with `name`, in UTF-8.
    package func rowID(_ kind: RecordKind, name: String) -> RowID { rowID(kind, name: Array(name.utf8)) }

    /// Seals `plaintext` by the current data key.
    package func seal(
        _ plaintext: RawSpan, kind: RecordKind, row: RowID, generation: UInt64, random: any RandomSource
    ) -> SealedRecord {
        seal(
            plaintext,
            boundTo: AssociatedData(
                vault: vault, kind: kind, subject: row.bytes, generation: generation, sealingKey: current.id),
            random: random)
    }

    /// Opens a record.
    ///
    /// - Throws: ``SealingError/unknownDataKey(_:)``, ``SealingError/authenticationFailed(_:)``.
    package func open(_ record: SealedRecord, kind: RecordKind, row: RowID) throws(SealingError) -> WipedBytes {
        try open(
            record,
            boundTo: AssociatedData(
                vault: vault, kind: kind, subject: row.bytes, generation: record.mark.generation,
                sealingKey: record.sealingKey))
    }

    /// Seals a message as the record of its kind.
    ///
    /// - Throws: ``SealingError/malformed(_:)`` where it cannot be encoded.
    package func seal<M: RecordMessage>(
        _ message: M, row: RowID, generation: UInt64, random: any RandomSource
    ) throws(SealingError) -> SealedRecord {
        var bytes = try message.encoded()
        defer { Sodium.wipe(&bytes) }
        return unsafe seal(bytes.span.bytes, kind: M.kind, row: row, generation: generation, random: random)
    }

    /// Opens the record of a message's kind.
    ///
    /// - Throws: as ``open(_:kind:row:)`` does, and ``SealingError/malformed(_:)``.
    package func open<M: RecordMessage>(
        _ message: M.Type, _ record: SealedRecord, row: RowID
    ) throws(SealingError) -> M {
        try open(record, kind: M.kind, row: row).withBytes { (bytes) throws(SealingError) in try M(decoding: bytes) }
    }

    func seal(_ plaintext: RawSpan, boundTo data: AssociatedData, random: any RandomSource) -> SealedRecord {
        current.secret.withBytes { SealedRecord(sealing: plaintext, boundTo: data, key: $0, random: random) }
    }

    func open(_ record: SealedRecord, boundTo data: AssociatedData) throws(SealingError) -> WipedBytes {
        try dataKey(record.sealingKey).secret.withBytes { (key) throws(SealingError) in
            try record.opened(boundTo: data, key: key)
        }
    }
}
