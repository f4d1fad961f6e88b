/// A decision with everything that bears on it, for an operator.
package struct Explanation: Hashable, Sendable {
    /// A rule about the target that does not name the action.
    package struct NearMiss: Hashable, Sendable {
        package let rule: RuleReference
        /// What the rule names instead.
        package let actions: [Action]
    }

    package let decision: Decision
    package let action: Action
    package let target: PolicyTarget
    /// Every rule that names the action and is about the target: denies first, then in the order of the caller's
    /// policies and their lines. The first of them decided.
    package let matches: [RuleReference]
    /// Rules of the caller's policies about the target that do not name the action.
    package let nearMisses: [NearMiss]
    /// What would have to be allowed: the action, or for a policy to be handed on either of two.
    package let needed: [Action]
    /// Policies that the caller holds and no file defines.
    package let unknownPolicies: [String]

    /// The explanation in words: a first line with the decision, then one line for each thing worth knowing.
    package var text: String {
        let asked = "`\(action.rawValue)`\(Explanation.words(for: target, before: " on "))"
        var lines: [String] = []
        if let rule = decision.rule {
            let verdict = decision.allowed ? "allowed" : "refused"
            let reason = rule.reason.map { ": \($0)" } ?? ""
            lines.append("\(verdict): \(asked) matches the \(rule.effect.rawValue) rule at \(rule)\(reason)")
        } else {
            lines.append("refused: no rule matched \(asked)")
            lines.append(
                "needed: a rule that allows \(needed.map { "`\($0.rawValue)`" }.joined(separator: " or ")) there")
        }
        for match in matches where match != decision.rule {
            lines.append("also matching: the \(match.effect.rawValue) rule at \(match)")
        }
        for miss in nearMisses {
            let names = miss.actions.map(\.rawValue).joined(separator: ", ")
            lines.append(
                "near: \(miss.rule) has a rule there that \(miss.rule.effect == .allow ? "allows" : "denies") \(names)")
        }
        for name in unknownPolicies { lines.append("the caller holds the policy \(name), which no file defines") }
        return lines.joined(separator: "\n")
    }

    /// The target in words after `lead`; nothing for the vault.
    static func words(for target: PolicyTarget, before lead: String) -> String {
        switch target {
        case .key(let path): "\(lead)the key \(path.text)"
        case .keyPrefix(let text): text.isEmpty ? "\(lead)all keys" : "\(lead)the keys beneath \(shown(text))"
        case .issuer(let name): "\(lead)the issuer \(shown(name))"
        case .policy(let name): "\(lead)the policy \(shown(name))"
        case .host(let text): "\(lead)the host \(HostPattern.path(of: text) == nil ? "of an invalid name" : text)"
        case .vault: ""
        }
    }

    /// A name that came from outside, if it is one.
    private static func shown(_ text: String) -> String {
        (try? KeyPrefix(parsing: text)) == nil ? "of an invalid name" : text
    }
}
