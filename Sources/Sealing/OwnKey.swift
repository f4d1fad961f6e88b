package import SecretMemory

/// An API key's own key, which seals its versions and journals. It lies wrapped in the store, and destroying the API key
/// erases it. On the ordinary heap, wiped, for the length of a retrieval; ``KeptOwnKey`` is what stays.
package struct OwnKey: Sendable {
    fileprivate let vault: VaultID
    /// The `WrappedKey` message: two bytes of header and the key.
    fileprivate let message: WipedBytes

    fileprivate static let header: [UInt8] = [1 << 3 | 2, 32]

    /// A new one for an API key of the vault of `keyring`.
    package static func generate(for keyring: Keyring, random: any RandomSource) -> OwnKey {
        OwnKey(
            vault: keyring.vault,
            message: WipedBytes(count: 34) { span in
                random.fill(&span)
                unsafe span.copy(header.span.bytes, to: 0)
            })
    }

    fileprivate init(vault: VaultID, message: WipedBytes) {
        self.vault = vault
        self.message = message
    }

    /// Seals the plaintext of version or journal `number` of the API key at `place`.
    package func seal(
        _ plaintext: RawSpan, kind: RecordKind, number: UInt32, of place: KeyPlace, generation: UInt64,
        random: any RandomSource
    ) -> SealedRecord {
        let data = place.associatedData(vault, kind, number: number, generation: generation, sealingKey: 0)
        return message.withBytes {
            SealedRecord(sealing: plaintext, boundTo: data, key: $0.extracting(2..<34), random: random)
        }
    }

    /// Opens version or journal `number` of the API key at `place`.
    ///
    /// - Throws: ``SealingError/authenticationFailed(_:)``, ``SealingError/malformed(_:)``.
    package func open(
        _ record: SealedRecord, kind: RecordKind, number: UInt32, of place: KeyPlace
    ) throws(SealingError) -> WipedBytes {
        guard record.sealingKey == 0 else { throw .malformed(kind) }
        let data = place.associatedData(vault, kind, number: number, sealingKey: 0)
        return try message.withBytes { (message) throws(SealingError) in
            try record.opened(boundTo: data, key: message.extracting(2..<34))
        }
    }

    /// Seals the fields of version `number`.
    package func sealVersion(
        _ content: VersionContent, number: UInt32, of place: KeyPlace, generation: UInt64, random: any RandomSource
    ) -> SealedRecord {
        content.plaintext.withBytes {
            seal($0, kind: .version, number: number, of: place, generation: generation, random: random)
        }
    }

    /// Opens the fields of version `number`.
    ///
    /// - Throws: as ``open(_:kind:number:of:)`` does.
    package func openVersion(
        _ record: SealedRecord, number: UInt32, of place: KeyPlace
    ) throws(SealingError) -> VersionContent {
        try VersionContent(decoding: try open(record, kind: .version, number: number, of: place))
    }
}

/// An API key's own key between two retrievals: on a shelf of locked pages, so that it need not be unwrapped each time.
package struct KeptOwnKey: Sendable {
    private let vault: VaultID
    private let place: SecretShelf.Place

    /// The most that are kept for one vault.
    package static let most = 65_536

    /// What the keys of one vault are kept on.
    package static func shelf() -> SecretShelf { SecretShelf(size: OwnKey.header.count + 32, capacity: most) }

    /// - Returns: nil where the shelf takes nothing.
    package init?(_ key: OwnKey, on shelf: SecretShelf) {
        guard let place = shelf.keep(key.message) else { return nil }
        vault = key.vault
        self.place = place
    }

    /// The key; nil where it has made room for another.
    package var ownKey: OwnKey? { place.secret.map { OwnKey(vault: vault, message: $0) } }
}

extension Keyring {
    /// Wraps an API key's own key by the current data key.
    package func sealOwnKey(
        _ key: OwnKey, of place: KeyPlace, generation: UInt64, random: any RandomSource
    ) -> SealedRecord {
        let data = place.associatedData(vault, .wrappedKey, generation: generation, sealingKey: current.id)
        return key.message.withBytes { seal($0, boundTo: data, random: random) }
    }

    /// Unwraps an API key's own key. Cheap: no guarded pages are made.
    ///
    /// - Throws: ``SealingError/unknownDataKey(_:)``, ``SealingError/authenticationFailed(_:)``,
    ///   ``SealingError/malformed(_:)``.
    package func openOwnKey(_ record: SealedRecord, of place: KeyPlace) throws(SealingError) -> OwnKey {
        let data = place.associatedData(vault, .wrappedKey, sealingKey: record.sealingKey)
        let message = try open(record, boundTo: data)
        let isWhole = message.withBytes {
            $0.byteCount == 34 && $0.byte(at: 0) == OwnKey.header[0] && $0.byte(at: 1) == OwnKey.header[1]
        }
        guard isWhole else { throw .malformed(.wrappedKey) }
        return OwnKey(vault: vault, message: message)
    }
}
