package import SecretMemory

/// A generation of the key that seals heads, wrapped keys and single records.
final class DataKey: Sendable {
    /// From 1; never used again in the same vault.
    let id: UInt32
    /// Milliseconds since 1970 UTC.
    let created: Int64
    let secret: SharedSecret

    init(id: UInt32, created: Int64, secret: SharedSecret) {
        self.id = id
        self.created = created
        self.secret = secret
    }
}

/// A vault's data keys and its three keys that are never replaced. Immutable: a change makes another keyring, which
/// shares the keys that stay.
package final class Keyring: Sendable {
    /// The vault that it belongs to.
    package let vault: VaultID
    /// Ascending by id; the last is the current one.
    let dataKeys: [DataKey]
    let current: DataKey
    let rowIDKey: SharedSecret
    let sumKey: SharedSecret
    let issuedKeyHashKey: SharedSecret

    init(
        vault: VaultID, dataKeys: [DataKey], current: DataKey, rowIDKey: SharedSecret, sumKey: SharedSecret,
        issuedKeyHashKey: SharedSecret
    ) {
        self.vault = vault
        self.dataKeys = dataKeys
        self.current = current
        self.rowIDKey = rowIDKey
        self.sumKey = sumKey
        self.issuedKeyHashKey = issuedKeyHashKey
    }

    /// A new vault's keyring, with data key 1.
    ///
    /// - Parameter now: milliseconds since 1970 UTC.
    /// - Throws: ``SealingError/memory(_:)``.
    package static func generate(vault: VaultID, random: any RandomSource, now: Int64) throws(SealingError) -> Keyring {
        let first = DataKey(id: 1, created: now, secret: try SharedSecret(random: random))
        return Keyring(
            vault: vault, dataKeys: [first], current: first, rowIDKey: try SharedSecret(random: random),
            sumKey: try SharedSecret(random: random), issuedKeyHashKey: try SharedSecret(random: random))
    }

    /// The same keys and a new data key, which is the current one from now on.
    ///
    /// - Throws: ``SealingError/memory(_:)``.
    package func addingDataKey(random: any RandomSource, now: Int64) throws(SealingError) -> Keyring {
        let next = DataKey(id: current.id + 1, created: now, secret: try SharedSecret(random: random))
        return replacingDataKeys(dataKeys + [next], current: next)
    }

    /// The same keys without the data keys `ids`, when nothing is sealed by them any more.
    ///
    /// - Throws: ``SealingError/cannotRetire(_:)`` for the current one or one that is not there.
    package func retiring(_ ids: Set<UInt32>) throws(SealingError) -> Keyring {
        for id in ids.sorted() where id == current.id || !dataKeyIDs.contains(id) { throw .cannotRetire(id) }
        return replacingDataKeys(dataKeys.filter { !ids.contains($0.id) }, current: current)
    }

    /// The ids of all data keys, ascending.
    package var dataKeyIDs: [UInt32] { dataKeys.map(\.id) }

    /// The id of the data key that seals new records.
    package var currentDataKeyID: UInt32 { current.id }

    /// When the current data key was made, in milliseconds since 1970 UTC.
    package var currentDataKeyCreated: Int64 { current.created }

    /// Lends `body` the key under which issued keys are hashed.
    package func withIssuedKeyHashKey<R: ~Copyable, E: Error>(
        _ body: (borrowing SecretBytes) throws(E) -> R
    ) throws(E) -> R {
        try issuedKeyHashKey.withSecret(body)
    }

    func dataKey(_ id: UInt32) throws(SealingError) -> DataKey {
        if current.id == id { return current }
        guard let key = dataKeys.first(where: { $0.id == id }) else { throw .unknownDataKey(id) }
        return key
    }

    private func replacingDataKeys(_ keys: [DataKey], current: DataKey) -> Keyring {
        Keyring(
            vault: vault, dataKeys: keys, current: current, rowIDKey: rowIDKey, sumKey: sumKey,
            issuedKeyHashKey: issuedKeyHashKey)
    }
}
