extension PolicySet {
    /// Decides again and says why; see ``decide(_:_:_:)``. Reads every rule of the caller's policies, so this is
    /// for people and tests, not for the way of every request.
    package func explain(_ policies: [String], _ action: Action, _ target: PolicyTarget) -> Explanation {
        let decision = decide(policies, action, target)
        var denies: [RuleReference] = []
        var allows: [RuleReference] = []
        var nearMisses: [Explanation.NearMiss] = []
        var seen: Set<String> = []
        for name in policies where seen.insert(name).inserted {
            guard let policy = self.policies[name] else { continue }
            for rule in policy.rules where PolicySet.isAbout(target, rule, of: policy) {
                if !rule.actions.contains(action) {
                    nearMisses.append(.init(rule: rule.reference, actions: rule.actions.actions))
                } else if rule.effect == .deny {
                    denies.append(rule.reference)
                } else {
                    allows.append(rule.reference)
                }
            }
        }
        var needed = [action]
        if case .policy = target { needed.append(.administer) }
        return Explanation(
            decision: decision, action: action, target: target, matches: denies + allows, nearMisses: nearMisses,
            needed: needed, unknownPolicies: policies.filter { self.policies[$0] == nil })
    }

    private static func isAbout(_ target: PolicyTarget, _ rule: Rule, of policy: CompiledPolicy) -> Bool {
        switch target {
        case .key(let path):
            return policy.fits(rule, .keys, path.text.utf8.span)
        case .keyPrefix(let text):
            guard let prefix = try? KeyPrefix(parsing: text) else { return false }
            return policy.fits(rule, prefix: prefix.text.utf8.span)
        case .issuer(let name):
            return Segment.isName(name) && policy.fits(rule, .issuers, name.utf8.span)
        case .policy(let name):
            return Segment.isName(name) && policy.fits(rule, .policies, name.utf8.span)
        case .host(let text):
            return HostPattern.path(of: text).map { policy.fits(rule, .hosts, $0.utf8.span) } ?? false
        case .vault:
            return policy.fits(rule, .vault, "".utf8.span)
        }
    }
}
