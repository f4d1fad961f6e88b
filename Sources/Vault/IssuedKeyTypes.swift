package import IssuedKeys
package import SecretMemory

/// Where an issued key stands.
package enum IssuedKeyState: String, Sendable, CaseIterable {
    case active, expired, revoked, disabled, rolled
}

/// All there is to know about an issued key but its text.
package struct IssuedKeyRecord: Sendable, Equatable {
    package var id: String
    package var issuer: String
    package var name: String
    package var description: String
    package var owner: String
    /// What its text begins with; of a key that was brought in, what was given to recognise it by.
    package var prefix: String
    package var created: Timestamp
    package var createdBy: String
    package var expires: Timestamp?
    /// For the issuer `keyturn`: policies.
    package var scopes: [String]
    /// CIDR; empty: any address.
    package var networks: [String]
    /// Such as `10/s`; empty: none.
    package var limits: [String]
    package var quota: Quota?
    /// The tier that it was issued with.
    package var tier: String?
    package var environment: IssuerEnvironment
    package var visibility: Visibility
    /// Its issuer's own.
    package var metadata: [String: String]
    package var state: IssuedKeyState
    package var revoked: Timestamp?
    package var honouredUntil: Timestamp?
    package var successor: String?
    package var predecessor: String?
    package var lineage: String
    package var lastUsed: Timestamp?
    package var lastUsedFrom: String?
    /// When it was brought in by its SHA-256; then its id is not part of its text.
    package var imported: Timestamp?

    /// Whether whoever reads it where it is embedded may use it as often as they like.
    package var isPublicAndUnlimited: Bool { visibility == .public && limits.isEmpty && quota == nil }
}

/// When a key is to end.
package enum IssuedKeyEnd: Sendable, Equatable {
    /// After its issuer's lifetime, or never where that has none.
    case issuers
    case never
    case at(Timestamp)
}

/// What an issued key is to be. What it may do is fixed when it is made.
package struct IssueRequest: Sendable {
    /// 1 to 200 characters.
    package var name: String
    package var description: String
    package var owner: String
    /// Some of its issuer's.
    package var scopes: [String]
    package var expires: IssuedKeyEnd
    /// CIDR; nil: any address; an empty list is refused.
    package var networks: [String]?
    /// Such as `10/s`; in place of the tier's where there are any.
    package var limits: [String]?
    /// In place of the tier's.
    package var quota: Quota?
    /// One of its issuer's.
    package var tier: String?
    /// At most ``VaultLimits/metadataMembers``.
    package var metadata: [String: String]

    package init(
        name: String, description: String = "", owner: String = "", scopes: [String] = [],
        expires: IssuedKeyEnd = .issuers, networks: [String]? = nil, limits: [String]? = nil, quota: Quota? = nil,
        tier: String? = nil, metadata: [String: String] = [:]
    ) {
        self.name = name
        self.description = description
        self.owner = owner
        self.scopes = scopes
        self.expires = expires
        self.networks = networks
        self.limits = limits
        self.quota = quota
        self.tier = tier
        self.metadata = metadata
    }
}

/// A key that is brought in by its SHA-256: whoever holds it goes on using it.
package struct ImportedKey: Sendable {
    /// Of the whole text: 32 bytes.
    package var sha256: [UInt8]
    /// What it can be recognised by, such as its first characters: at most 12, printable ASCII.
    package var prefix: String
    package var settings: IssueRequest

    package init(sha256: [UInt8], prefix: String = "", settings: IssueRequest) {
        self.sha256 = sha256
        self.prefix = prefix
        self.settings = settings
    }
}

/// A new issued key: its record, and its text for the only time.
package struct MintedIssuedKey: Sendable {
    package var record: IssuedKeyRecord
    package var text: WipedBytes
}

/// A key that was found by its text or the beginning of it.
package struct FoundKey: Sendable, Equatable {
    package var record: IssuedKeyRecord
    /// Whether the text is this key, and not only its beginning.
    package var isWhole: Bool
}

/// Which issued keys are asked for: all that is set has to fit.
package struct IssuedKeyFilter: Sendable {
    package var state: IssuedKeyState?
    /// Each somewhere in id, name, description or owner, in either case.
    package var words: [String]
    /// The whole name.
    package var name: String?
    /// The whole owner.
    package var owner: String?
    /// What the id or the shown prefix begins with.
    package var prefix: String?
    /// Those that end before this, and have not ended yet.
    package var expiringBefore: Timestamp?
    /// Those that were made before this and have not been used since.
    package var unusedSince: Timestamp?

    package init(
        state: IssuedKeyState? = nil, words: [String] = [], name: String? = nil, owner: String? = nil,
        prefix: String? = nil, expiringBefore: Timestamp? = nil, unusedSince: Timestamp? = nil
    ) {
        self.state = state
        self.words = words
        self.name = name
        self.owner = owner
        self.prefix = prefix
        self.expiringBefore = expiringBefore
        self.unusedSince = unusedSince
    }
}
