internal import Sealing
internal import SecretMemory
internal import Storage

/// Reads the sealed children of a key: its own sealing key, and the bodies of its versions.
struct ChildReader: Sendable {
    let store: any RecordStore
    /// Records that a batch is going to put into the store, in place of what stands there.
    var pending: [RecordKey: [UInt8]] = [:]
    /// Where keys' own keys are kept between retrievals.
    let shelf: SecretShelf
    /// Called when the store turns out not to be the one that the vault wrote.
    let distrusted: @Sendable (VaultError) -> Void

    /// The key that seals the versions of `entry`.
    ///
    /// - Parameter keeping: whether it is kept for the next time, as for a retrieval.
    /// - Throws: `store_damaged` where the record is missing, not the one that the head names, or does not open.
    func openKey(of entry: KeyEntry, _ keyring: Keyring, keeping: Bool = false) throws(VaultError) -> OwnKey {
        // Put into words only where something is wrong.
        var what: String { "the wrapped key of \(entry.path)" }
        let known = entry.known
        if let key = known.children.ownKey?.ownKey { return key }
        let record: SealedRecord
        if let cached = known.children.wrappedKey {
            record = cached
        } else {
            let row = keyring.rowID(.wrappedKey, name: known.place.wrappedKeyName)
            record = try child(.wrappedKey, row, known.wrappedKey, what)
            entry.cache(wrappedKey: record)
        }
        let key = try opening(what) { () throws(SealingError) in try keyring.openOwnKey(record, of: known.place) }
        if keeping, let kept = KeptOwnKey(key, on: shelf) { entry.cache(ownKey: kept, of: record) }
        return key
    }

    /// The fields of one version.
    ///
    /// - Throws: `store_damaged`, as ``openKey(of:_:)``.
    func openVersion(
        _ version: StoredVersionHead, of entry: KeyEntry, with ownKey: OwnKey, _ keyring: Keyring
    ) throws(VaultError) -> VersionContent {
        var what: String { "version \(version.number) of \(entry.path)" }
        let known = entry.known
        let record: SealedRecord
        if let cached = known.children.body, cached.number == version.number {
            record = cached.record
        } else {
            let row = keyring.rowID(.version, name: known.place.name(of: version.number))
            record = try child(.version, row, Mark(version.body), what)
            if version.number == entry.summary.current { entry.cache(body: record, number: version.number) }
        }
        return try opening(what) { () throws(SealingError) in
            try ownKey.openVersion(record, number: version.number, of: known.place)
        }
    }

    /// Reads a child past the cache and checks that it is the sealing that its head means.
    func child(
        _ kind: RecordKind, _ row: RowID, _ mark: Mark?, _ what: @autoclosure () -> String
    ) throws(VaultError) -> SealedRecord {
        let bytes = try reading { () throws(StorageError) -> [UInt8]? in
            if let bytes = pending[RecordKey(kind, row)] { return bytes }
            try store.checkIdentity()
            return try store.read(RecordKey(kind, row))
        }
        guard let bytes else { throw VaultError(.storeDamaged, "\(what()) is missing from the store") }
        let record = try opening(what()) { () throws(SealingError) in try SealedRecord(decoding: bytes, kind: kind) }
        guard record.mark == mark else {
            throw VaultError(.storeDamaged, "\(what()) is not the one that the vault wrote last")
        }
        return record
    }

    /// Notices that the file was replaced, or written by somebody else.
    func stillOurs() throws(VaultError) {
        try reading { () throws(StorageError) in try store.checkIdentity() }
    }

    func reading<R>(_ body: () throws(StorageError) -> R) throws(VaultError) -> R {
        do throws(StorageError) {
            return try body()
        } catch {
            let failure = VaultError(storage: error)
            if error.saysTheStoreIsAnother { distrusted(failure) }
            throw failure
        }
    }

    private func opening<R: ~Copyable>(
        _ what: @autoclosure () -> String, _ body: () throws(SealingError) -> R
    ) throws(VaultError) -> R {
        do throws(SealingError) {
            return try body()
        } catch {
            throw VaultError(.storeDamaged, "\(what()) is damaged: \(error)")
        }
    }
}

extension StorageError {
    /// Whether nothing that the store says can be trusted any more.
    var saysTheStoreIsAnother: Bool {
        switch self {
        case .replaced, .damaged, .outcomeUnknown: true
        default: false
        }
    }
}
