internal import Audit
internal import Policy
internal import Sealing

extension Vault {
    /// Whether policy files load, before there is a vault.
    ///
    /// - Throws: ``VaultError`` with `policies_refused` and every error in `lines`.
    package static func check(policies files: [(name: String, text: String)]) throws(VaultError) {
        _ = try LoadedPolicies(files, now: 0)
    }

    /// The policies in force.
    package func policies(_ requester: Requester) throws(VaultError) -> PolicyReport {
        var admitted = try admit(requester, .operate, .vault, as: "list_policies")
        return try audited(&admitted) { (_) throws(VaultError) in report(loadedPolicies) }
    }

    /// Reads the policy files again. Where one of them fails, the old set stays in force, whole.
    ///
    /// - Throws: ``VaultError`` with `policies_refused` and every error in `lines`.
    package func reloadPolicies(_ requester: Requester) async throws(VaultError) -> PolicyReport {
        var admitted = try admit(requester, .operate, .vault, as: "reload_policies")
        let reload = beginReload()
        let known = admitted
        let loaded = try checked(known) { () throws(VaultError) in try LoadedPolicies(environment) }
        admitted.draft.digest = AuditHash(bytes: loaded.digest)
        if admitted.session.readOnly {
            try trail.answered(admitted.draft, code: nil)
        } else {
            try await changing(admitted) { (staging) throws(VaultError) in staging.setPolicyDigest(loaded.digest) }
        }
        setPolicies(loaded, of: reload)
        return report(loaded)
    }

    /// Reads the policy files again for the process itself (SIGHUP), sealed or not.
    package func reloadPolicies() async throws(VaultError) {
        let reload = beginReload()
        do throws(VaultError) {
            let loaded = try LoadedPolicies(environment)
            if let open = try? opened() { try await seal(digestOf: loaded, open) }
            setPolicies(loaded, of: reload)
            trail.event(.policiesReloaded, digest: loaded.digest)
        } catch {
            trail.event(.policiesRefused, code: error.code)
            throw error
        }
    }

    /// Has the vault head remember the policies that are in force, so that the next unseal reports a change of them.
    func seal(digestOf loaded: LoadedPolicies, _ open: Open) async throws(VaultError) {
        guard !open.session.readOnly, open.session.core.head.policyDigest != loaded.digest else { return }
        var draft = AuditDraft.policies
        draft.digest = AuditHash(bytes: loaded.digest)
        try await open.committer.commit(draft) { (staging) throws(VaultError) in
            staging.setPolicyDigest(loaded.digest)
        }
    }

    private func report(_ loaded: LoadedPolicies) -> PolicyReport {
        PolicyReport(
            policies: loaded.set.names.compactMap { loaded.set.summary(of: $0) }.map {
                PolicyReport.Item(
                    name: $0.name, description: $0.description ?? "", file: $0.file, rules: $0.ruleCount,
                    tests: $0.testCount)
            }, digest: hexadecimal(loaded.digest), loaded: loaded.loaded)
    }

    /// Why a request was refused: the rule with its file and line, or that none matched.
    package func decision(_ requester: Requester, id: String) throws(VaultError) -> DecisionReport {
        var admitted = try admit(requester, .operate, .vault, as: "explain_decision")
        return try audited(&admitted) { (_) throws(VaultError) in
            guard let refusal = decisions.refusal(id) else {
                throw VaultError(
                    .notFound, "no refusal with this id is remembered; the last \(VaultLimits.decisions) are",
                    field: "decision")
            }
            let explanation = refusal.set.explain(refusal.caller.policies, refusal.action, refusal.target)
            return DecisionReport(
                id: id, time: refusal.time, caller: "\(refusal.caller.reference) (\(refusal.caller.name))",
                action: refusal.action.rawValue, target: refusal.target.words, outcome: "refused",
                explanation: explanation.text.split(separator: "\n").map(String.init),
                rule: explanation.decision.rule.map {
                    DecisionReport.Rule(
                        policy: $0.policy, file: $0.file, line: $0.line, effect: $0.effect.rawValue, reason: $0.reason)
                })
        }
    }

    /// Who the vault takes the requester for.
    package func whoAmI(_ requester: Requester) throws(VaultError) -> Identity {
        var admitted = try recognise(requester, "whoami", .vault)
        return try audited(&admitted) { (admitted) throws(VaultError) in
            Identity(
                kind: admitted.caller.kind.rawValue, id: admitted.caller.id, name: admitted.caller.name,
                policies: admitted.caller.policies)
        }
    }
}

extension PolicyTarget {
    /// The target for people: the key's path, say.
    var words: String {
        switch self {
        case .key(let path): "key \(path)"
        case .keyPrefix(let prefix): prefix.isEmpty ? "all keys" : "keys beneath \(prefix)"
        case .issuer(let name): "issuer \(name)"
        case .policy(let name): "policy \(name)"
        case .host(let name): "host \(name)"
        case .vault: "vault"
        }
    }
}

extension Staging {
    /// Seals another digest of the policy files into the vault head.
    mutating func setPolicyDigest(_ digest: [UInt8]) {
        guard policyDigest != digest else { return }
        policyDigest = digest
        touch()
    }
}

/// The policies in force. Reloads may overlap; the one that began last wins, since it read the newest files.
struct PoliciesInForce {
    private(set) var loaded: LoadedPolicies
    private var begun: UInt64 = 0
    private var current: UInt64 = 0

    init(loaded: LoadedPolicies) { self.loaded = loaded }

    mutating func begin() -> UInt64 {
        begun += 1
        return begun
    }

    mutating func set(_ loaded: LoadedPolicies, of reload: UInt64) {
        guard reload > current else { return }
        current = reload
        self.loaded = loaded
    }
}

/// A policy set with what it was made from.
struct LoadedPolicies: Sendable {
    var set: PolicySet
    /// What it was made from, for people to read.
    var files: [(name: String, text: String)]
    /// BLAKE2b-256 over the files' names and texts.
    var digest: [UInt8]
    var loaded: Timestamp

    init(_ environment: VaultEnvironment) throws(VaultError) {
        try self.init(try environment.policyFiles(), now: environment.now())
    }

    init(_ files: [(name: String, text: String)], now: Timestamp) throws(VaultError) {
        do throws(PolicyErrors) {
            set = try PolicySet.load(files: files)
        } catch {
            let lines = error.description.split(separator: "\n").map(String.init)
            throw VaultError(
                .policiesRefused,
                lines.count == 1
                    ? "the policy files have an error: \(lines[0])" : "the policy files have \(lines.count) errors",
                lines: lines)
        }
        self.files = files
        digest = AuditHash.blake2b(PolicySet.canonicalBytes(of: files)).bytes
        loaded = now
    }
}
