/// What a sealed record is bound to, at fixed widths: 105 bytes. docs/format.md gives the layout.
struct AssociatedData {
    var vault: VaultID
    var kind: RecordKind
    /// The row id; for a child the API key's id and 16 zero bytes.
    var subject: Bytes32
    /// For a child the hash of the API key's path, else zeros.
    var pathDigest = Bytes32()
    /// For a version or a journal its number, else 0.
    var number: UInt32 = 0
    var generation: UInt64
    var sealingKey: UInt32

    /// The layout's bytes.
    var message: FixedMessage<105> {
        var message = FixedMessage<105>()
        message.append(ascii: "KTREC001")
        message.append(vault.bytes)
        message.append(kind.rawValue)
        message.append(subject)
        message.append(pathDigest)
        message.append(bigEndian: number)
        message.append(bigEndian: generation)
        message.append(bigEndian: sealingKey)
        return message
    }
}
