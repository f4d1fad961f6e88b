internal import Audit
internal import FoundationEssentials
internal import SecretMemory
internal import Sealing

/// The key that signs checkpoints of the audit log, for as long as the vault is open.
final class CheckpointSigner: Sendable {
    /// What those verify with who have nothing else.
    let key: CheckpointKey
    let created: Timestamp
    private let seed: SecretBytes

    /// A new key in the name of the vault.
    init(vault: VaultID, now: Timestamp, random: any RandomSource) throws(VaultError) {
        seed = try Self.catching { () throws(SecretMemoryError) in
            try SecretBytes(count: 32) { (bytes: inout MutableRawSpan) throws(SecretMemoryError) in
                random.fill(&bytes)
            }
        }
        created = now
        key = try Self.key("keyturn/\(vault)", seed)
    }

    /// The key of a record; nil where its parts do not belong together.
    init?(_ record: Records.CheckpointKey) {
        guard let seed = unsafe try? SecretBytes(copying: record.seed.span.bytes),
            let key = try? CheckpointKey(name: record.name, seed: seed), key.publicKey == Array(record.publicKey)
        else { return nil }
        self.seed = seed
        self.key = key
        created = Timestamp(record.created)
    }

    /// What is sealed.
    var record: Records.CheckpointKey {
        var record = Records.CheckpointKey()
        record.name = key.name
        record.created = UInt64(created)
        record.seed = seed.withBytes { span in unsafe span.withUnsafeBytes { unsafe Data($0) } }
        record.publicKey = Data(key.publicKey)
        return record
    }

    /// The signed note of a head.
    func note(_ head: Session.HeadState, time: Timestamp) throws(VaultError) -> String {
        do throws(CheckpointError) {
            return try Checkpoint(origin: key.name, head: head.audit, time: time, accepted: head.accepted).signed(
                seed: seed)
        } catch {
            throw VaultError(.internal, "the checkpoint could not be signed (\(error.rawValue))")
        }
    }

    private static func key(_ name: String, _ seed: borrowing SecretBytes) throws(VaultError) -> CheckpointKey {
        do throws(CheckpointError) { return try CheckpointKey(name: name, seed: seed) } catch {
            throw VaultError(.internal, "no key for checkpoints could be made (\(error.rawValue))")
        }
    }

    private static func catching(
        _ body: () throws(SecretMemoryError) -> SecretBytes
    ) throws(VaultError) -> SecretBytes {
        do throws(SecretMemoryError) { return try body() } catch { throw VaultError(.internal, "\(error)") }
    }
}

/// The signer's record in an open vault.
struct CheckpointEntry: Sendable {
    var row: RowID
    var mark: Mark
    var signer: CheckpointSigner

    /// Opens the record at `row`; nil where it is not what was sealed there.
    init?(_ record: SealedRecord, _ row: RowID, _ keyring: Keyring) {
        guard let message = try? keyring.open(Records.CheckpointKey.self, record, row: row),
            keyring.rowID(.checkpointKey, name: message.name) == row, let signer = CheckpointSigner(message)
        else { return nil }
        self.init(row: row, mark: record.mark, signer: signer)
    }

    init(row: RowID, mark: Mark, signer: CheckpointSigner) {
        self.row = row
        self.mark = mark
        self.signer = signer
    }
}
