/// The body of `POST /v1/issuers/keyturn/keys`. Either `expires` or `lifetime`, or neither.
package struct IssueAccessKeyRequest: WireRequest, Equatable {
    /// A name for people.
    package var name: String
    /// What it is for.
    package var description: String?
    /// Who answers for it.
    package var owner: String?
    /// What it may do; at least one.
    package var policies: [String]
    /// When it stops being accepted.
    package var expires: Timestamp?
    /// The same, counted from now, such as `90d`.
    package var lifetime: String?
    /// From where it is accepted (CIDR); an empty list is refused.
    package var networks: [String]?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, description, owner, policies, expires, lifetime, networks
    }

    package init(
        name: String, description: String? = nil, owner: String? = nil, policies: [String],
        expires: Timestamp? = nil, lifetime: String? = nil, networks: [String]? = nil
    ) {
        self.name = name
        self.description = description
        self.owner = owner
        self.policies = policies
        self.expires = expires
        self.lifetime = lifetime
        self.networks = networks
    }
}

/// The body of `POST /v1/issuers/keyturn/keys/{id}:roll`.
package struct RollAccessKeyRequest: WireRequest, Equatable {
    /// How long the old key is still accepted, such as `24h`.
    package var overlap: String?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case overlap
    }

    package init(overlap: String? = nil) {
        self.overlap = overlap
    }
}

/// The reply of `GET /v1/issuers/keyturn/keys`: one page.
package struct AccessKeyList: Codable, Equatable, Sendable {
    /// In order of their ids.
    package var keys: [AccessKeyRecord]
    /// Gives the next page; not there on the last one.
    package var cursor: String?

    enum CodingKeys: String, CodingKey {
        case keys, cursor
    }

    package init(keys: [AccessKeyRecord], cursor: String? = nil) {
        self.keys = keys
        self.cursor = cursor
    }
}

/// A family of issued keys.
package struct IssuerSummary: Codable, Equatable, Sendable {
    /// Its name.
    package var name: String
    /// What its keys start with.
    package var prefix: String
    /// Whether it is part of Keyturn itself.
    package var builtIn: Bool

    enum CodingKeys: String, CodingKey {
        case name
        case prefix
        case builtIn = "built_in"
    }

    package init(name: String, prefix: String, builtIn: Bool) {
        self.name = name
        self.prefix = prefix
        self.builtIn = builtIn
    }
}

/// The reply of `GET /v1/issuers`.
package struct IssuerList: Codable, Equatable, Sendable {
    /// In order of their names.
    package var issuers: [IssuerSummary]

    enum CodingKeys: String, CodingKey {
        case issuers
    }

    package init(issuers: [IssuerSummary]) {
        self.issuers = issuers
    }
}
