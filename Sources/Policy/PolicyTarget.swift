/// What an action is asked for.
package enum PolicyTarget: Hashable, Sendable {
    /// One key.
    case key(ResourcePath)
    /// The keys at and beneath a prefix, for `list` alone: is there anything to list? Each item is still asked for
    /// by itself, as `list` on its key. Spelled as a ``KeyPrefix`` is, with or without a slash at the end.
    case keyPrefix(String)
    /// One issuer, by name.
    case issuer(String)
    /// One policy, by name, for `issue` alone: may it be given to a new access key?
    case policy(String)
    /// One host that rotations reach, as `host:port`, for `rotate` alone: may keys be rotated there?
    case host(String)
    /// The vault as a whole.
    case vault

    /// Which kind of rule decides it.
    package var kind: TargetKind {
        switch self {
        case .key, .keyPrefix: .keys
        case .issuer: .issuers
        case .policy: .policies
        case .host: .hosts
        case .vault: .vault
        }
    }
}
