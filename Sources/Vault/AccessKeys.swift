/// The built-in issuer: an access key is one of its issued keys, whose scopes are policies.
package enum AccessKeys {
    /// The issuer's name, and the prefix of its keys.
    package static let issuer = "keyturn"
    package static let prefix = "keyturn"
}

package typealias AccessKeyState = IssuedKeyState
package typealias AccessKeyRecord = IssuedKeyRecord
package typealias MintedAccessKey = MintedIssuedKey

extension IssuedKeyRecord {
    /// The policies of an access key.
    package var policies: [String] { scopes }
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
    /// Requests to Keyturn itself, such as `10/s`; nil: no limits.
    package var limits: [String]?

    package init(
        name: String, description: String = "", owner: String = "", policies: [String], expires: Timestamp? = nil,
        networks: [String]? = nil, limits: [String]? = nil
    ) {
        self.name = name
        self.description = description
        self.owner = owner
        self.policies = policies
        self.expires = expires
        self.networks = networks
        self.limits = limits
    }
}
