package import SecretMemory

/// Where an issued key stands.
package enum AccessKeyState: String, Sendable, CaseIterable {
    case active, expired, revoked, disabled, rolled
}

/// All there is to know about an access key but its text.
package struct AccessKeyRecord: Sendable, Equatable {
    package var id: String
    package var issuer: String
    package var name: String
    package var description: String
    package var owner: String
    package var prefix: String
    package var created: Timestamp
    package var createdBy: String
    package var expires: Timestamp?
    package var policies: [String]
    /// CIDR; empty: any address.
    package var networks: [String]
    package var state: AccessKeyState
    package var revoked: Timestamp?
    package var honouredUntil: Timestamp?
    package var successor: String?
    package var predecessor: String?
    package var lineage: String
    package var lastUsed: Timestamp?
    package var lastUsedFrom: String?
}

/// What an access key is to be. What it may do is fixed when it is made.
package struct AccessKeyRequest: Sendable {
    /// 1 to 200 characters.
    package var name: String
    package var description: String
    package var owner: String
    /// At least one.
    package var policies: [String]
    package var expires: Timestamp?
    /// CIDR; nil: any address; an empty list is refused.
    package var networks: [String]?

    package init(
        name: String, description: String = "", owner: String = "", policies: [String], expires: Timestamp? = nil,
        networks: [String]? = nil
    ) {
        self.name = name
        self.description = description
        self.owner = owner
        self.policies = policies
        self.expires = expires
        self.networks = networks
    }
}

/// A new access key: its record, and its text for the only time.
package struct MintedAccessKey: Sendable {
    package var record: AccessKeyRecord
    package var text: WipedBytes
}
