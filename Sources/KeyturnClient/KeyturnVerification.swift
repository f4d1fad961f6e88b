internal import VaultAPI

/// What Keyturn says of a key that somebody presented.
public struct KeyturnVerification: Sendable, Equatable {
    /// Whether the key may be used.
    public let isValid: Bool
    /// Why: `VALID`, or one of `NOT_FOUND`, `EXPIRED`, `REVOKED`, `DISABLED`, `NETWORK_DENIED`, `SCOPE_DENIED`,
    /// `RATE_LIMITED`, `QUOTA_EXCEEDED`.
    public let code: String
    /// The key's id; nil where the key is not known.
    public let id: String?
    /// The name that it was given.
    public let name: String?
    /// Whose it is.
    public let owner: String?
    /// What it may be used for.
    public let scopes: [String]
    /// Whether anybody may come to have it, as it is embedded in a page or a program: it is to do nothing that does harm.
    public let isPublic: Bool
    /// What was noted with it when it was issued.
    public let metadata: [String: String]
    /// How many more uses would be allowed now; nil where nothing limits the key.
    public let remaining: Int?
    /// Seconds after which to try again, where a limit is spent.
    public let retryAfter: Int?

    init(_ reply: VerifyReply) {
        isValid = reply.valid
        code = reply.code.rawValue
        id = reply.id
        name = reply.name
        owner = reply.owner
        scopes = reply.scopes ?? []
        isPublic = reply.visibility == .public
        metadata = reply.metadata ?? [:]
        remaining = reply.remaining
        retryAfter = reply.retryAfter
    }

    /// The HTTP status that tells whoever presented the key: 200, 401, 403 or 429.
    public var status: Int {
        switch VerificationCode(rawValue: code) {
        case .valid: 200
        case .networkDenied, .scopeDenied: 403
        case .rateLimited, .quotaExceeded: 429
        default: 401
        }
    }
}

extension KeyturnVault {
    /// Asks whether a key that somebody presented may be used. It counts as `cost` uses of the key where it may.
    ///
    /// - Parameters:
    ///   - key: what was presented.
    ///   - issuer: the issuer whose key it has to be; any that the caller may verify where nil.
    ///   - scope: what it is to be used for.
    ///   - address: the IP address that it came from; a key that is bound to networks is denied without.
    ///   - cost: from 0, which looks without spending, to 1,000,000.
    /// - Throws: ``KeyturnClientError`` where there is no answer. A key that may not be used is an answer.
    public func verify(
        _ key: String, issuer: String? = nil, scope: String? = nil, from address: String? = nil, cost: Int = 1
    ) async throws(KeyturnClientError) -> KeyturnVerification {
        KeyturnVerification(
            try await verify(
                VerifyRequest(key: SecretText(key), issuer: issuer, scope: scope, network: address, cost: cost)))
    }
}
