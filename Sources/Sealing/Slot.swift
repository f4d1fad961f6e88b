package import SecretMemory

/// One way to open the root key: the root key wrapped under what Argon2id makes of a passphrase.
package struct Slot: Hashable, Sendable {
    /// How many slots a vault can have.
    package static let limit: UInt8 = 8

    package let header: SlotHeader
    /// Of the commit that wrote it.
    package let generation: UInt64
    let commitment: Bytes32
    /// 32 bytes of ciphertext and the tag.
    let wrappedRoot: [UInt8]

    /// 0 to 7.
    package var number: UInt8 { header.number }

    /// Where it lies in the store.
    package var row: RowID { .slot(number) }

    /// What enters the sums.
    package var mark: Mark {
        Mark(generation: generation, nonce: header.nonce, tag: Bytes16(Array(wrappedRoot.suffix(16))) ?? Bytes16())
    }

    /// The canonical encoding of the record.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        Wire.append(1, integer: 1, to: &bytes)
        Wire.append(2, bytes: header.vault.bytes, to: &bytes)
        Wire.append(3, integer: UInt64(header.number), to: &bytes)
        Wire.append(4, integer: UInt64(header.kind.rawValue), to: &bytes)
        Wire.append(5, integer: generation, to: &bytes)
        Wire.append(6, integer: UInt64(header.costs.memoryKiB), to: &bytes)
        Wire.append(7, integer: UInt64(header.costs.iterations), to: &bytes)
        Wire.append(8, integer: UInt64(header.costs.parallelism), to: &bytes)
        Wire.append(9, bytes: header.salt, to: &bytes)
        Wire.append(10, bytes: header.nonce, to: &bytes)
        Wire.append(11, bytes: commitment, to: &bytes)
        Wire.append(12, bytes: wrappedRoot, to: &bytes)
        return bytes
    }

    init(header: SlotHeader, generation: UInt64, commitment: Bytes32, wrappedRoot: [UInt8]) {
        self.header = header
        self.generation = generation
        self.commitment = commitment
        self.wrappedRoot = wrappedRoot
    }

    /// Reads a slot; its costs are not checked yet.
    ///
    /// - Throws: ``SealingError/malformed(_:)``, ``SealingError/newerFormat(_:)``.
    package init(decoding bytes: [UInt8]) throws(SealingError) {
        let span = unsafe bytes.span.bytes
        var cursor = WireCursor(span, of: .slot)
        let format: UInt64 = try cursor.integer(1, in: span)
        guard format <= 1 else { throw .newerFormat(format) }
        let vault: Bytes16 = try cursor.fixed(2, in: span)
        let number: UInt8 = try cursor.integer(3, in: span)
        let kind: UInt8 = try cursor.integer(4, in: span)
        let generation: UInt64 = try cursor.integer(5, in: span)
        let costs = DerivationCosts(
            memoryKiB: try cursor.integer(6, in: span), iterations: try cursor.integer(7, in: span),
            parallelism: try cursor.integer(8, in: span))
        let salt: Bytes16 = try cursor.fixed(9, in: span)
        let nonce: Bytes24 = try cursor.fixed(10, in: span)
        let commitment: Bytes32 = try cursor.fixed(11, in: span)
        let wrapped = try cursor.bytes(12, in: span)
        try cursor.finish()
        guard format == 1, number < Slot.limit, let kind = SlotKind(rawValue: kind), let wrapped, wrapped.count == 48
        else { throw .malformed(.slot) }
        self.init(
            header: SlotHeader(
                vault: VaultID(vault), number: number, kind: kind, costs: costs, salt: salt, nonce: nonce),
            generation: generation, commitment: commitment, wrappedRoot: Array(bytes[wrapped]))
    }

    /// Derives a key from `passphrase` with a fresh salt and wraps `root` under it.
    ///
    /// - Parameters:
    ///   - number: 0 to 7.
    ///   - generation: of the commit that will write it.
    ///   - availableKiB: how much memory there is, asked just before the derivation; nil where that is unknown.
    /// - Returns: the slot, and the key that can wrap another root key for it without a second derivation.
    /// - Throws: ``SealingError/costsRefused(_:)``, ``SealingError/notEnoughMemory``, ``SealingError/derivationFailed(_:)``,
    ///   ``SealingError/memory(_:)``.
    package static func create(
        _ number: UInt8, kind: SlotKind, passphrase: borrowing SecretBytes, root: RootKey, vault: VaultID,
        generation: UInt64, costs: DerivationCosts, limits: CostLimits = .standard,
        availableKiB: () -> UInt64?, random: any RandomSource
    ) throws(SealingError) -> (slot: Slot, key: SlotKey) {
        let key = try SlotKey.derive(
            passphrase, salt: Bytes16(from: random), costs: costs, limits: limits, availableKiB: availableKiB)
        let slot = key.wrap(root, number: number, kind: kind, vault: vault, generation: generation, random: random)
        return (slot, key)
    }

    /// Opens the slot. The costs are checked, then the memory, before any work is done.
    ///
    /// - Parameters:
    ///   - vault: the vault that the slot must belong to, where that is known.
    ///   - availableKiB: how much memory there is, asked just before the derivation; nil where that is unknown.
    /// - Returns: the root key, and the key that can wrap another root key for this slot without a second derivation.
    /// - Throws: what ``create(_:kind:passphrase:root:vault:generation:costs:limits:availableKiB:random:)`` throws, and
    ///   ``SealingError/otherVault``, ``SealingError/wrongPassphrase``, ``SealingError/damagedSlot``.
    package func open(
        _ passphrase: borrowing SecretBytes, vault: VaultID? = nil, limits: CostLimits = .standard,
        availableKiB: () -> UInt64?
    ) throws(SealingError) -> (root: RootKey, key: SlotKey) {
        if let vault, vault != header.vault { throw .otherVault }
        let key = try SlotKey.derive(
            passphrase, salt: header.salt, costs: header.costs, limits: limits, availableKiB: availableKiB)
        return (try key.unwrap(self), key)
    }
}
