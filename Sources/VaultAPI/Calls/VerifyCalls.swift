/// The body of `POST /v1/verify`.
package struct VerifyRequest: WireRequest, Equatable {
    /// What somebody presented as a key.
    package var key: SecretText
    /// The issuer whose key it has to be; any that the caller may verify unless said.
    package var issuer: String?
    /// What it is to be used for.
    package var scope: String?
    /// The address that it came from.
    package var network: String?
    /// How many uses it counts for, up to 1,000,000; 1 unless said. 0 looks without spending.
    package var cost: Int?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case key, issuer, scope, network, cost
    }

    package init(
        key: SecretText, issuer: String? = nil, scope: String? = nil, network: String? = nil, cost: Int? = nil
    ) {
        self.key = key
        self.issuer = issuer
        self.scope = scope
        self.network = network
        self.cost = cost
    }
}

/// The body of `POST /v1/verify:batch`.
package struct VerifyBatchRequest: WireRequest, Equatable {
    /// 1 to 100, each decided on its own.
    package var keys: [VerifyRequest]

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case keys
    }

    package init(keys: [VerifyRequest]) {
        self.keys = keys
    }

    package init(from decoder: any Decoder) throws {
        keys = try decoder.container(keyedBy: CodingKeys.self).decodeStrictly([VerifyRequest].self, forKey: .keys)
    }
}

/// What one limit of a key has left.
package struct LimitStanding: Codable, Equatable, Sendable {
    /// Such as `10/s`.
    package var limit: String
    /// How many uses it has left.
    package var remaining: Int
    /// When the whole of it is there again.
    package var resets: Timestamp

    enum CodingKeys: String, CodingKey {
        case limit, remaining, resets
    }

    package init(limit: String, remaining: Int, resets: Timestamp) {
        self.limit = limit
        self.remaining = remaining
        self.resets = resets
    }
}

/// What the quota of a key has left.
package struct QuotaStanding: Codable, Equatable, Sendable {
    /// How many uses it is for.
    package var uses: Int
    package var used: Int
    package var remaining: Int
    package var refill: QuotaRefill
    /// When it begins anew; not there where it never does.
    package var resets: Timestamp?

    enum CodingKeys: String, CodingKey {
        case uses, used, remaining, refill, resets
    }

    package init(uses: Int, used: Int, remaining: Int, refill: QuotaRefill, resets: Timestamp? = nil) {
        self.uses = uses
        self.used = used
        self.remaining = remaining
        self.refill = refill
        self.resets = resets
    }
}

/// The reply of `POST /v1/verify`. Of a key that is not known, or that the caller may not verify, there is the code
/// alone.
package struct VerifyReply: Codable, Equatable, Sendable {
    /// Whether the key may be used.
    package var valid: Bool
    /// Why.
    package var code: VerificationCode
    package var issuer: String?
    package var id: String?
    package var name: String?
    package var owner: String?
    package var scopes: [String]?
    package var environment: KeyEnvironment?
    /// `public` for a key that anybody may come to have.
    package var visibility: Visibility?
    package var expires: Timestamp?
    package var tier: String?
    package var metadata: [String: String]?
    /// How many uses would be allowed now: the least that a limit or the quota has left. Not there without either.
    package var remaining: Int?
    package var limits: [LimitStanding]?
    package var quota: QuotaStanding?
    /// Seconds after which to try again, where a limit is spent; not there where that is never.
    package var retryAfter: Int?

    enum CodingKeys: String, CodingKey {
        case valid, code, issuer, id, name, owner, scopes, environment, expires, tier, metadata, remaining, limits
        case quota, visibility
        case retryAfter = "retry_after"
    }

    package init(
        valid: Bool, code: VerificationCode, issuer: String? = nil, id: String? = nil, name: String? = nil,
        owner: String? = nil, scopes: [String]? = nil, environment: KeyEnvironment? = nil,
        visibility: Visibility? = nil, expires: Timestamp? = nil,
        tier: String? = nil, metadata: [String: String]? = nil, remaining: Int? = nil, limits: [LimitStanding]? = nil,
        quota: QuotaStanding? = nil, retryAfter: Int? = nil
    ) {
        self.valid = valid
        self.code = code
        self.issuer = issuer
        self.id = id
        self.name = name
        self.owner = owner
        self.scopes = scopes
        self.environment = environment
        self.visibility = visibility
        self.expires = expires
        self.tier = tier
        self.metadata = metadata
        self.remaining = remaining
        self.limits = limits
        self.quota = quota
        self.retryAfter = retryAfter
    }
}

/// The reply of `POST /v1/verify:batch`.
package struct VerifyBatchReply: Codable, Equatable, Sendable {
    /// In the order they were asked for.
    package var results: [VerifyReply]

    enum CodingKeys: String, CodingKey {
        case results
    }

    package init(results: [VerifyReply]) {
        self.results = results
    }
}
