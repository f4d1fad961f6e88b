internal import Vault
internal import VaultAPI

extension Operations {
    func status() throws -> Reply {
        let status = vault.status()
        var reply = try Reply(
            json: StatusReply(
                state: VaultState(rawValue: status.state.rawValue) ?? .sealed, version: Release.version,
                readOnly: status.readOnly ? true : nil,
                // How many keys there are is nobody else's business, nor how long they take.
                opening: requester.door == .operatorSocket ? status.opening : nil))
        reply.isPublic = true
        return reply
    }

    private func auditStanding() -> HealthReply.Audit {
        let standing = vault.auditStanding()
        return HealthReply.Audit(
            synced: standing.synced, unsyncedMilliseconds: standing.unsyncedFor, waiting: standing.waiting,
            reserveBytes: standing.reserve, fullReserveBytes: standing.fullReserve,
            sinks: standing.further.isEmpty
                ? nil
                : standing.further.map {
                    HealthReply.Audit.Sink(
                        name: $0.name, need: $0.need, up: $0.isUp, waiting: $0.waiting, dropped: $0.dropped,
                        detail: $0.failure)
                })
    }

    private func rotationHealth() -> HealthReply.Rotation? {
        vault.rotationHealth().map {
            HealthReply.Rotation(
                failing: $0.failing, overdue: $0.overdue, held: $0.held, clockHeld: $0.isClockHeld,
                errors: $0.errors.isEmpty ? nil : $0.errors, next: $0.next.map { VaultAPI.Timestamp(milliseconds: $0) })
        }
    }

    func health() throws -> Reply {
        let health = vault.health()
        var checks: [String: String] = [:]
        for check in health.checks { checks[check.name] = check.ok ? "ok" : check.detail }
        var reply = try Reply(
            status: health.ok ? 200 : 503,
            json: HealthReply(
                status: health.ok ? "ok" : "failing", checks: checks, audit: auditStanding(), rotation: rotationHealth()
            ))
        reply.isPublic = true
        return reply
    }

    func openAPI() -> Reply { Reply(body: OpenAPIDocument.body, isPublic: true) }

    func whoAmI() throws -> Reply {
        let identity = try vault.whoAmI(requester)
        return try Reply(
            json: WhoAmIReply(
                kind: CallerKind(rawValue: identity.kind) ?? .none, id: identity.id, name: identity.name,
                policies: identity.policies))
    }

    func listPolicies() throws -> Reply { try Reply(json: PolicyList(try vault.policies(requester))) }

    func reloadPolicies() async throws -> Reply {
        try Reply(json: PolicyList(try await vault.reloadPolicies(requester)))
    }

    func explainDecision() throws -> Reply {
        try Reply(json: DecisionReply(try vault.decision(requester, id: parameter("id"))))
    }
}

extension PolicyList {
    init(_ report: PolicyReport) {
        self.init(
            policies: report.policies.map {
                PolicySummary(
                    name: $0.name, description: $0.description, file: $0.file, rules: $0.rules, tests: $0.tests)
            }, digest: report.digest, loaded: VaultAPI.Timestamp(milliseconds: report.loaded))
    }
}

extension DecisionReply {
    init(_ report: DecisionReport) {
        self.init(
            decision: report.id, time: VaultAPI.Timestamp(milliseconds: report.time), caller: report.caller,
            action: report.action, target: report.target, outcome: report.outcome, explanation: report.explanation,
            rule: report.rule.map {
                DecidingRule(policy: $0.policy, file: $0.file, line: $0.line, effect: $0.effect, reason: $0.reason)
            })
    }
}
