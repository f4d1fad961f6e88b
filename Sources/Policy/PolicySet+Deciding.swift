extension PolicySet {
    /// Decides. Default deny; a deny that matches wins, from whichever of the caller's policies; else the first
    /// allow that matches.
    ///
    /// Pure, and without an allocation unless the caller holds unknown policies. A target that is no valid name or
    /// prefix, or that does not go with the action, is denied.
    ///
    /// - Parameter policies: the names of all policies that the caller holds.
    package func decide(_ policies: [String], _ action: Action, _ target: PolicyTarget) -> Decision {
        switch target {
        case .key(let path):
            return decide(policies, action, .keys, path.text.utf8.span)
        case .issuer(let name):
            guard Segment.isName(name) else { return .init(allowed: false, rule: nil, unknownPolicies: []) }
            return decide(policies, action, .issuers, name.utf8.span)
        case .policy(let name):
            guard Segment.isName(name) else { return .init(allowed: false, rule: nil, unknownPolicies: []) }
            return decide(policies, action, .policies, name.utf8.span)
        case .host(let text):
            guard let path = HostPattern.path(of: text) else {
                return .init(allowed: false, rule: nil, unknownPolicies: [])
            }
            return decide(policies, action, .hosts, path.utf8.span)
        case .vault:
            return decide(policies, action, .vault, "".utf8.span)
        case .keyPrefix(let text):
            guard action == .list, let prefix = try? KeyPrefix(parsing: text) else {
                return .init(allowed: false, rule: nil, unknownPolicies: [])
            }
            return decide(policies, listing: prefix)
        }
    }

    /// Decides whether a caller may give the policy `granted` to a new or rolled access key: by a `policies:` rule,
    /// or by the action `administer`; a deny wins over both. The issuer needs no rule besides.
    ///
    /// Whether `granted` exists is the caller's to ask; see ``contains(_:)``.
    package func decideGrant(_ policies: [String], of granted: String) -> Decision {
        let byRule = decide(policies, .issue, .policy(granted))
        guard !byRule.allowed, byRule.rule == nil, Segment.isName(granted) else { return byRule }
        return decide(policies, .administer, .vault)
    }

    /// Whether a rule of one of these policies allows one of `actions` on some issuer, whatever others deny: who holds
    /// none has nothing to do with issuers.
    package func mayEver(_ policies: [String], _ actions: [Action]) -> Bool {
        policies.contains { name in
            guard let policy = self.policies[name] else { return false }
            return actions.contains { policy.issuerActions.contains($0) }
        }
    }

    private func decide(
        _ names: [String], _ action: Action, _ kind: TargetKind, _ bytes: Span<UInt8>
    ) -> Decision {
        let hashes = SegmentHashes(bytes)
        var allowing: RuleReference?
        var unknown: [String] = []
        for name in names {
            guard let policy = policies[name] else {
                unknown.append(name)
                continue
            }
            if let rule = policy.first(.deny, action, kind, bytes, hashes) {
                return Decision(allowed: false, rule: rule, unknownPolicies: unknown)
            }
            if allowing == nil { allowing = policy.first(.allow, action, kind, bytes, hashes) }
        }
        return Decision(allowed: allowing != nil, rule: allowing, unknownPolicies: unknown)
    }

    private func decide(_ names: [String], listing prefix: KeyPrefix) -> Decision {
        let bytes = prefix.text.utf8.span
        var allowing: RuleReference?
        var unknown: [String] = []
        for name in names {
            guard let policy = policies[name] else {
                unknown.append(name)
                continue
            }
            if let rule = policy.first(.deny, listing: bytes) {
                return Decision(allowed: false, rule: rule, unknownPolicies: unknown)
            }
            if allowing == nil { allowing = policy.first(.allow, listing: bytes) }
        }
        return Decision(allowed: allowing != nil, rule: allowing, unknownPolicies: unknown)
    }
}
