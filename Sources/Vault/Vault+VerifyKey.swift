internal import Audit
internal import IssuedKeys
internal import Policy
internal import Sealing
internal import SecretMemory

/// Verifying issued keys: what an API asks of each of its own requests.
///
/// The caller needs `verify` on the key's issuer. A key of any other issuer is `NOT_FOUND`, like one that is none.
extension Vault {
    /// Decides on one key, without a pause.
    ///
    /// - Returns: nil where allowance has to be made durable first: nothing was spent and nothing audited, and
    ///   ``verify(_:_:)`` is to be asked.
    /// - Throws: ``VaultError``: `unauthorized`; `refused` for who may verify no issuer's keys, or not those of the
    ///   issuer in the query; `invalid_field` for the cost.
    package func verifyNow(_ requester: Requester, _ query: VerifyQuery) throws(VaultError) -> Verification? {
        let admitted = try admitToVerify(requester, CollectionOfOne(query))
        guard case .answer(let verification, let draft) = decide(query, admitted) else { return nil }
        try trail.answered(draft, code: nil)
        return verification
    }

    /// Decides on one key, and waits where allowance has to be made durable first.
    ///
    /// - Throws: as ``verifyNow(_:_:)`` does, and what keeps the allowance from being made durable: `sealed`,
    ///   `read_only`, `store_unavailable`, `audit_unavailable`, `overloaded`.
    package func verify(_ requester: Requester, _ query: VerifyQuery) async throws(VaultError) -> Verification {
        try await verify(query, try admitToVerify(requester, CollectionOfOne(query)))
    }

    /// Decides on several keys, one after the other; each is answered for itself.
    ///
    /// - Throws: as ``verify(_:_:)`` does.
    package func verify(
        _ requester: Requester, all queries: [VerifyQuery]
    ) async throws(VaultError) -> [Verification] {
        let admitted = try admitToVerify(requester, queries)
        var answers: [Verification] = []
        for query in queries { answers.append(try await verify(query, admitted)) }
        return answers
    }

    /// For a caller who has been admitted.
    func verify(_ query: VerifyQuery, _ admitted: Admitted) async throws(VaultError) -> Verification {
        // Others may spend what one waited for; somebody gets on each time.
        for _ in 0..<200 {
            switch decide(query, admitted) {
            case .answer(let verification, let draft):
                try trail.answered(draft, code: nil)
                return verification
            case .leaseNeeded(let meter, let draft):
                do throws(VaultError) {
                    try await admitted.open.leases.lease(meter, query.cost)
                } catch {
                    try trail.answered(draft, code: error.code)
                    throw error
                }
            }
        }
        try trail.answered(admitted.draft, code: .overloaded)
        throw VaultError(.overloaded, "the key is used faster than its uses can be kept; try again", retryAfter: 1)
    }

    /// ``begin(_:verifying:)``, and what it refuses is written and thrown.
    private func admitToVerify(
        _ requester: Requester, _ queries: some Collection<VerifyQuery>
    ) throws(VaultError) -> Admitted {
        let attempt = begin(requester, verifying: queries)
        if let line = attempt.line { try trail.write(line) }
        if let refusal = attempt.refusal { throw refusal }
        guard let admitted = attempt.admitted else { throw .sealed() }
        return admitted
    }

