package import SecretMemory

/// Where the rotator `issuer` has keys of the vault's own issuers made, verified and revoked.
///
/// The engine implements it and admits each call anew, as whoever wrote the rotation settings of the key that
/// ``RotationContext/keyID`` names: what that author may not do ends as `rejected(.notPermitted, newCandidate: false)`.
/// Each call is one commit, so its end is never in doubt unless the process goes meanwhile.
package protocol IssuerDesk: Sendable {
    /// Issues a key that is marked with ``RotationContext/mark``.
    ///
    /// Can come again with the same token. What the earlier call made can then have been lost, and a text is shown only
    /// once: the same commit ends every key with this mark, so that never two of one attempt are in force.
    ///
    /// - Returns: the issued key's id as handle, and one field, `value`: its text. An issuer, tier, scope or network
    ///   that is not to be had is `rejected` and needs a person.
    func mint(_ order: IssuerOrder, _ context: RotationContext) async -> RotatorOutcome<Candidate>

    /// Whether `text` is a key of `issuer` that is in force. Spends nothing, and where the caller is does not count.
    func verify(_ text: WipedBytes, issuer: String, _ context: RotationContext) async -> RotatorOutcome<Void>

    /// Ends a key at once. One that has ended already, or is not there, is `done`.
    func revoke(handle: String, issuer: String, _ context: RotationContext) async -> RotatorOutcome<Void>

    /// The issuer's keys that are in force and have a mark of this key (``RotationContext/origin(ofMark:)``).
    func list(issuer: String, _ context: RotationContext) async -> RotatorOutcome<[ListedCredential]>

    /// The id that `text` holds; nil where it is no issued key. Pure.
    func handle(of text: WipedBytes) -> String?
}

/// The key that an issuer is to make. What is nil is as the key in service has it, where that is one of this issuer's;
/// else as the issuer has it.
package struct IssuerOrder: Sendable, Equatable {
    package enum Lifetime: Sendable, Equatable {
        /// What the issuer gives.
        case issuers
        case never
        /// Milliseconds from now.
        case after(Int64)
    }

    package var issuer: String
    /// A name for people; nil: the path of the key that is rotated.
    package var name: String?
    package var description: String?
    package var owner: String?
    package var tier: String?
    package var scopes: [String]?
    /// CIDR.
    package var networks: [String]?
    /// Such as `10/s`.
    package var limits: [String]?
    package var lifetime: Lifetime
    /// The id of the key in service, whose successor the new one is; nil where that is none of this issuer's. Both
    /// share limits and quota.
    package var replacing: String?

    package init(
        issuer: String, name: String? = nil, description: String? = nil, owner: String? = nil, tier: String? = nil,
        scopes: [String]? = nil, networks: [String]? = nil, limits: [String]? = nil, lifetime: Lifetime = .issuers,
        replacing: String? = nil
    ) {
        self.issuer = issuer
        self.name = name
        self.description = description
        self.owner = owner
        self.tier = tier
        self.scopes = scopes
        self.networks = networks
        self.limits = limits
        self.lifetime = lifetime
        self.replacing = replacing
    }
}
