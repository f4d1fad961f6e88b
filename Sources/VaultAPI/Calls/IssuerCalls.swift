/// A named set of limits and a quota, for keys to be issued with.
package struct TierSettings: WireRequest, Equatable {
    package var description: String?
    /// How often a key may be used, such as `10/s`; all of them hold.
    package var limits: [String]?
    /// How often a key may be used in all, or in each month.
    package var quota: Int?
    /// `never` unless said.
    package var quotaRefill: QuotaRefill?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case description, limits, quota
        case quotaRefill = "quota_refill"
    }

    package init(
        description: String? = nil, limits: [String]? = nil, quota: Int? = nil, quotaRefill: QuotaRefill? = nil
    ) {
        self.description = description
        self.limits = limits
        self.quota = quota
        self.quotaRefill = quotaRefill
    }
}

/// The body of `POST /v1/issuers`.
package struct CreateIssuerRequest: WireRequest, Equatable {
    /// Its name, which never changes.
    package var name: String
    /// What its keys start with; the name unless said, with `_` for `-`.
    package var prefix: String?
    /// What its keys are for.
    package var description: String?
    /// How long its keys live unless said otherwise, such as `90d`.
    package var lifetime: String?
    /// The scopes that its keys can have.
    package var scopes: [String]?
    /// By name.
    package var tiers: [String: TierSettings]?
    /// `live` unless said.
    package var environment: KeyEnvironment?
    /// `private` unless said.
    package var visibility: Visibility?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, prefix, description, lifetime, scopes, tiers, environment, visibility
    }

    package init(
        name: String, prefix: String? = nil, description: String? = nil, lifetime: String? = nil,
        scopes: [String]? = nil, tiers: [String: TierSettings]? = nil, environment: KeyEnvironment? = nil,
        visibility: Visibility? = nil
    ) {
        self.name = name
        self.prefix = prefix
        self.description = description
        self.lifetime = lifetime
        self.scopes = scopes
        self.tiers = tiers
        self.environment = environment
        self.visibility = visibility
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        prefix = try container.decodeIfPresent(String.self, forKey: .prefix)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        lifetime = try container.decodeIfPresent(String.self, forKey: .lifetime)
        scopes = try container.decodeIfPresent([String].self, forKey: .scopes)
        tiers = try container.decodeIfPresent([String: Strict<TierSettings>].self, forKey: .tiers)?
            .mapValues(\.value)
        environment = try container.decodeIfPresent(KeyEnvironment.self, forKey: .environment)
        visibility = try container.decodeIfPresent(Visibility.self, forKey: .visibility)
    }
}

/// The body of `PATCH /v1/issuers/{issuer}`. What is left out stays as it is; `null` takes it away. Keys that were
/// issued already are not changed by it.
package struct EditIssuerRequest: WireRequest, Equatable {
    package var description: Edit<String>
    /// `null`: keys do not expire unless said otherwise.
    package var lifetime: Edit<String>
    /// The list replaces the one before.
    package var scopes: Edit<[String]>
    /// All of them, by name; they replace those before.
    package var tiers: Edit<[String: TierSettings]>

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case description, lifetime, scopes, tiers
    }

    package init(
        description: Edit<String> = .unchanged, lifetime: Edit<String> = .unchanged,
        scopes: Edit<[String]> = .unchanged, tiers: Edit<[String: TierSettings]> = .unchanged
    ) {
        self.description = description
        self.lifetime = lifetime
        self.scopes = scopes
        self.tiers = tiers
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        description = try container.decodeEdit(forKey: .description)
        lifetime = try container.decodeEdit(forKey: .lifetime)
        scopes = try container.decodeEdit(forKey: .scopes)
        if !container.contains(.tiers) {
            tiers = .unchanged
        } else if try container.decodeNil(forKey: .tiers) {
            tiers = .cleared
        } else {
            tiers = .set(try container.decode([String: Strict<TierSettings>].self, forKey: .tiers).mapValues(\.value))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(description, forKey: .description)
        try container.encode(lifetime, forKey: .lifetime)
        try container.encode(scopes, forKey: .scopes)
        try container.encode(tiers, forKey: .tiers)
    }
}
