internal import IssuedKeys
internal import Sealing

typealias StoredIssuer = Records.Issuer

/// One issuer as the unsealed vault holds it. Never changed, only replaced.
final class IssuerEntry: Sendable {
    /// Nil for the built-in issuer, which has no record.
    let place: (row: RowID, mark: Mark)?
    let stored: StoredIssuer

    init(row: RowID, stored: StoredIssuer, mark: Mark) {
        place = (row, mark)
        self.stored = stored
    }

    private init(builtIn stored: StoredIssuer) {
        place = nil
        self.stored = stored
    }

    /// The issuer of access keys.
    static let accessKeys: IssuerEntry = {
        var stored = StoredIssuer()
        stored.name = AccessKeys.issuer
        stored.prefix = AccessKeys.prefix
        stored.description_p = "Access keys: what applications present to Keyturn."
        return IssuerEntry(builtIn: stored)
    }()

    func tier(_ name: String) -> IssuerTier? {
        stored.tiers.first { $0.name == name }.map { IssuerTier($0) }
    }

    func record(keys: Int) -> IssuerRecord {
        IssuerRecord(
            name: stored.name, prefix: stored.prefix, description: stored.description_p,
            created: Timestamp(stored.created), createdBy: stored.createdBy, updated: Timestamp(stored.updated),
            lifetime: stored.lifetime == 0 ? nil : Int64(stored.lifetime), scopes: stored.scopes,
            tiers: stored.tiers.map { IssuerTier($0) }, environment: IssuerEnvironment(stored.environment),
            visibility: Visibility(stored.visibility), keys: keys, isBuiltIn: place == nil)
    }
}

// MARK: To and from the stored forms

extension IssuerTier {
    init(_ stored: Records.Tier) {
        self.init(
            name: stored.name, description: stored.description_p,
            limits: RateLimits(stored.limits)?.texts ?? [], quota: Quota(uses: stored.quota, stored.refill))
    }

    /// - Throws: ``RateLimitError``.
    func stored() throws(RateLimitError) -> Records.Tier {
        var tier = Records.Tier()
        tier.name = name
        tier.description_p = description
        tier.limits = try RateLimits(parsing: limits).stored
        tier.quota = UInt64(quota?.uses ?? 0)
        tier.refill = Records.QuotaRefill(quota)
        return tier
    }
}

extension RateLimits {
    /// Nil where these are no limits, which no vault stores.
    init?(_ stored: [Records.Window]) {
        var limits: [RateLimit] = []
        for window in stored {
            guard let uses = Int64(exactly: window.uses), let length = Int64(exactly: window.length),
                let limit = try? RateLimit(uses: uses, length: length)
            else { return nil }
            limits.append(limit)
        }
        guard let checked = try? RateLimits(limits) else { return nil }
        self = checked
    }

    var stored: [Records.Window] {
        limits.map { limit in
            var window = Records.Window()
            window.uses = UInt64(limit.uses)
            window.length = UInt64(limit.length)
            return window
        }
    }
}

extension Quota {
    /// Nil for a stored 0.
    init?(uses: UInt64, _ refill: Records.QuotaRefill) {
        guard uses > 0 else { return nil }
        self.init(uses: Int64(clamping: uses), refill: refill == .monthly ? .monthly : .never)
    }
}

extension Records.QuotaRefill {
    init(_ quota: Quota?) {
        switch quota?.refill {
        case nil: self = .unspecified
        case .never?: self = .never
        case .monthly?: self = .monthly
        }
    }
}

extension IssuerEnvironment {
    init(_ stored: Records.Environment) { self = stored == .test ? .test : .live }
    var stored: Records.Environment { self == .test ? .test : .live }
}

extension Visibility {
    init(_ stored: Records.Visibility) { self = stored == .public ? .public : .private }
}
