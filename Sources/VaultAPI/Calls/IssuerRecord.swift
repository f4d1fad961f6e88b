/// A tier as it stands.
package struct TierRecord: Codable, Equatable, Sendable {
    package var description: String
    /// Such as `10/s`; all of them hold.
    package var limits: [String]
    package var quota: Int?
    package var quotaRefill: QuotaRefill?

    enum CodingKeys: String, CodingKey {
        case description, limits, quota
        case quotaRefill = "quota_refill"
    }

    package init(description: String, limits: [String], quota: Int? = nil, quotaRefill: QuotaRefill? = nil) {
        self.description = description
        self.limits = limits
        self.quota = quota
        self.quotaRefill = quotaRefill
    }
}

/// A family of issued keys.
package struct IssuerRecord: Codable, Equatable, Sendable {
    /// Its name.
    package var name: String
    /// What its keys start with.
    package var prefix: String
    /// Whether it is part of Keyturn itself.
    package var builtIn: Bool
    /// What its keys are for; may be empty.
    package var description: String
    /// How long its keys live unless said otherwise, such as `90d`.
    package var lifetime: String?
    /// The scopes that its keys can have; for `keyturn` those are the policies, and are not listed here.
    package var scopes: [String]
    /// By name.
    package var tiers: [String: TierRecord]
    package var environment: KeyEnvironment
    package var visibility: Visibility
    package var created: Timestamp
    package var createdBy: String
    package var updated: Timestamp
    /// How many keys it has, revoked ones included.
    package var keys: Int

    enum CodingKeys: String, CodingKey {
        case name, prefix, description, lifetime, scopes, tiers, environment, visibility, created, updated, keys
        case builtIn = "built_in"
        case createdBy = "created_by"
    }

    package init(
        name: String, prefix: String, builtIn: Bool, description: String = "", lifetime: String? = nil,
        scopes: [String] = [], tiers: [String: TierRecord] = [:], environment: KeyEnvironment = .live,
        visibility: Visibility = .private, created: Timestamp, createdBy: String, updated: Timestamp, keys: Int
    ) {
        self.name = name
        self.prefix = prefix
        self.builtIn = builtIn
        self.description = description
        self.lifetime = lifetime
        self.scopes = scopes
        self.tiers = tiers
        self.environment = environment
        self.visibility = visibility
        self.created = created
        self.createdBy = createdBy
        self.updated = updated
        self.keys = keys
    }
}

/// The reply of `GET /v1/issuers`: one page of those that the caller may know of.
package struct IssuerList: Codable, Equatable, Sendable {
    /// In order of their names.
    package var issuers: [IssuerRecord]
    /// Gives the next page; not there on the last one.
    package var cursor: String?

    enum CodingKeys: String, CodingKey {
        case issuers, cursor
    }

    package init(issuers: [IssuerRecord], cursor: String? = nil) {
        self.issuers = issuers
        self.cursor = cursor
    }
}

/// The reply of `DELETE /v1/issuers/{issuer}`.
package struct IssuerRemoval: Codable, Equatable, Sendable {
    /// The issuer.
    package var name: String
    /// True.
    package var deleted: Bool

    enum CodingKeys: String, CodingKey {
        case name, deleted
    }

    package init(name: String, deleted: Bool) {
        self.name = name
        self.deleted = deleted
    }
}
