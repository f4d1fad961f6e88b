internal import Audit
internal import Storage

/// One thing that has to be well for the vault to serve.
package struct HealthCheck: Sendable, Equatable {
    package var name: String
    package var ok: Bool
    /// What is wrong and what would be right; free of secrets and names.
    package var detail: String
}

/// How the audit log stands; numbers alone.
package struct AuditStanding: Sendable, Equatable {
    /// Whether all that was written is on the disk.
    package var synced: Bool
    /// Milliseconds since the oldest entry that is written and not on the disk; 0 where there is none.
    package var unsyncedFor: Int64
    /// Entries that wait to be written.
    package var waiting: Int
    /// Bytes set aside for a full disk that remain, and that there should be.
    package var reserve: Int64
    package var fullReserve: Int64
    /// Further sinks beside the file.
    package var further: [Further] = []

    package struct Further: Sendable, Equatable {
        /// `syslog` or `socket`; `mandatory` or `best-effort`.
        package var name: String
        package var need: String
        package var isUp: Bool
        package var isRefusing: Bool
        /// Lines that wait for it, that it has taken, and that were dropped.
        package var waiting: Int
        package var taken: UInt64
        package var dropped: UInt64
        /// What is wrong and what would be right.
        package var failure: String?

        package init(
            name: String, need: String, isUp: Bool, isRefusing: Bool = false, waiting: Int = 0, taken: UInt64 = 0,
            dropped: UInt64 = 0, failure: String? = nil
        ) {
            self.name = name
            self.need = need
            self.isUp = isUp
            self.isRefusing = isRefusing
            self.waiting = waiting
            self.taken = taken
            self.dropped = dropped
            self.failure = failure
        }
    }
}

extension AuditStanding.Further {
    init(_ health: FurtherHealth) {
        self.init(
            name: health.name, need: health.need.rawValue, isUp: health.isUp, isRefusing: health.isRefusing,
            waiting: health.waiting, taken: health.taken, dropped: health.dropped,
            failure: health.failure?.explanation)
    }
}

extension Vault {
    /// How the audit log stands. Open to all.
    package func auditStanding() -> AuditStanding {
        let health = environment.audit.health
        return AuditStanding(
            synced: health.written == health.synced, unsyncedFor: health.unsyncedFor, waiting: health.waiting,
            reserve: health.reserve, fullReserve: health.fullReserve, further: health.further.map { .init($0) })
    }

    /// Whether the vault can serve: unsealed, its store its own, its audit log writable. Open to all; tells no names.
    package func health() -> (ok: Bool, checks: [HealthCheck]) {
        let checks = [sealCheck(), storeCheck(), auditCheck()]
        return (checks.allSatisfy(\.ok), checks)
    }

    /// Writes down a request that was refused before it reached an operation: a malformed one, say. Whoever is recognised by
    /// what they present has a line of their own; strangers are counted. Waits for nothing.
    ///
    /// - Parameter code: one of the door's own codes.
    /// - Returns: ``VaultError`` `audit_unavailable` where the line cannot be written as things stand, to be answered in
    ///   the refusal's place.
    @discardableResult
    package func recordRefusal(_ requester: Requester, code: String) -> VaultError? {
        guard let open = try? opened(),
            let caller = try? authenticate(requester, open.session, loadedPolicies.set, now: now(open.session))
        else {
            trail.stranger(requester, code: code)
            return nil
        }
        trail.malformed(requester, caller, code: code)
        return trail.trouble
    }

    /// The audit log goes on in a new file because an operator said so.
    package func noteLogReopened() { trail.event(.logReopened) }

    private func sealCheck() -> HealthCheck {
        let status = status()
        let detail =
            switch status.state {
            case .uninitialized: "there is no vault yet"
            case .sealed: "the vault is sealed"
            case .unsealed: status.readOnly ? "the vault is open read-only, with damage" : "unsealed"
            }
        return HealthCheck(name: "seal", ok: status.state == .unsealed && !status.readOnly, detail: detail)
    }

    private func storeCheck() -> HealthCheck {
        do throws(StorageError) {
            try environment.store.checkIdentity()
            guard !counters.now.lastCommitFailed else {
                return HealthCheck(
                    name: "store", ok: false, detail: "the last change could not be written; see the server's log")
            }
            return HealthCheck(name: "store", ok: true, detail: "the store is the one that was opened")
        } catch {
            return HealthCheck(
                name: "store", ok: false, detail: "the store is not the one that was opened, or is broken")
        }
    }

    private func auditCheck() -> HealthCheck {
        guard let refusal = environment.audit.health.refusal else {
            return HealthCheck(name: "audit", ok: true, detail: "entries are written")
        }
        return HealthCheck(name: "audit", ok: false, detail: "\(refusal)")
    }
}
