internal import IssuedKeys
package import SecretMemory

/// Enrolment codes: each is exchanged once, soon, for an access key that was described when the code was made. Whoever
/// sets up a machine hands it the code and never sees the key.
package enum Enrolments {
    /// What codes begin with.
    package static let prefix = "keyturn_enrol"
    /// How long a code waits unless said otherwise, and at most: 15 minutes, 7 days.
    package static let usual: Int64 = 900_000
    package static let longest: Int64 = 7 * 86_400_000
    /// How long what became of a code is remembered: 30 days.
    static let memory: Int64 = 30 * 86_400_000
}

/// Where a code stands.
package enum EnrolmentState: String, Sendable, CaseIterable {
    case waiting, redeemed, expired, cancelled
}

/// A code that is to be made, and what its access key will be.
package struct EnrolmentRequest: Sendable {
    /// 1 to 200 characters.
    package var name: String
    package var description: String
    package var owner: String
    /// At least one.
    package var policies: [String]
    /// Milliseconds that the access key lives from the exchange; nil: it does not expire.
    package var lifetime: Int64?
    /// CIDR, for the exchange and for the access key; nil: any address; an empty list is refused.
    package var networks: [String]?
    /// Such as `10/s`; nil: none.
    package var limits: [String]?
    /// Milliseconds that the code waits.
    package var validFor: Int64

    package init(
        name: String, description: String = "", owner: String = "", policies: [String], lifetime: Int64? = nil,
        networks: [String]? = nil, limits: [String]? = nil, validFor: Int64 = Enrolments.usual
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

/// All there is to know about a code but its text.
package struct EnrolmentRecord: Sendable, Equatable {
    package var id: String
    package var state: EnrolmentState
    package var name: String
    package var description: String
    package var owner: String
    package var policies: [String]
    /// CIDR; empty: any address.
    package var networks: [String]
    package var limits: [String]
    /// Milliseconds.
    package var lifetime: Int64?
    package var created: Timestamp
    package var createdBy: String
    package var expires: Timestamp
    package var cancelled: Timestamp?
    package var redeemed: Timestamp?
    package var redeemedFrom: String?
    /// The id of the access key that came of it.
    package var accessKey: String?
    /// When it was first presented again after that: somebody has it who should not.
    package var reused: Timestamp?
    package var reusedFrom: String?
}

/// A new code: its record, and its text for the only time.
package struct MintedEnrolment: Sendable {
    package var record: EnrolmentRecord
    package var text: WipedBytes
}

enum EnrolmentChecks {
    static func check(_ request: EnrolmentRequest, now: Timestamp) throws(VaultError) {
        guard request.validFor >= 1_000, request.validFor <= Enrolments.longest else {
            throw VaultError(.invalidField, "a code waits for 1s to 7d", field: "valid_for")
        }
        var expires: Timestamp?
        if let lifetime = request.lifetime {
            do throws(LifetimeError) { expires = try Lifetime.end(from: now, lasting: lifetime) } catch {
                throw VaultError(.invalidField, "\(error)", field: "lifetime")
            }
        }
        try IssuedKeyChecks.check(
            AccessKeyRequest(
                name: request.name, description: request.description, owner: request.owner,
                policies: request.policies, expires: expires, networks: request.networks, limits: request.limits),
            now: now)
    }
}
