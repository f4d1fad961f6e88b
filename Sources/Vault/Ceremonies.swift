internal import IssuedKeys
internal import SecretMemory
internal import Sealing
internal import Synchronization

/// What an operator has begun and not ended: an initialisation that waits for its recovery code, and leave to change
/// how the vault is opened.
final class Ceremonies: Sendable {
    /// A vault that exists in memory only, until the recovery code has been typed back.
    final class Newborn: Sendable {
        let id: String
        let recoveryCode: WipedBytes
        let material: NewVault
        let expires: Timestamp

        init(id: String, recoveryCode: WipedBytes, material: NewVault, expires: Timestamp) {
            self.id = id
            self.recoveryCode = recoveryCode
            self.material = material
            self.expires = expires
        }
    }

    /// Leave given for a passphrase: good once.
    final class Leave: Sendable {
        let slot: UInt8
        /// The slot as the passphrase opened it: what has been changed or removed since gives no leave.
        let mark: Mark
        let key: SlotKey
        let expires: Timestamp

        init(slot: Slot, key: SlotKey, expires: Timestamp) {
            self.slot = slot.number
            mark = slot.mark
            self.key = key
            self.expires = expires
        }
    }

    static let initializationLasts: Int64 = 600_000
    static let leaveLasts: Int64 = 300_000
    /// Leaves that can be open at once; the oldest is forgotten.
    private static let leaveLimit = 16

    private struct Open {
        var newborn: Newborn?
        var leaves: [(digest: [UInt8], leave: Leave)] = []
    }

    private let open = Mutex<Open>(Open())

    func begin(_ newborn: Newborn) { open.withLock { $0.newborn = newborn } }

    /// The initialisation with this id, which is over then.
    func take(newborn id: String, at now: Timestamp) throws(VaultError) -> Newborn {
        let found = open.withLock { open -> Newborn? in
            guard let newborn = open.newborn, newborn.id == id, now < newborn.expires else { return nil }
            open.newborn = nil
            return newborn
        }
        guard let found else {
            throw VaultError(.noCeremony, "no initialisation with this id waits for its recovery code; begin again")
        }
        return found
    }

    func giveBack(_ newborn: Newborn) {
        open.withLock { if $0.newborn == nil { $0.newborn = newborn } }
    }

    func give(_ leave: Leave, digest: [UInt8]) {
        open.withLock { open in
            open.leaves.append((digest, leave))
            if open.leaves.count > Self.leaveLimit { open.leaves.removeFirst() }
        }
    }

    /// Spends a leave.
    func spend(digest: [UInt8], at now: Timestamp) throws(VaultError) -> Leave {
        let leave = open.withLock { open -> Leave? in
            open.leaves.removeAll { now >= $0.leave.expires }
            guard let place = open.leaves.firstIndex(where: { issuedKeyMatches(presented: digest, kept: $0.digest) })
            else { return nil }
            return open.leaves.remove(at: place).leave
        }
        guard let leave else { throw Self.noLeave }
        return leave
    }

    static let noLeave = VaultError(
        .noCeremony,
        "the authorization is unknown, used, older than five minutes or of a key slot that has changed since; give the passphrase again"
    )

    /// Forgets what has expired.
    func expire(at now: Timestamp) {
        open.withLock { open in
            open.leaves.removeAll { now >= $0.leave.expires }
            if let newborn = open.newborn, now >= newborn.expires { open.newborn = nil }
        }
    }

    /// The leaves that were given and not spent.
    var leaves: [Leave] { open.withLock { $0.leaves.map(\.leave) } }

    func clear() { open.withLock { $0 = Open() } }
}
