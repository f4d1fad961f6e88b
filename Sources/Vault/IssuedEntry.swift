internal import IssuedKeys
internal import Sealing

/// One access key as the unsealed vault holds it. Never changed, only replaced.
final class IssuedEntry: Sendable {
    let row: RowID
    let stored: StoredIssuedKey
    let mark: Mark
    /// What decides whether it may be used now.
    let standing: IssuedKeyStanding
    let usage: UsageMark

    init(row: RowID, stored: StoredIssuedKey, mark: Mark, usage: UsageMark) {
        self.row = row
        self.stored = stored
        self.mark = mark
        self.usage = usage
        standing = IssuedKeyStanding(
            expires: stored.expires == 0 ? nil : Int64(stored.expires),
            honouredUntil: stored.honouredUntil == 0 ? nil : Int64(stored.honouredUntil),
            revokedAt: stored.revoked == 0 ? nil : Int64(stored.revoked), isDisabled: stored.disabled != 0,
            networks: NetworkRestriction(kept: stored.networks.isEmpty ? nil : stored.networks), scopes: stored.scopes)
    }

    func state(at now: Timestamp) -> AccessKeyState {
        if stored.revoked != 0 { return .revoked }
        if let end = standing.end, Lifetime.isOver(end: end, at: now) { return .expired }
        if stored.disabled != 0 { return .disabled }
        return stored.successor.isEmpty ? .active : .rolled
    }

    func record(at now: Timestamp) -> AccessKeyRecord {
        let used = usage.value
        return AccessKeyRecord(
            id: stored.id, issuer: stored.issuer, name: stored.name, description: stored.description_p,
            owner: stored.owner, prefix: stored.prefix, created: Timestamp(stored.created),
            createdBy: stored.createdBy, expires: standing.expires, policies: stored.scopes,
            networks: stored.networks, state: state(at: now), revoked: standing.revokedAt,
            honouredUntil: standing.honouredUntil, successor: stored.successor.isEmpty ? nil : stored.successor,
            predecessor: stored.predecessor.isEmpty ? nil : stored.predecessor, lineage: stored.lineage,
            lastUsed: used.time == 0 ? nil : used.time, lastUsedFrom: used.by.isEmpty ? nil : used.by)
    }
}
