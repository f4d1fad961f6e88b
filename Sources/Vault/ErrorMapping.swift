internal import Audit
internal import IssuedKeys
internal import SecretMemory
internal import Sealing
internal import Storage

extension VaultError {
    init(storage error: StorageError) {
        switch error {
        case .notWritten(let reason):
            self.init(.storeUnavailable, "nothing was changed: the store cannot be written (\(reason))")
        case .outcomeUnknown(let reason):
            self.init(
                .inDoubt,
                "the store did not confirm the change (\(reason)); the vault has sealed itself: unseal it and look whether the change is there"
            )
        case .closed:
            self.init(.storeUnavailable, "the store is closed")
        default:
            self.init(
                .storeDamaged,
                "the store is not what the vault wrote (\(error)); the vault has sealed itself: see `keyturn unseal --help` on damage"
            )
        }
    }

    init(sealing error: SealingError) {
        self.init(.storeDamaged, "a record could not be opened: \(error)")
    }

    init(audit error: AuditError) {
        self.init(.auditUnavailable, "the request was refused because it cannot be audited: \(error)")
    }
}

/// Runs `body`, and gives its sealing errors as the vault's.
func sealingOrThrow<R: ~Copyable>(_ body: () throws(SealingError) -> R) throws(VaultError) -> R {
    do throws(SealingError) {
        return try body()
    } catch {
        throw VaultError(sealing: error)
    }
}

extension Keyring {
    /// The form in which an issued key is kept.
    func keptHash(_ text: WipedBytes) -> KeptHash {
        withIssuedKeyHashKey { key in text.withBytes { KeptHash(of: $0, key: key) } }
    }

    /// A keyed hash of a token.
    func hash(_ text: WipedBytes) -> [UInt8] {
        withIssuedKeyHashKey { key in text.withBytes { issuedKeyHash(of: $0, key: key) } }
    }
}
