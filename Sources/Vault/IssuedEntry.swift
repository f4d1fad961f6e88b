internal import IssuedKeys
internal import Sealing

/// One issued key as the unsealed vault holds it. Never changed, only replaced.
final class IssuedEntry: Sendable {
    let number: IssuedKeyNumber
    /// What a presented key is found by.
    let hash: KeptHash
    /// What decides whether it may be used now.
    let standing: IssuedKeyStanding
    /// Counts its uses; nil where they are not limited. Shared with the key before that has the same limits and quota.
    let meter: IssuedMeter?
    let usage: UsageMark
    let row: RowID
    let mark: Mark
    let stored: StoredIssuedKey
    /// What every answer about it says, so that none has to put it together.
    private let limits: [String]
    let metadata: [String: String]

    /// - Returns: nil where the record is not whole.
    init?(row: RowID, stored: StoredIssuedKey, mark: Mark, usage: UsageMark, meter: IssuedMeter?) {
        guard let number = IssuedKeyNumber(stored.id), let hash = KeptHash(stored.hash) else { return nil }
        self.number = number
        self.hash = hash
        self.row = row
        self.stored = stored
        self.mark = mark
        self.usage = usage
        self.meter = meter
        limits = stored.limits.isEmpty ? [] : RateLimits(stored.limits)?.texts ?? []
        metadata = Dictionary(
            stored.metadata.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        standing = IssuedKeyStanding(
            expires: stored.expires == 0 ? nil : Int64(stored.expires),
            honouredUntil: stored.honouredUntil == 0 ? nil : Int64(stored.honouredUntil),
            revokedAt: stored.revoked == 0 ? nil : Int64(stored.revoked), isDisabled: stored.disabled != 0,
            networks: NetworkRestriction(kept: stored.networks.isEmpty ? nil : stored.networks), scopes: stored.scopes)
    }

    /// Whether it was brought in by its SHA-256, so that its id is in no text.
    var isImported: Bool { stored.imported != 0 }

    func state(at now: Timestamp) -> IssuedKeyState {
        if stored.revoked != 0 { return .revoked }
        if let end = standing.end, Lifetime.isOver(end: end, at: now) { return .expired }
        if stored.disabled != 0 { return .disabled }
        return stored.successor.isEmpty ? .active : .rolled
    }

    func record(at now: Timestamp) -> IssuedKeyRecord {
        let used = usage.value
        return IssuedKeyRecord(
            id: stored.id, issuer: stored.issuer, name: stored.name, description: stored.description_p,
            owner: stored.owner, prefix: stored.prefix, created: Timestamp(stored.created),
            createdBy: stored.createdBy, expires: standing.expires, scopes: stored.scopes,
            networks: stored.networks, limits: limits,
            quota: Quota(uses: stored.quota, stored.refill), tier: stored.tier.isEmpty ? nil : stored.tier,
            environment: IssuerEnvironment(stored.environment), visibility: Visibility(stored.visibility),
            metadata: metadata,
            state: state(at: now), revoked: standing.revokedAt,
            honouredUntil: standing.honouredUntil, successor: stored.successor.isEmpty ? nil : stored.successor,
            predecessor: stored.predecessor.isEmpty ? nil : stored.predecessor, lineage: stored.lineage,
            lastUsed: used.time == 0 ? nil : used.time, lastUsedFrom: used.by.isEmpty ? nil : used.by,
            imported: stored.imported == 0 ? nil : Timestamp(stored.imported))
    }
}

extension Records.IssuedKey {
    /// How often it may be used. Limits that cannot be read let nobody through.
    var allowance: Allowance? {
        guard let limits = RateLimits(limits) else { return nil }
        return Allowance(limits: limits, quota: Quota(uses: quota, refill))
    }

    /// The id of the first of its line.
    var lineageNumber: IssuedKeyNumber? { IssuedKeyNumber(lineage) }
}
