/// An issued key without its secret.
package struct IssuedKeyRecord: Codable, Equatable, Sendable {
    /// 12 characters, part of the key itself unless it was imported.
    package var id: String
    /// The family that it belongs to; `keyturn` for access keys.
    package var issuer: String
    /// A name for people.
    package var name: String
    /// What it is for; may be empty.
    package var description: String
    /// Who answers for it; may be empty.
    package var owner: String
    /// What the key starts with, before the last `_`.
    package var prefix: String
    /// When it was issued.
    package var created: Timestamp
    /// Who issued it.
    package var createdBy: String
    /// When it stops being accepted.
    package var expires: Timestamp?
    /// What it may be used for.
    package var scopes: [String]
    /// The same for access keys, whose scopes are policies.
    package var policies: [String]?
    /// From where it is accepted; from everywhere where empty.
    package var networks: [String]
    /// How often it may be used, such as `10/s`; all of them hold. Any number of times where empty.
    package var limits: [String]
    /// How often it may be used in all, or in each month.
    package var quota: Int?
    /// Whether the quota begins anew; not there without one.
    package var quotaRefill: QuotaRefill?
    /// The tier that it was issued with.
    package var tier: String?
    /// What the verifier is told with each verification.
    package var metadata: [String: String]
    package var environment: KeyEnvironment
    package var visibility: Visibility
    /// Where it is in its life.
    package var state: IssuedKeyState
    /// When it was revoked.
    package var revoked: Timestamp?
    /// Until when it is accepted beside its successor.
    package var honouredUntil: Timestamp?
    /// The id of the key that replaced it.
    package var successor: String?
    /// The id of the key that it replaced.
    package var predecessor: String?
    /// What it shares with those that it replaced.
    package var lineage: String
    /// When it was brought in by its SHA-256.
    package var imported: Timestamp?
    /// When it was last accepted.
    package var lastUsed: Timestamp?
    /// From which address.
    package var lastUsedFrom: String?

    enum CodingKeys: String, CodingKey {
        case id, issuer, name, description, owner, prefix, created, expires, scopes, policies, networks, limits
        case quota, tier, metadata, environment, visibility, state, revoked, successor, predecessor, lineage, imported
        case createdBy = "created_by"
        case quotaRefill = "quota_refill"
        case honouredUntil = "honoured_until"
        case lastUsed = "last_used"
        case lastUsedFrom = "last_used_from"
    }

    package init(
        id: String, issuer: String, name: String, description: String, owner: String, prefix: String,
        created: Timestamp, createdBy: String, expires: Timestamp? = nil, scopes: [String], policies: [String]? = nil,
        networks: [String] = [], limits: [String] = [], quota: Int? = nil, quotaRefill: QuotaRefill? = nil,
        tier: String? = nil, metadata: [String: String] = [:], environment: KeyEnvironment = .live,
        visibility: Visibility = .private, state: IssuedKeyState, revoked: Timestamp? = nil,
        honouredUntil: Timestamp? = nil, successor: String? = nil, predecessor: String? = nil, lineage: String,
        imported: Timestamp? = nil, lastUsed: Timestamp? = nil, lastUsedFrom: String? = nil
    ) {
        self.id = id
        self.issuer = issuer
        self.name = name
        self.description = description
        self.owner = owner
        self.prefix = prefix
        self.created = created
        self.createdBy = createdBy
        self.expires = expires
        self.scopes = scopes
        self.policies = policies
        self.networks = networks
        self.limits = limits
        self.quota = quota
        self.quotaRefill = quotaRefill
        self.tier = tier
        self.metadata = metadata
        self.environment = environment
        self.visibility = visibility
        self.state = state
        self.revoked = revoked
        self.honouredUntil = honouredUntil
        self.successor = successor
        self.predecessor = predecessor
        self.lineage = lineage
        self.imported = imported
        self.lastUsed = lastUsed
        self.lastUsedFrom = lastUsedFrom
    }
}

/// A key that was just issued or rolled: its record and, this once, the key itself. On the wire `key` stands among the
/// members of the record.
package struct NewIssuedKey: Codable, Equatable, Sendable {
    /// The key, shown once.
    package var key: SecretText
    /// Everything else.
    package var record: IssuedKeyRecord

    enum CodingKeys: String, CodingKey {
        case key
    }

    package init(key: SecretText, record: IssuedKeyRecord) {
        self.key = key
        self.record = record
    }

    package init(from decoder: any Decoder) throws {
        key = try decoder.container(keyedBy: CodingKeys.self).decode(SecretText.self, forKey: .key)
        record = try IssuedKeyRecord(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
    }
}
