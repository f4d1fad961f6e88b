/// Whether a rule gives or takes.
package enum Effect: String, Sendable {
    case allow, deny
}

/// One rule of a policy, checked and compiled.
package struct Rule: Sendable {
    /// What the rule is about.
    package enum Subject: Sendable {
        case keys([PathPattern])
        case issuers([PathPattern])
        case policies([PathPattern])
        /// Of the host and the port, as a path of two segments.
        case hosts([PathPattern])
        case vault

        package var kind: TargetKind {
            switch self {
            case .keys: .keys
            case .issuers: .issuers
            case .policies: .policies
            case .hosts: .hosts
            case .vault: .vault
            }
        }

        /// The patterns; none for the vault.
        package var patterns: [PathPattern] {
            switch self {
            case .keys(let patterns), .issuers(let patterns), .policies(let patterns), .hosts(let patterns): patterns
            case .vault: []
            }
        }
    }

    package let effect: Effect
    package let actions: ActionSet
    package let subject: Subject
    /// Where it stands and why it is there.
    package let reference: RuleReference
}

/// Where a rule stands: what a refusal is explained by.
///
/// An object, made once when a policy is loaded, so that a decision carries it without copying its texts.
package final class RuleReference: Hashable, Sendable, CustomStringConvertible {
    /// The policy's name.
    package let policy: String
    /// The file's name, as it was given to ``PolicySet/load(files:)``; `built in` for the built-in policy.
    package let file: String
    /// The line that the rule begins at, counted from 1; 0 for the built-in policy.
    package let line: Int
    package let effect: Effect
    /// The rule's own words for why it is there.
    package let reason: String?

    init(policy: String, file: String, line: Int, effect: Effect, reason: String?) {
        self.policy = policy
        self.file = file
        self.line = line
        self.effect = effect
        self.reason = reason
    }

    package static func == (left: RuleReference, right: RuleReference) -> Bool {
        left === right
            || (left.line == right.line && left.policy == right.policy && left.file == right.file
                && left.effect == right.effect && left.reason == right.reason)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(policy)
        hasher.combine(file)
        hasher.combine(line)
    }

    /// `payments.yaml:7 (policy payments)`, or the policy alone where there is no file.
    package var description: String {
        line > 0 ? "\(file):\(line) (policy \(policy))" : "policy \(policy) (\(file))"
    }
}
