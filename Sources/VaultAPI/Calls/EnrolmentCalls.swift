/// The body of `POST /v1/access:enrol`.
package struct EnrolRequest: WireRequest, Equatable {
    /// A name for people.
    package var name: String
    package var description: String?
    package var owner: String?
    /// The policies of the access key.
    package var policies: [String]
    /// How long the access key lives from the exchange, such as `90d`; left out: it does not expire.
    package var lifetime: String?
    /// CIDR, for the exchange and for the access key; left out: any address.
    package var networks: [String]?
    /// Such as `10/s`.
    package var limits: [String]?
    /// How long the code waits, such as `15m`, which it is unless said; at most `7d`.
    package var validFor: String?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, description, owner, policies, lifetime, networks, limits
        case validFor = "valid_for"
    }

    package init(
        name: String, description: String? = nil, owner: String? = nil, policies: [String], lifetime: String? = nil,
        networks: [String]? = nil, limits: [String]? = nil, validFor: String? = nil
    ) {
        self.name = name
        self.description = description
        self.owner = owner
        self.policies = policies
        self.lifetime = lifetime
        self.networks = networks
        self.limits = limits
        self.validFor = validFor
    }
}

/// The body of `POST /v1/access:exchange`.
package struct ExchangeRequest: WireRequest, Equatable {
    /// The enrolment code.
    package var code: SecretText

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case code
    }

    package init(code: SecretText) { self.code = code }
}

/// Where an enrolment code stands.
package enum EnrolmentState: String, WireWord {
    case waiting, redeemed, expired, cancelled
}

/// An enrolment code without its secret.
package struct EnrolmentRecord: Codable, Equatable, Sendable {
    /// 12 characters, part of the code itself.
    package var id: String
    package var state: EnrolmentState
    package var name: String
    package var description: String
    package var owner: String
    package var policies: [String]
    package var networks: [String]
    package var limits: [String]
    /// How long the access key lives, in words such as `90d`; not there where it does not expire.
    package var lifetime: String?
    package var created: Timestamp
    package var createdBy: String
    /// From then on it is not exchanged.
    package var expires: Timestamp
    package var cancelled: Timestamp?
    package var redeemed: Timestamp?
    package var redeemedFrom: String?
    /// The id of the access key that came of it.
    package var accessKey: String?
    /// When it was first presented again after it had been exchanged.
    package var reused: Timestamp?
    package var reusedFrom: String?

    enum CodingKeys: String, CodingKey {
        case id, state, name, description, owner, policies, networks, limits, lifetime, created, expires, cancelled
        case redeemed, reused
        case createdBy = "created_by"
        case redeemedFrom = "redeemed_from"
        case accessKey = "access_key"
        case reusedFrom = "reused_from"
    }

    package init(
        id: String, state: EnrolmentState, name: String, description: String, owner: String, policies: [String],
        networks: [String], limits: [String], lifetime: String?, created: Timestamp, createdBy: String,
        expires: Timestamp, cancelled: Timestamp?, redeemed: Timestamp?, redeemedFrom: String?, accessKey: String?,
        reused: Timestamp?, reusedFrom: String?
    ) {
        self.id = id
        self.state = state
        self.name = name
        self.description = description
        self.owner = owner
        self.policies = policies
        self.networks = networks
        self.limits = limits
        self.lifetime = lifetime
        self.created = created
        self.createdBy = createdBy
        self.expires = expires
        self.cancelled = cancelled
        self.redeemed = redeemed
        self.redeemedFrom = redeemedFrom
        self.accessKey = accessKey
        self.reused = reused
        self.reusedFrom = reusedFrom
    }
}

/// The reply of `POST /v1/access:enrol`: the record with the code, which is shown this once.
package struct NewEnrolment: Codable, Equatable, Sendable {
    package var record: EnrolmentRecord
    package var code: SecretText

    private enum CodingKeys: String, CodingKey {
        case code
    }

    package init(record: EnrolmentRecord, code: SecretText) {
        self.record = record
        self.code = code
    }

    package init(from decoder: any Decoder) throws {
        record = try EnrolmentRecord(from: decoder)
        code = try decoder.container(keyedBy: CodingKeys.self).decode(SecretText.self, forKey: .code)
    }

    package func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code, forKey: .code)
    }
}

/// The reply of `GET /v1/access/enrolments`.
package struct EnrolmentList: Codable, Equatable, Sendable {
    /// The newest first.
    package var enrolments: [EnrolmentRecord]

    enum CodingKeys: String, CodingKey {
        case enrolments
    }

    package init(enrolments: [EnrolmentRecord]) { self.enrolments = enrolments }
}
