/// What became of a presented issued key. The raw values are part of the public contract.
///
/// They are checked in the order in which they stand here, and the first that applies is told.
package enum VerifyCode: String, Sendable, CaseIterable {
    /// No such key: also for a wrong secret and for another issuer's key, before anything else is told.
    case notFound = "NOT_FOUND"
    /// Its life is over, or the overlap after it was rolled is.
    case expired = "EXPIRED"
    /// It was revoked.
    case revoked = "REVOKED"
    /// It is switched off for now.
    case disabled = "DISABLED"
    /// It may not be used from this address.
    case networkDenied = "NETWORK_DENIED"
    /// It does not have the scope that was asked for.
    case scopeDenied = "SCOPE_DENIED"
    /// One of its rate limits is spent.
    case rateLimited = "RATE_LIMITED"
    /// Its total quota is spent.
    case quotaExceeded = "QUOTA_EXCEEDED"
    /// It may be used.
    case valid = "VALID"
}
