/// All policies that are in force together. It never changes: a reload makes a new one, and whoever decides takes
/// one set for the whole of a request.
package struct PolicySet: Sendable {
    let policies: [String: CompiledPolicy]
    private let holders: [String: [String]]

    /// The set without files: `administrator` alone.
    package static let builtIn = PolicySet([])

    init(_ compiled: [CompiledPolicy]) {
        var policies = [PolicyFile.administrator: CompiledPolicy.administrator]
        var holders: [String: [String]] = [:]
        for policy in compiled {
            policies[policy.name] = policy
            for user in policy.unixUsers { holders[user, default: []].append(policy.name) }
        }
        self.policies = policies
        self.holders = holders.mapValues { $0.sorted() }
    }

    /// The names of all policies, `administrator` included, in order.
    package var names: [String] { policies.keys.sorted() }

    /// Whether a policy of this name is in force.
    package func contains(_ name: String) -> Bool { policies[name] != nil }

    /// The policies of a Unix user on the local socket, in order; none for a user that no file names.
    package func policies(forUnixUser name: String) -> [String] { holders[name] ?? [] }

    /// What may be told of a policy, or nil where there is none of this name.
    package func summary(of name: String) -> PolicySummary? {
        policies[name].map { policy in
            PolicySummary(
                name: policy.name, file: policy.file, description: policy.description, ruleCount: policy.rules.count,
                testCount: policy.testCount, unixUsers: policy.unixUsers)
        }
    }
}

/// A policy in brief.
package struct PolicySummary: Hashable, Sendable {
    package let name: String
    /// The file's name; `built in` for `administrator`.
    package let file: String
    package let description: String?
    package let ruleCount: Int
    package let testCount: Int
    package let unixUsers: [String]
}
