/// What opens a slot.
package enum SlotKind: UInt8, Sendable {
    case passphrase = 1
    case recovery = 2
}

/// Everything about a slot that its keys are bound to: 78 bytes. docs/format.md gives the layout.
package struct SlotHeader: Hashable, Sendable {
    package let vault: VaultID
    /// 0 to 7.
    package let number: UInt8
    package let kind: SlotKind
    package let costs: DerivationCosts
    let salt: Bytes16
    let nonce: Bytes24

    /// The layout's bytes.
    var message: FixedMessage<78> {
        var message = FixedMessage<78>()
        message.append(ascii: "KTSLOT01")
        message.append(vault.bytes)
        message.append(number)
        message.append(kind.rawValue)
        message.append(bigEndian: costs.memoryKiB)
        message.append(bigEndian: costs.iterations)
        message.append(bigEndian: costs.parallelism)
        message.append(salt)
        message.append(nonce)
        return message
    }
}
