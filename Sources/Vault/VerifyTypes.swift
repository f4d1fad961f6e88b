package import IssuedKeys
internal import Sealing
package import SecretMemory

/// What a verifier asks of one key.
package struct VerifyQuery: Sendable {
    /// What was presented as a key, whole.
    package var key: WipedBytes
    /// The issuer whose key it has to be; nil: any whose keys the caller may verify.
    package var issuer: String?
    /// What it is to be used for; nil: not looked at.
    package var scope: String?
    /// Where it is used from; a key with networks is denied where that is not known.
    package var network: IPAddress?
    /// What it costs: 0 to 1,000,000. 0 looks without spending.
    package var cost: Int64

    /// The most that one use can cost.
    package static let mostCost: Int64 = 1_000_000

    package init(
        key: WipedBytes, issuer: String? = nil, scope: String? = nil, network: IPAddress? = nil, cost: Int64 = 1
    ) {
        self.key = key
        self.issuer = issuer
        self.scope = scope
        self.network = network
        self.cost = cost
    }
}

/// What became of one key.
package struct Verification: Sendable, Equatable {
    package var code: VerifyCode
    /// Nil for `NOT_FOUND`, which tells nothing.
    package var key: VerifiedKey?
    /// What is left of each limit, after this use.
    package var windows: [WindowStanding] = []
    /// What is left of the quota, after this use.
    package var quota: QuotaStanding?
    /// When it was decided, by the vault's clock: resets are counted from then. 0 for `NOT_FOUND`.
    package var time: Timestamp = 0
    /// For `RATE_LIMITED` and `QUOTA_EXCEEDED`: milliseconds after which to try again; nil: never.
    package var retryAfter: Int64?

    package var valid: Bool { code == .valid }
}

/// What whoever verifies a key is told of it: the key as it was at that moment.
package struct VerifiedKey: Sendable, Equatable {
    let entry: IssuedEntry

    package var id: String { entry.stored.id }
    package var issuer: String { entry.stored.issuer }
    package var name: String { entry.stored.name }
    package var owner: String { entry.stored.owner }
    /// What it may be used for; for the issuer `keyturn`: policies.
    package var scopes: [String] { entry.stored.scopes }
    package var environment: IssuerEnvironment { IssuerEnvironment(entry.stored.environment) }
    /// Whether anybody may come to have it.
    package var visibility: Visibility { Visibility(entry.stored.visibility) }
    package var expires: Timestamp? { entry.standing.expires }
    /// The tier that it was issued with.
    package var tier: String? { entry.stored.tier.isEmpty ? nil : entry.stored.tier }
    /// Its issuer's own.
    package var metadata: [String: String] { entry.metadata }

    package static func == (a: VerifiedKey, b: VerifiedKey) -> Bool { a.entry === b.entry }
}
