package import IssuedKeys

/// What the keys of an issuer open.
package enum IssuerEnvironment: String, Sendable, CaseIterable {
    case live, test
}

/// A named set of limits and a quota, which a key can be issued with.
package struct IssuerTier: Sendable, Equatable {
    /// As an issuer's name is.
    package var name: String
    package var description: String
    /// Such as `10/s` and `10000/d`; empty: none.
    package var limits: [String]
    package var quota: Quota?

    package init(name: String, description: String = "", limits: [String] = [], quota: Quota? = nil) {
        self.name = name
        self.description = description
        self.limits = limits
        self.quota = quota
    }
}

/// A family of issued keys.
package struct IssuerRecord: Sendable, Equatable {
    package var name: String
    /// What the texts of its keys begin with.
    package var prefix: String
    package var description: String
    package var created: Timestamp
    package var createdBy: String
    package var updated: Timestamp
    /// Milliseconds that a key lives unless said; nil: keys do not expire unless said.
    package var lifetime: Int64?
    /// Those that its keys can have.
    package var scopes: [String]
    package var tiers: [IssuerTier]
    package var environment: IssuerEnvironment
    /// Public keys may be embedded where anybody can read them: an issuer of such keys has scopes that harm nobody.
    package var visibility: Visibility
    /// How many keys there are, those that were revoked included.
    package var keys: Int
    /// Whether it is `keyturn`, the issuer of access keys, which is always there.
    package var isBuiltIn: Bool
}

/// What an issuer is to be.
package struct IssuerRequest: Sendable {
    /// Lower-case letters, digits, `.`, `_` and `-`, 1 to 64, the first a letter or digit.
    package var name: String
    /// See ``IssuedKeyText/prefixRule``; nil: the name, with `_` for `-` and `.`.
    package var prefix: String?
    package var description: String
    /// Milliseconds; nil: keys do not expire unless said.
    package var lifetime: Int64?
    package var scopes: [String]
    package var tiers: [IssuerTier]
    package var environment: IssuerEnvironment
    package var visibility: Visibility

    package init(
        name: String, prefix: String? = nil, description: String = "", lifetime: Int64? = nil, scopes: [String] = [],
        tiers: [IssuerTier] = [], environment: IssuerEnvironment = .live, visibility: Visibility = .private
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
}

/// A change of an issuer, for keys that are issued from then on: nil leaves, `.some(nil)` clears.
package struct IssuerChange: Sendable {
    package var description: String?
    package var lifetime: Int64??
    package var scopes: [String]?
    package var tiers: [IssuerTier]?

    package init(
        description: String? = nil, lifetime: Int64?? = nil, scopes: [String]? = nil, tiers: [IssuerTier]? = nil
    ) {
        self.description = description
        self.lifetime = lifetime
        self.scopes = scopes
        self.tiers = tiers
    }
}
