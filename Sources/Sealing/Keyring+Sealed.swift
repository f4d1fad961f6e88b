package import SecretMemory

/// The keyring as a record, sealed by a key that is derived from the root key. It is written and read by hand, so that
/// its keys go from guarded pages to the ciphertext and back by way of memory that is wiped.
extension Keyring {
    /// The keyring's record.
    package func sealed(by root: RootKey, generation: UInt64, random: any RandomSource) -> SealedRecord {
        let data = Keyring.associatedData(vault, generation: generation)
        return root.keyringKey(of: vault).withBytes { key in
            plaintext().withBytes { SealedRecord(sealing: $0, boundTo: data, key: key, random: random) }
        }
    }

    /// Opens the keyring's record.
    ///
    /// - Throws: ``SealingError/authenticationFailed(_:)``, ``SealingError/malformed(_:)``, ``SealingError/memory(_:)``.
    package static func open(_ record: SealedRecord, by root: RootKey, vault: VaultID) throws(SealingError) -> Keyring {
        guard record.sealingKey == 0 else { throw .malformed(.keyring) }
        let data = associatedData(vault, generation: record.mark.generation)
        let plaintext = try root.keyringKey(of: vault).withBytes { (key) throws(SealingError) in
            try record.opened(boundTo: data, key: key)
        }
        return try plaintext.withBytes { (span) throws(SealingError) in try Keyring(decoding: span, vault: vault) }
    }

    private static func associatedData(_ vault: VaultID, generation: UInt64) -> AssociatedData {
        AssociatedData(
            vault: vault, kind: .keyring, subject: RowID.only.bytes, generation: generation, sealingKey: 0)
    }

    private func plaintext() -> WipedBytes {
        let sizes = dataKeys.map { key in
            Wire.size(ofInteger: UInt64(key.id)) + Wire.size(ofBytes: 32)
                + Wire.size(ofInteger: UInt64(bitPattern: key.created))
        }
        let size =
            sizes.reduce(0) { $0 + Wire.size(ofBytes: $1) } + Wire.size(ofInteger: UInt64(current.id))
            + 3 * Wire.size(ofBytes: 32)
        return WipedBytes(count: size) { span in
            var writer = SpanWriter()
            for (key, size) in zip(dataKeys, sizes) {
                writer.header(1, byteCount: size, to: &span)
                writer.integer(1, UInt64(key.id), to: &span)
                key.secret.withBytes { writer.bytes(2, $0, to: &span) }
                writer.integer(3, UInt64(bitPattern: key.created), to: &span)
            }
            writer.integer(2, UInt64(current.id), to: &span)
            rowIDKey.withBytes { writer.bytes(3, $0, to: &span) }
            sumKey.withBytes { writer.bytes(4, $0, to: &span) }
            issuedKeyHashKey.withBytes { writer.bytes(5, $0, to: &span) }
        }
    }

    private convenience init(decoding span: RawSpan, vault: VaultID) throws(SealingError) {
        func secret(_ range: Range<Int>?) throws(SealingError) -> SharedSecret {
            guard let range, range.count == 32 else { throw .malformed(.keyring) }
            return try SharedSecret(copying: span.extracting(range))
        }
        var cursor = WireCursor(span, of: .keyring)
        var keys: [DataKey] = []
        while let range = try cursor.bytes(1, in: span) {
            var inner = WireCursor(span, range, of: .keyring)
            let id: UInt32 = try inner.integer(1, in: span)
            let key = try secret(try inner.bytes(2, in: span))
            let created: UInt64 = try inner.integer(3, in: span)
            try inner.finish()
            guard id > keys.last?.id ?? 0 else { throw .malformed(.keyring) }
            keys.append(DataKey(id: id, created: Int64(bitPattern: created), secret: key))
        }
        let currentID: UInt32 = try cursor.integer(2, in: span)
        let rowIDKey = try secret(try cursor.bytes(3, in: span))
        let sumKey = try secret(try cursor.bytes(4, in: span))
        let issuedKeyHashKey = try secret(try cursor.bytes(5, in: span))
        try cursor.finish()
        guard let current = keys.last, current.id == currentID else { throw .malformed(.keyring) }
        self.init(
            vault: vault, dataKeys: keys, current: current, rowIDKey: rowIDKey, sumKey: sumKey,
            issuedKeyHashKey: issuedKeyHashKey)
    }
}
