/// A key that exists already, and is known here by its SHA-256 alone.
package struct ImportedIssuedKey: WireRequest, Equatable {
    /// SHA-256 (FIPS 180-4) of the key's text, as 64 hexadecimal digits.
    package var sha256: String
    /// The start of its text that may be shown, up to 12 characters.
    package var prefix: String?
    package var settings: IssueKeyRequest

    /// These stand among the members of the settings.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case sha256, prefix
        case name, description, owner, scopes, expires, lifetime, networks, limits, quota, tier, metadata
        case quotaRefill = "quota_refill"
    }

    package init(sha256: String, prefix: String? = nil, settings: IssueKeyRequest) {
        self.sha256 = sha256
        self.prefix = prefix
        self.settings = settings
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        sha256 = try container.decode(String.self, forKey: .sha256)
        prefix = try container.decodeIfPresent(String.self, forKey: .prefix)
        settings = try IssueKeyRequest(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try settings.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sha256, forKey: .sha256)
        try container.encodeIfPresent(prefix, forKey: .prefix)
    }
}

/// The body of `POST /v1/issuers/{issuer}/keys:import`: all of them or none.
package struct ImportIssuedKeysRequest: WireRequest, Equatable {
    /// At least one.
    package var keys: [ImportedIssuedKey]

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case keys
    }

    package init(keys: [ImportedIssuedKey]) {
        self.keys = keys
    }

    package init(from decoder: any Decoder) throws {
        keys = try decoder.container(keyedBy: CodingKeys.self).decodeStrictly([ImportedIssuedKey].self, forKey: .keys)
    }
}

/// The reply of `POST /v1/issuers/{issuer}/keys:import`.
package struct ImportIssuedKeysReply: Codable, Equatable, Sendable {
    /// In the order in which they were sent.
    package var keys: [IssuedKeyRecord]

    enum CodingKeys: String, CodingKey {
        case keys
    }

    package init(keys: [IssuedKeyRecord]) {
        self.keys = keys
    }
}
