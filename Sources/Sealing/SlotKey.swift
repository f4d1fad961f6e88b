package import SecretMemory

/// What Argon2id made of a passphrase, a salt and costs. While it is held, the root key can be wrapped anew for the same
/// passphrase without a second derivation, as a rekey needs.
package final class SlotKey: Sendable {
    private let output: SharedSecret
    private let salt: Bytes16
    private let costs: DerivationCosts

    private init(output: SharedSecret, salt: Bytes16, costs: DerivationCosts) {
        self.output = output
        self.salt = salt
        self.costs = costs
    }

    static func derive(
        _ passphrase: borrowing SecretBytes, salt: Bytes16, costs: DerivationCosts, limits: CostLimits,
        availableKiB: () -> UInt64?
    ) throws(SealingError) -> SlotKey {
        try limits.check(costs)
        if let available = availableKiB(), UInt64(costs.memoryKiB) > available { throw .notEnoughMemory }
        let output = try passphrase.withBytes { (passphrase) throws(SealingError) in
            try salt.withBytes { (salt) throws(SealingError) in
                SharedSecret(try Argon2.derive(passphrase, salt: salt, costs: costs))
            }
        }
        return SlotKey(output: output, salt: salt, costs: costs)
    }

    /// Wraps `root` for slot `number`, with a fresh nonce.
    package func wrap(
        _ root: RootKey, number: UInt8, kind: SlotKind, vault: VaultID, generation: UInt64, random: any RandomSource
    ) -> Slot {
        precondition(number < Slot.limit)
        let header = SlotHeader(
            vault: vault, number: number, kind: kind, costs: costs, salt: salt, nonce: Bytes24(from: random))
        let commitment = commitment(to: header)
        var wrapped: [UInt8] = []
        associatedData(header, commitment).withBytes { data in
            wrapKey(for: header).withBytes { key in
                root.withBytes { root in
                    AEAD.seal(root, key: key, nonce: header.nonce, associatedData: data, to: &wrapped)
                }
            }
        }
        return Slot(header: header, generation: generation, commitment: commitment, wrappedRoot: wrapped)
    }

    /// The root key in a slot that was wrapped under this key.
    ///
    /// - Throws: ``SealingError/wrongPassphrase`` where the slot is not committed to this key;
    ///   ``SealingError/damagedSlot``, ``SealingError/memory(_:)``.
    func unwrap(_ slot: Slot) throws(SealingError) -> RootKey {
        let expected = commitment(to: slot.header)
        let isCommitted = expected.withBytes { a in slot.commitment.withBytes { b in constantTimeEqual(a, b) } }
        guard isCommitted else { throw .wrongPassphrase }
        let plaintext = associatedData(slot.header, slot.commitment).withBytes { data in
            wrapKey(for: slot.header).withBytes { key in
                unsafe AEAD.open(
                    slot.wrappedRoot.span.bytes, key: key, nonce: slot.header.nonce, associatedData: data)
            }
        }
        guard let plaintext else { throw .damagedSlot }
        return try plaintext.withBytes { (bytes) throws(SealingError) in try RootKey(copying: bytes) }
    }

    private func wrapKey(for header: SlotHeader) -> WipedBytes {
        header.message.withBytes { header in
            output.withBytes { Blake2b.derive(header, key: $0, for: .slotKey) }
        }
    }

    private func commitment(to header: SlotHeader) -> Bytes32 {
        header.message.withBytes { header in
            output.withBytes { Blake2b.hash(header, key: $0, for: .commitment) }
        }
    }

    private func associatedData(_ header: SlotHeader, _ commitment: Bytes32) -> FixedMessage<110> {
        var message = FixedMessage<110>()
        header.message.withBytes { message.append($0) }
        message.append(commitment)
        return message
    }
}
