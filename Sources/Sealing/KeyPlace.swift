internal import SecretMemory

/// What the children of an API key are bound to: its id and its path. Make it once for a key and keep it; the hash of
/// the path is most of the cost.
package struct KeyPlace: Hashable, Sendable {
    package let keyID: KeyID
    let pathDigest: Bytes32

    package init(_ keyID: KeyID, path: String) {
        self.keyID = keyID
        let bytes = Array(path.utf8)
        pathDigest = unsafe Blake2b.hash(bytes.span.bytes, for: .path)
    }

    /// The names under which children have their row ids.
    package var wrappedKeyName: [UInt8] { keyID.bytes.bytes }

    /// The name of a version or a journal, by its number.
    package func name(of number: UInt32) -> [UInt8] {
        keyID.bytes.bytes + (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }

    func associatedData(
        _ vault: VaultID, _ kind: RecordKind, number: UInt32 = 0, generation: UInt64 = 0, sealingKey: UInt32
    ) -> AssociatedData {
        var subject = Bytes32()
        subject.withMutableBytes { span in keyID.bytes.withBytes { span.copy($0, to: 0) } }
        return AssociatedData(
            vault: vault, kind: kind, subject: subject, pathDigest: pathDigest, number: number,
            generation: generation, sealingKey: sealingKey)
    }
}
