internal import Policy
internal import Sealing

extension Vault {
    /// Who asks, and whether they may. Waits for nothing.
    func begin(_ requester: Requester, _ query: ValueQuery) -> Attempt {
        let target = PolicyTarget.key(query.path)
        let admitted: Admitted
        do throws(VaultError) {
            admitted = try recognise(requester, Action.retrieve.rawValue, target)
        } catch {
            return Attempt(refused: error)
        }
        guard isAllowed(admitted, .retrieve, target) else {
            let (error, line) = refusal(admitted, .retrieve, target)
            return Attempt(refused: error, as: admitted, line: line)
        }
        return Attempt(admitted)
    }

    /// Looks the value up and opens it, for a request that may have it.
    ///
    /// - Parameters:
    ///   - mayWait: whether the store may be read, and a commit waited for.
    ///   - isOurs: whether the store has been found to be ours since the request came in; raised where it is found now.
    /// - Returns: how it ended; nil where it would have to wait and may not: then nothing has been done.
    func finish(
        _ attempt: Attempt, _ query: ValueQuery, _ etags: [String], mayWait: Bool, isOurs: inout Bool
    ) -> Finished? {
        guard attempt.refusal == nil, let basis = attempt.basis else {
            return Finished(result: .failure(attempt.refusal ?? .sealed()), line: attempt.line)
        }
        let result: Result<Retrieval, VaultError>
        var served: KeyEntry?
        var version: UInt32?
        do throws(VaultError) {
            let retrieval = try serve(query, basis.admitted.session, mayWait: mayWait) {
                (entry, keyring) throws(VaultError) -> Retrieval? in
                let found = try find(query, entry, basis.admitted.clocks)
                version = found.number
                served = found.entry
                if !etags.isEmpty, etags.contains(found.etag) { return .unchanged(etag: found.etag) }
                guard mayWait || found.isInMemory else { return nil }
                if !isOurs {
                    try basis.admitted.open.children.stillOurs()
                    isOurs = true
                }
                return .values(try open(found, query, basis.admitted.open.children, keyring))
            }
            guard let retrieval else { return nil }
            result = .success(retrieval)
        } catch {
            if error.code == .storeDamaged, !mayWait { return nil }
            result = .failure(error)
        }
        let code: VaultError.Code? = if case .failure(let error) = result { error.code } else { nil }
        return Finished(
            result: result,
            line: AuditTrail.Line(
                draft: basis.admitted.draft, outcome: AuditTrail.outcome(code), code: code, version: version),
            served: served)
    }

    /// Runs `body` on what is there, and once more with no commit under way where a record is not the one that memory knows;
    /// not where the caller may not wait.
    private func serve(
        _ query: ValueQuery, _ session: Session, mayWait: Bool,
        _ body: (KeyEntry?, Keyring) throws(VaultError) -> Retrieval?
    ) throws(VaultError) -> Retrieval? {
        func served() throws(VaultError) -> Retrieval? {
            let (entry, keyring) = session.read { ($0.index.keys[query.path.text], $0.core.keyring) }
            return try body(entry, keyring)
        }
        do throws(VaultError) {
            return try served()
        } catch {
            guard mayWait, error.code == .storeDamaged, isOpen(session) else { throw error }
            return try session.settled { () throws(VaultError) in try served() }
        }
    }

    /// Remembers that a value has left, or that somebody made sure of the one that it has.
    func note(_ finished: Finished, _ attempt: Attempt, _ query: ValueQuery) {
        guard let entry = finished.served, let basis = attempt.basis else { return }
        switch finished.result {
        case .success(.values(let values)): touch(entry, query, values, basis)
        case .success(.unchanged): entry.usage.touch(basis.admitted.now, by: basis.admitted.caller.reference)
        case .failure: break
        }
    }
}
