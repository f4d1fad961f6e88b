package import Policy

/// Who somebody is and what they may do at this moment, for pages that offer no more than their reader can do.
package struct Glimpse: Sendable {
    package var caller: Caller
    private let policies: PolicySet

    init(caller: Caller, policies: PolicySet) {
        self.caller = caller
        self.policies = policies
    }

    /// What the policies say now. An operation asks them again.
    package func may(_ action: Action, _ target: PolicyTarget) -> Bool {
        policies.decide(caller.policies, action, target).allowed
    }

    /// The policies that a new access key can be given, by name.
    package var grantable: [String] {
        policies.names.filter { policies.decideGrant(caller.policies, of: $0).allowed }
    }
}

extension Vault {
    /// Takes a look at a requester without doing anything for them: no line is written, nothing of the vault is told.
    /// Nil where the vault is not open or the requester is nobody (any more).
    package func glimpse(_ requester: Requester) -> Glimpse? {
        guard let open = try? opened() else { return nil }
        let set = loadedPolicies.set
        guard let caller = try? authenticate(requester, open.session, set, now: now(open.session)) else { return nil }
        return Glimpse(caller: caller, policies: set)
    }
}

extension Vault {
    /// What keys can be rotated by on this server, by name.
    package var rotatorNames: [String] { rotators.names }
}