    /// Who asks, whether they may, and whether the questions are such as have an answer. Waits for nothing.
    func begin(_ requester: Requester, verifying queries: some Collection<VerifyQuery>) -> Attempt {
        let admitted: Admitted
        do throws(VaultError) {
            admitted = try recognise(requester, Action.verify.rawValue, .vault)
        } catch {
            return Attempt(refused: error)
        }
        func refused(_ admitted: Admitted, _ issuer: String) -> Attempt {
            let (error, line) = refusal(admitted, .verify, target(issuer: issuer))
            return Attempt(refused: error, as: admitted, line: line)
        }
        func wrong(_ detail: String, _ field: String) -> Attempt {
            let error = VaultError(.invalidField, detail, field: field)
            let outcome = AuditTrail.outcome(error.code)
            return Attempt(
                refused: error, as: admitted,
                line: AuditTrail.Line(draft: admitted.draft, outcome: outcome, code: error.code))
        }
        guard admitted.policies.mayEver(admitted.caller.policies, [.verify]) else {
            return refused(admitted, AccessKeys.issuer)
        }
        for query in queries {
            guard let issuer = query.issuer, !admitted.may(.verify, issuer) else { continue }
            return refused(admitted.about(issuer: issuer), issuer)
        }
        guard !queries.isEmpty, queries.count <= VaultLimits.verifyBatch else {
            return wrong("verify 1 to \(VaultLimits.verifyBatch) keys at once", "keys")
        }
        guard queries.allSatisfy({ (0...VerifyQuery.mostCost).contains($0.cost) }) else {
            return wrong("a use costs 0 to \(VerifyQuery.mostCost)", "cost")
        }
        return Attempt(admitted)
    }

    /// What became of a question, before anybody is told.
    enum Decided {
        case answer(Verification, AuditDraft)
        case leaseNeeded(IssuedMeter, AuditDraft)
    }

    /// Decides, and spends what a valid use costs. Waits for nothing.
    func decide(_ query: VerifyQuery, _ admitted: Admitted) -> Decided {
        var draft = admitted.draft
        let session = admitted.session
        guard query.key.count <= PresentedKey.longest else {
            return .answer(Verification(code: .notFound), draft.notFound)
        }
        let (keyring, mark) = session.read { ($0.core.keyring, $0.core.head.timeMark) }
        let presented = PresentedKey(query.key, keyring)
        guard let entry = session.issued(presented), query.issuer ?? entry.stored.issuer == entry.stored.issuer,
            admitted.may(.verify, entry.stored.issuer)
        else {
            // Whose prefix it is counts for those who may know.
            if let issuer = presented.prefix.flatMap({ prefix in session.read { $0.index.issuer(prefix: prefix) } }),
                admitted.may(.verify, issuer)
            {
                draft.issuer = issuer
            }
            return .answer(Verification(code: .notFound), draft.notFound)
        }
        draft.change { fields in
            fields.issuer = entry.stored.issuer
            fields.issuedKey = entry.stored.id
        }
        let now = max(environment.now(), mark)
        var answer = Verification(
            code: VerifyCode.evaluate(entry.standing, at: now, from: query.network, scope: query.scope))
        if let meter = entry.meter {
            let clock = admitted.open.leases.clock
            if answer.code == .valid {
                let (outcome, windows, quota) = meter.spend(query.cost, at: clock.now, calendar: now)
                (answer.windows, answer.quota) = (windows, quota)
                switch outcome {
                case .leaseNeeded: return .leaseNeeded(meter, draft)
                case .spent(let soon): if soon { admitted.open.leases.leaseSoon(meter) }
                case .refused(.rateLimited(let wait)):
                    answer.code = .rateLimited
                    answer.retryAfter = wait
                case .refused(.quotaExceeded(let wait)):
                    answer.code = .quotaExceeded
                    answer.retryAfter = wait
                case .refused(.spent): break
                }
            } else {
                (answer.windows, answer.quota) = meter.standing(at: clock.now, calendar: now)
            }
        }
        if answer.code == .valid { entry.usage.touch(now, by: query.network?.description ?? "") }
        answer.key = VerifiedKey(entry: entry)
        answer.time = now
        draft.verified = AuditToken(answer.code)
        return .answer(answer, draft)
    }
}

extension AuditDraft {
    /// The entry of a key that is not there.
    fileprivate var notFound: AuditDraft {
        var draft = self
        draft.verified = AuditToken(VerifyCode.notFound)
        return draft
    }
}
