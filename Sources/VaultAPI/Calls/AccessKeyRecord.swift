/// An issued key without its secret.
package struct AccessKeyRecord: Codable, Equatable, Sendable {
    /// 12 characters, part of the key itself.
    package var id: String
    /// The family that it belongs to; `keyturn` for access keys.
    package var issuer: String
    /// A name for people.
    package var name: String
    /// What it is for; may be empty.
    package var description: String
    /// Who answers for it; may be empty.
    package var owner: String
    /// The start of the key, as far as it may be shown.
    package var prefix: String
    /// When it was issued.
    package var created: Timestamp
    /// Who issued it.
    package var createdBy: String
    /// When it stops being accepted.
    package var expires: Timestamp?
    /// What it may do.
    package var policies: [String]
    /// From where it is accepted; from everywhere where empty.
    package var networks: [String]
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
    /// When it was last accepted.
    package var lastUsed: Timestamp?
    /// From which address.
    package var lastUsedFrom: String?

    enum CodingKeys: String, CodingKey {
        case id
        case issuer
        case name
        case description
        case owner
        case prefix
        case created
        case createdBy = "created_by"
        case expires
        case policies
        case networks
        case state
        case revoked
        case honouredUntil = "honoured_until"
        case successor
        case predecessor
        case lineage
        case lastUsed = "last_used"
        case lastUsedFrom = "last_used_from"
    }

    package init(
        id: String, issuer: String, name: String, description: String, owner: String, prefix: String,
        created: Timestamp, createdBy: String, expires: Timestamp? = nil, policies: [String], networks: [String],
        state: IssuedKeyState, revoked: Timestamp? = nil, honouredUntil: Timestamp? = nil, successor: String? = nil,
        predecessor: String? = nil, lineage: String, lastUsed: Timestamp? = nil, lastUsedFrom: String? = nil
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
        self.policies = policies
        self.networks = networks
        self.state = state
        self.revoked = revoked
        self.honouredUntil = honouredUntil
        self.successor = successor
        self.predecessor = predecessor
        self.lineage = lineage
        self.lastUsed = lastUsed
        self.lastUsedFrom = lastUsedFrom
    }
}

/// A key that was just issued or rolled: its record and, this once, the key itself. On the wire `key` stands among the
/// members of the record.
package struct NewAccessKey: Codable, Equatable, Sendable {
    /// The key, shown once.
    package var key: SecretText
    /// Everything else.
    package var record: AccessKeyRecord

    enum CodingKeys: String, CodingKey {
        case key
    }

    package init(key: SecretText, record: AccessKeyRecord) {
        self.key = key
        self.record = record
    }

    package init(from decoder: any Decoder) throws {
        key = try decoder.container(keyedBy: CodingKeys.self).decode(SecretText.self, forKey: .key)
        record = try AccessKeyRecord(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
    }
}
