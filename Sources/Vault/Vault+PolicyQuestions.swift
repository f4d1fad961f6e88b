internal import Audit
internal import IssuedKeys
package import Policy
internal import Sealing

extension Vault {
    /// The policy files in force, with their tests run again. Needs `operate`.
    package func policyFiles(_ requester: Requester) throws(VaultError) -> [PolicyFileReport] {
        try reading(requester, .operate, .vault, as: "read_policies") { (_) throws(VaultError) in
            loadedPolicies.files.compactMap { PolicyFileReport($0.name, $0.text) }.sorted { $0.policy < $1.policy }
        }
    }

    /// Whether a caller may do something, by the policies in force, and which rule says so. Nothing is done, and nothing
    /// is counted as a refusal. Needs `operate`.
    ///
    /// - Throws: ``VaultError``: `invalid_field` with `caller`, `action` or `target` in `field`.
    package func ask(
        _ requester: Requester, about caller: AskedCaller, _ action: Action, _ target: PolicyTarget
    ) throws(VaultError) -> PolicyAnswer {
        try reading(requester, .operate, .vault, as: "ask_policies") { (admitted) throws(VaultError) in
            guard action.applies(to: target.kind) else {
                let fitting = target.kind.actions.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                throw VaultError(.invalidField, "what can be done there is \(fitting)", field: "action")
            }
            let (words, policies) = try held(by: caller, admitted)
            let explanation = admitted.policies.explain(policies, action, target)
            return PolicyAnswer(
                isAllowed: explanation.decision.allowed, caller: words, policies: policies, action: action.rawValue,
                target: target.words, explanation: explanation.text.split(separator: "\n").map(String.init),
                rule: explanation.decision.rule.map { DecisionReport.Rule($0) })
        }
    }

    /// The caller in words, and the policies it holds.
    private func held(by caller: AskedCaller, _ admitted: Admitted) throws(VaultError) -> (String, [String]) {
        switch caller {
        case .policies(let names):
            guard !names.isEmpty, names.count <= VaultLimits.grants else {
                throw VaultError(.invalidField, "name 1 to \(VaultLimits.grants) policies", field: "caller")
            }
            if let unknown = names.first(where: { !admitted.policies.contains($0) }) {
                let isName = IssuedKeyChecks.isName(unknown)
                throw VaultError(
                    .invalidField, isName ? "no file defines the policy \(unknown)" : "a policy has a plain name",
                    field: "caller")
            }
            return ("whoever holds \(names.joined(separator: ", "))", names)
        case .unixUser(let name):
            let policies = admitted.policies.policies(forUnixUser: name)
            guard !policies.isEmpty else {
                throw VaultError(.invalidField, "no policy file names this Unix user", field: "caller")
            }
            return ("unix-user \(name)", policies)
        case .accessKey(let text):
            let entry = try accessKey(text, admitted.session)
            let state = entry.state(at: admitted.now)
            let note = state == .active ? "" : ", which is \(state.rawValue) and gets nothing"
            return ("access-key:\(entry.stored.id) (\(entry.stored.name))\(note)", entry.stored.scopes)
        }
    }

    private func accessKey(_ text: String, _ session: Session) throws(VaultError) -> IssuedEntry {
        if let entry = session.issued(text), entry.stored.issuer == AccessKeys.issuer { return entry }
        let named = session.ids(issuedBy: AccessKeys.issuer).compactMap { session.issued($0) }
            .filter { $0.stored.name == text }
        guard let entry = named.first else {
            throw VaultError(.invalidField, "no access key has this id or name", field: "caller")
        }
        guard named.count == 1 else {
            throw VaultError(.invalidField, "several access keys have this name; give the id of one", field: "caller")
        }
        return entry
    }
}

extension DecisionReport.Rule {
    init(_ rule: RuleReference) {
        self.init(
            policy: rule.policy, file: rule.file, line: rule.line, effect: rule.effect.rawValue, reason: rule.reason)
    }
}

extension PolicyFileReport {
    /// Nil for what is no policy file; such a set is never in force.
    fileprivate init?(_ file: String, _ text: String) {
        guard let read = try? PolicyFile.parse(file: file, text: text),
            let alone = try? PolicySet.load(files: [(file, text)])
        else { return nil }
        self.init(
            policy: read.name, file: file, description: read.description ?? "", text: text, rules: read.rules.count,
            unixUsers: read.unixUsers,
            tests: read.tests.flatMap { test in
                test.actions.map { action in
                    let decision = alone.decide([read.name], action, test.target)
                    return Test(
                        line: test.line, expected: test.expected.rawValue, action: action.rawValue,
                        target: test.target.words, passed: decision.allowed == (test.expected == .allow),
                        decidedBy: decision.rule?.line)
                }
            })
    }
}
