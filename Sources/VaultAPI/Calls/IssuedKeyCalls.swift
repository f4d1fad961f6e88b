/// The body of `POST /v1/issuers/{issuer}/keys`. Either `expires` or `lifetime`, or neither; a tier, or limits and a
/// quota of its own.
package struct IssueKeyRequest: WireRequest, Equatable {
    /// A name for people.
    package var name: String
    /// What it is for.
    package var description: String?
    /// Who answers for it.
    package var owner: String?
    /// What it may be used for.
    package var scopes: [String]?
    /// The same for an access key; at least one.
    package var policies: [String]?
    /// When it stops being accepted.
    package var expires: Timestamp?
    /// The same, counted from now, such as `90d`; or `never`. The issuer's lifetime unless said.
    package var lifetime: String?
    /// From where it is accepted (CIDR); an empty list is refused.
    package var networks: [String]?
    /// How often it may be used, such as `10/s`; all of them hold.
    package var limits: [String]?
    /// How often it may be used in all, or in each month.
    package var quota: Int?
    /// `never` unless said.
    package var quotaRefill: QuotaRefill?
    /// A tier of its issuer, which sets limits and quota.
    package var tier: String?
    /// What the verifier is told with each verification; no secrets.
    package var metadata: [String: String]?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, description, owner, scopes, policies, expires, lifetime, networks, limits, quota, tier, metadata
        case quotaRefill = "quota_refill"
    }

    package init(
        name: String, description: String? = nil, owner: String? = nil, scopes: [String]? = nil,
        policies: [String]? = nil, expires: Timestamp? = nil, lifetime: String? = nil, networks: [String]? = nil,
        limits: [String]? = nil, quota: Int? = nil, quotaRefill: QuotaRefill? = nil, tier: String? = nil,
        metadata: [String: String]? = nil
    ) {
        self.name = name
        self.description = description
        self.owner = owner
        self.scopes = scopes
        self.policies = policies
        self.expires = expires
        self.lifetime = lifetime
        self.networks = networks
        self.limits = limits
        self.quota = quota
        self.quotaRefill = quotaRefill
        self.tier = tier
        self.metadata = metadata
    }
}

/// The body of `POST /v1/issuers/{issuer}/keys/{id}:roll`.
package struct RollKeyRequest: WireRequest, Equatable {
    /// How long the old key is still accepted, such as `24h`.
    package var overlap: String?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case overlap
    }

    package init(overlap: String? = nil) {
        self.overlap = overlap
    }
}

/// The body of `POST /v1/issuers/{issuer}/keys:revoke`.
package struct RevokeKeysRequest: WireRequest, Equatable {
    /// Whose keys are to be revoked; compared whole.
    package var owner: String

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case owner
    }

    package init(owner: String) {
        self.owner = owner
    }
}

/// The reply of `GET /v1/issuers/{issuer}/keys`: one page.
package struct IssuedKeyList: Codable, Equatable, Sendable {
    /// In order of their ids.
    package var keys: [IssuedKeyRecord]
    /// Gives the next page; not there on the last one.
    package var cursor: String?

    enum CodingKeys: String, CodingKey {
        case keys, cursor
    }

    package init(keys: [IssuedKeyRecord], cursor: String? = nil) {
        self.keys = keys
        self.cursor = cursor
    }
}

/// The reply of `POST /v1/issuers/{issuer}/keys:revoke`.
package struct RevokeKeysReply: Codable, Equatable, Sendable {
    /// The ids of the keys that this revoked.
    package var revoked: [String]

    enum CodingKeys: String, CodingKey {
        case revoked
    }

    package init(revoked: [String]) {
        self.revoked = revoked
    }
}

/// The body of `POST /v1/issuers:find`: a key that turned up where it should not, or the start of one.
package struct FindKeysRequest: WireRequest, Equatable {
    /// The text of the key, or as much of its start as there is.
    package var key: SecretText

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case key
    }

    package init(key: SecretText) {
        self.key = key
    }
}

/// The reply of `POST /v1/issuers:find`.
package struct FindKeysReply: Codable, Equatable, Sendable {
    /// Whether the text was the whole of a key, which is the one that is listed.
    package var exact: Bool
    /// At most 100, of the issuers whose keys the caller may see.
    package var keys: [IssuedKeyRecord]

    enum CodingKeys: String, CodingKey {
        case exact, keys
    }

    package init(exact: Bool, keys: [IssuedKeyRecord]) {
        self.exact = exact
        self.keys = keys
    }
}
