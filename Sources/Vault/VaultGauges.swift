internal import Audit
internal import IssuedKeys
internal import Policy
internal import Rotation
internal import Sealing
internal import Synchronization
internal import Usage

/// How the vault is, in numbers: nothing in it names a key, a caller or an issuer.
package struct VaultGauges: Sendable {
    package var state: SealState
    package var readOnly: Bool
    package var numbers: EngineNumbers
    package var audit: AuditGauges
    /// Lines of the audit log since the process began, by outcome.
    package var entries: [String: UInt64]
    /// Verifications of issued keys since the process began, by code.
    package var verifications: [String: UInt64]
    /// Changes that wait for the next commit.
    package var waiting: Int
    /// Retrievals that wait for a change.
    package var waits: Int
    package var inventory: Inventory

    /// What the log's sink says of itself.
    package struct AuditGauges: Sendable {
        package var written: UInt64
        package var synced: UInt64
        /// Milliseconds since the oldest entry that is not synced.
        package var unsyncedFor: Int64
        package var waiting: Int
        package var isFailing: Bool
        package var reserve: Int64
        package var fullReserve: Int64
        package var further: [AuditStanding.Further]
    }

    /// What is in the vault, by state; empty while it is sealed.
    package struct Inventory: Sendable {
        package var keys: [String: Int] = [:]
        /// Keys by where their rotation stands; `none` are not rotated, and those in the trash are left out.
        package var rotations: [String: Int] = [:]
        /// Keys whose rotation did not succeed in its last step, by the reason.
        package var rotationErrors: [String: Int] = [:]
        /// When the latest of these errors was.
        package var lastRotationError: Timestamp?
        /// When a rotation goes on by itself next: one that is due, a further attempt, or the end of an overlap.
        package var nextRotation: Timestamp?
        package var issuedKeys: [String: Int] = [:]
        package var usageSubjects = 0
        package var usageNumbers = 0
    }
}

extension Vault {
    /// What metrics are made of, sealed or not. It is open to everybody on this host, as health is; from elsewhere it
    /// needs `audit`, because traffic can tell things too.
    package func gauges(_ requester: Requester) throws(VaultError) -> VaultGauges {
        guard requester.door == .network, requester.address?.isLoopback != true else { return gauges() }
        return try reading(requester, .audit, .vault, as: "metrics") { (_) throws(VaultError) in gauges() }
    }

    func gauges() -> VaultGauges {
        let status = status()
        let health = environment.audit.health
        let open = try? opened()
        let counted = trail.usage.sinceStart
        return VaultGauges(
            state: status.state, readOnly: status.readOnly, numbers: counters.now,
            audit: VaultGauges.AuditGauges(
                written: health.written.sequence, synced: health.synced.sequence, unsyncedFor: health.unsyncedFor,
                waiting: health.waiting, isFailing: health.refusal != nil, reserve: health.reserve,
                fullReserve: health.fullReserve, further: health.further.map { .init($0) }),
            entries: [
                "allowed": counted.allowed, "refused": counted.refused, "failed": counted.failed,
                "unknown": counted.unknown,
            ], verifications: counted.verifications,
            waiting: open?.committer.waitingCount ?? 0, waits: waiting.count,
            inventory: open.map { inventory(of: $0) } ?? .init())
    }

    /// Counting goes over every record: what was counted less than five seconds ago is told again.
    private func inventory(of open: Open) -> VaultGauges.Inventory {
        let now = ContinuousClock.now
        let kept = lastInventory.withLock { last in
            last.flatMap {
                $0.generation == open.session.core.head.generation && now - $0.time < .seconds(5) ? $0 : nil
            }
        }
        if let kept { return kept.inventory }
        let inventory = countInventory(open.session)
        lastInventory.withLock {
            $0 = (open.session.core.head.generation, now, inventory)
        }
        return inventory
    }

    private func countInventory(_ session: Session) -> VaultGauges.Inventory {
        let clocks = clocks(session)
        let now = clocks.now
        let (keys, issued) = session.read { ($0.index.sorted.all, $0.index.issued.values) }
        var inventory = VaultGauges.Inventory()
        let (next, troubled) = session.read { ($0.index.wakes.first?.time, $0.index.troubled) }
        if !clocks.isHeld { inventory.nextRotation = next.map { max($0, clocks.rotation) } }
        for entry in troubled.compactMap({ session.key($0) }) where entry.summary.deleted == 0 {
            guard let state = entry.rotation?.state, let error = state.error, error != .manualStep else { continue }
            inventory.rotationErrors[error.rawValue, default: 0] += 1
            inventory.lastRotationError = max(inventory.lastRotationError ?? 0, state.errorTime)
        }
        for state in KeyState.allCases { inventory.keys[state.rawValue] = 0 }
        for state in AccessKeyState.allCases { inventory.issuedKeys[state.rawValue] = 0 }
        for standing in RotationStanding.allCases { inventory.rotations[standing.rawValue] = 0 }
        for entry in keys {
            inventory.keys[entry.state(at: now).rawValue, default: 0] += 1
            guard entry.summary.deleted == 0 else { continue }
            inventory.rotations[entry.standing(clocks)?.rawValue ?? "none", default: 0] += 1
        }
        for entry in issued { inventory.issuedKeys[entry.state(at: now).rawValue, default: 0] += 1 }
        trail.usage.read { book in
            inventory.usageSubjects = book.subjectCount
            inventory.usageNumbers = book.numberCount
        }
        return inventory
    }
}
