package import SecretMemory

/// What a record is. The number is the first byte of its key in the store and part of its associated data.
package enum RecordKind: UInt8, CaseIterable, Sendable {
    case slot = 1
    case keyring = 2
    case vaultHead = 3
    case keyHead = 4
    case wrappedKey = 5
    case version = 6
    case journal = 7
    case issuer = 8
    case issuedKey = 9
    case lease = 10
    case enrolment = 11
    case checkpointKey = 12
    case usage = 13

    /// Whether records of this kind enter the vault head's sums. The keyring and the children of an API key are
    /// covered by their marks instead; nothing depends on the pages of usage.
    package var isSummed: Bool {
        switch self {
        case .slot, .keyHead, .issuer, .issuedKey, .lease, .enrolment, .checkpointKey: true
        case .keyring, .vaultHead, .wrappedKey, .version, .journal, .usage: false
        }
    }

    /// Whether a record of this kind belongs to one API key and is bound to its id and path.
    package var isChild: Bool {
        switch self {
        case .wrappedKey, .version, .journal: true
        default: false
        }
    }
}

/// A vault's own 16 random bytes, which every record is bound to.
package struct VaultID: Hashable, Sendable, CustomStringConvertible {
    package let bytes: Bytes16
    package init(_ bytes: Bytes16) { self.bytes = bytes }
    package static func random(from random: any RandomSource) -> VaultID { VaultID(Bytes16(from: random)) }
    package var description: String { bytes.description }
}

/// An API key's own 16 random bytes. They outlive nothing: a key that is made anew at the same path has others.
package struct KeyID: Hashable, Sendable, CustomStringConvertible {
    package let bytes: Bytes16
    package init(_ bytes: Bytes16) { self.bytes = bytes }
    package static func random(from random: any RandomSource) -> KeyID { KeyID(Bytes16(from: random)) }
    package var description: String { bytes.description }
}

/// Which record of its kind; a keyed hash of its name, so that the store learns nothing from it.
package struct RowID: Hashable, Sendable, CustomStringConvertible {
    package let bytes: Bytes32
    package init(_ bytes: Bytes32) { self.bytes = bytes }

    /// The row of the one keyring and the one vault head: 32 zero bytes.
    package static let only = RowID(Bytes32())

    /// The row of a slot: 31 zero bytes and its number, since it is found before any key is known.
    package static func slot(_ number: UInt8) -> RowID {
        var bytes = Bytes32()
        bytes.withMutableBytes { $0.storeBytes(of: number, toByteOffset: 31, as: UInt8.self) }
        return RowID(bytes)
    }

    package var description: String { bytes.description }
}

/// A record's place in the store: its kind and its row. As bytes, 33 of them.
package struct RecordPlace: Hashable, Sendable {
    package let kind: RecordKind
    package let row: RowID

    package init(_ kind: RecordKind, _ row: RowID) {
        self.kind = kind
        self.row = row
    }

    /// Nil unless `storeKey` is 33 bytes that begin with a kind's number.
    package init?(storeKey: [UInt8]) {
        guard storeKey.count == 33, let kind = RecordKind(rawValue: storeKey[0]),
            let row = Bytes32(Array(storeKey[1...]))
        else { return nil }
        self.init(kind, RowID(row))
    }

    package var storeKey: [UInt8] { [kind.rawValue] + row.bytes.bytes }

    /// The first and last key that records of `kind` can have, for a scan.
    package static func storeKeys(of kind: RecordKind) -> (first: [UInt8], last: [UInt8]) {
        ([kind.rawValue] + [UInt8](repeating: 0, count: 32), [kind.rawValue] + [UInt8](repeating: 255, count: 32))
    }
}
