package import SecretMemory

/// Which of Argon2id's costs is meant.
package enum CostField: String, Sendable {
    case memory, iterations, parallelism
}

/// What can go wrong with sealed records and the keys to them. Nothing in it is secret.
package enum SealingError: Error, Equatable, Sendable {
    /// The passphrase does not open the slot; or the slot's salt, costs or commitment were altered, which looks the same.
    case wrongPassphrase
    /// The passphrase is right, and the root key in the slot was altered.
    case damagedSlot
    /// The slot belongs to another vault.
    case otherVault
    /// A passphrase has 1 to 1024 bytes.
    case passphraseLength
    /// A recovery code is mistyped: its length, a character or its check is wrong.
    case recoveryCode
    /// Deriving with this cost is refused, before any work.
    case costsRefused(CostField)
    /// Deriving needs more memory than there is.
    case notEnoughMemory
    /// Argon2 failed, with its own number.
    case derivationFailed(Int32)
    /// Too many derivations wait already.
    case tooManyDerivations
    /// Whoever waited for a derivation gave up.
    case derivationCancelled
    /// A record does not have the form that docs/format.md gives for its kind.
    case malformed(RecordKind)
    /// A record was altered, or belongs to another place, version or vault.
    case authenticationFailed(RecordKind)
    /// A record names a data key that the keyring does not have.
    case unknownDataKey(UInt32)
    /// The current data key, or one that is not there, cannot be retired.
    case cannotRetire(UInt32)
    /// The store was written by a newer version, in this format.
    case newerFormat(UInt64)
    /// Memory for a secret could not be had.
    case memory(SecretMemoryError)
}

extension SealingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .wrongPassphrase: "the passphrase does not open this slot"
        case .damagedSlot: "the passphrase is right, but the slot is damaged"
        case .otherVault: "the slot belongs to another vault"
        case .passphraseLength: "a passphrase has 1 to 1024 bytes"
        case .recoveryCode: "the recovery code is mistyped; it is KTR1 and seven groups of five"
        case .costsRefused(let field): "the slot's \(field.rawValue) cost is outside what is accepted"
        case .notEnoughMemory: "there is not enough memory to derive the key"
        case .derivationFailed(let code): "Argon2 failed with error \(code)"
        case .tooManyDerivations: "too many attempts are waiting; try again later"
        case .derivationCancelled: "the attempt was given up while it waited"
        case .malformed(let kind): "a record of kind \(kind) does not have the form that the format gives"
        case .authenticationFailed(let kind): "a record of kind \(kind) was altered or belongs elsewhere"
        case .unknownDataKey(let id): "a record names data key \(id), which the keyring does not have"
        case .cannotRetire(let id): "data key \(id) is the current one or is not there, and cannot be retired"
        case .newerFormat(let format): "the store has format \(format), from a newer version; this one knows format 1"
        case .memory(let error): error.description
        }
    }
}

/// Runs `body`, with its error as a sealing error.
func mappingMemoryErrors<R: ~Copyable>(_ body: () throws(SecretMemoryError) -> R) throws(SealingError) -> R {
    do throws(SecretMemoryError) { return try body() } catch { throw .memory(error) }
}
