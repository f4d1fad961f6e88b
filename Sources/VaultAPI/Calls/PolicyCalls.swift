/// A policy in force.
package struct PolicySummary: Codable, Equatable, Sendable {
    /// Its name.
    package var name: String
    /// What it says it is for.
    package var description: String
    /// The file that defines it; empty for one that is built in.
    package var file: String
    /// How many rules it has.
    package var rules: Int
    /// How many tests it has.
    package var tests: Int

    enum CodingKeys: String, CodingKey {
        case name, description, file, rules, tests
    }

    package init(name: String, description: String, file: String, rules: Int, tests: Int) {
        self.name = name
        self.description = description
        self.file = file
        self.rules = rules
        self.tests = tests
    }
}

/// The reply of `GET /v1/policies` and of `POST /v1/policies:reload`.
package struct PolicyList: Codable, Equatable, Sendable {
    /// In order of their names.
    package var policies: [PolicySummary]
    /// Names this set: the same files give the same digest.
    package var digest: String
    /// Since when it is in force.
    package var loaded: Timestamp

    enum CodingKeys: String, CodingKey {
        case policies, digest, loaded
    }

    package init(policies: [PolicySummary], digest: String, loaded: Timestamp) {
        self.policies = policies
        self.digest = digest
        self.loaded = loaded
    }
}

/// The rule that decided.
package struct DecidingRule: Codable, Equatable, Sendable {
    /// The policy.
    package var policy: String
    /// The file that defines it.
    package var file: String
    /// The line of the rule.
    package var line: Int
    /// `allow` or `deny`.
    package var effect: String
    /// The reason that the rule gives.
    package var reason: String?

    enum CodingKeys: String, CodingKey {
        case policy, file, line, effect, reason
    }

    package init(policy: String, file: String, line: Int, effect: String, reason: String? = nil) {
        self.policy = policy
        self.file = file
        self.line = line
        self.effect = effect
        self.reason = reason
    }
}

/// The reply of `GET /v1/decisions/{id}`: who asked for what, and why the answer was what it was.
package struct DecisionReply: Codable, Equatable, Sendable {
    /// The id.
    package var decision: String
    /// When it was asked.
    package var time: Timestamp
    /// Who asked.
    package var caller: String
    /// What they wanted to do.
    package var action: String
    /// To what.
    package var target: String
    /// `allowed` or `refused`.
    package var outcome: String
    /// The reasoning, line by line.
    package var explanation: [String]
    /// The rule that decided; not there where none matched.
    package var rule: DecidingRule?

    enum CodingKeys: String, CodingKey {
        case decision, time, caller, action, target, outcome, explanation, rule
    }

    package init(
        decision: String, time: Timestamp, caller: String, action: String, target: String, outcome: String,
        explanation: [String], rule: DecidingRule? = nil
    ) {
        self.decision = decision
        self.time = time
        self.caller = caller
        self.action = action
        self.target = target
        self.outcome = outcome
        self.explanation = explanation
        self.rule = rule
    }
}
