internal import Audit
internal import IssuedKeys
internal import Policy
internal import Sealing
internal import SecretMemory

/// What an operation has once it may act.
struct Admitted {
    var open: Vault.Open
    var caller: Caller
    var clocks: Clocks
    var now: Timestamp { clocks.now }
    /// The policies in force when the request began: the whole of it is decided by them.
    var policies: PolicySet
    var draft: AuditDraft
    var session: Session { open.session }

    /// The same request, for one of the keys that it names.
    func naming(_ path: ResourcePath) -> Admitted {
        var named = self
        named.draft.key = path.text
        return named
    }
}

extension Vault {
    /// Authenticates whoever asks.
    ///
    /// A wrong text, an unknown id and another prefix give one and the same answer, after the same work. What became of
    /// a key is told to those alone who hold the whole of it.
    func authenticate(
        _ requester: Requester, _ session: Session, _ set: PolicySet, now: Timestamp
    ) throws(VaultError) -> Caller {
        switch requester.credential {
        case .none:
            throw VaultError(
                .unauthorized,
                "no credential was presented; send `Authorization: Bearer <access key>`, or use the local socket as a Unix user"
            )
        case .unixUser(let id, let name):
            let policies = name.map { set.policies(forUnixUser: $0) } ?? []
            let kind: Caller.Kind = requester.door == .operatorSocket ? .operatorSocket : .unixUser
            return Caller(kind: kind, id: String(id), name: name ?? String(id), policies: policies)
        case .accessKey, .knownKey:
            guard let presented = presented(requester, session) else { throw Self.unknownKey }
            return try authenticate(presented, from: requester, session, now)
        }
    }

    private func authenticate(
        _ presented: PresentedKey, from requester: Requester, _ session: Session, _ now: Timestamp
    ) throws(VaultError) -> Caller {
        guard let entry = session.accessKey(presented) else { throw Self.unknownKey }
        switch VerifyCode.evaluate(entry.standing, at: now, from: requester.placeOfUse) {
        case .valid: break
        case .expired: throw VaultError(.unauthorized, "this access key has expired; ask for a new one")
        case .revoked: throw VaultError(.unauthorized, "this access key was revoked; ask for a new one")
        case .disabled: throw VaultError(.unauthorized, "this access key is switched off; ask an operator")
        case .networkDenied: throw VaultError(.unauthorized, "this access key may not be used from this address")
        default: throw Self.unknownKey
        }
        entry.usage.touch(now, by: requester.placeOfUseText)
        return Caller(entry)
    }

    private static let unknownKey = VaultError(.unauthorized, "the access key is not valid")

    /// Admits a requester to one action on one target, or records the refusal and throws.
    func admit(
        _ requester: Requester, _ action: Action, _ target: PolicyTarget, as name: AuditToken? = nil
    ) throws(VaultError) -> Admitted {
        var admitted = try recognise(requester, action.rawValue, target)
        if let name { admitted.draft.action = name }
        try authorise(admitted, action, target)
        return admitted
    }

    /// The first half of `admit`, for operations that put their own question to the policies.
    func recognise(
        _ requester: Requester, _ action: String, _ target: PolicyTarget
    ) throws(VaultError) -> Admitted {
        do throws(VaultError) {
            let open = try opened()
            let clocks = clocks(open.session)
            let set = loadedPolicies.set
            let caller = try authenticate(requester, open.session, set, now: clocks.now)
            return Admitted(
                open: open, caller: caller, clocks: clocks, policies: set,
                draft: AuditDraft(caller: caller, requester: requester, action: action, target: target))
        } catch {
            trail.stranger(requester, code: error.code)
            throw error
        }
    }

    /// Asks the policies, and keeps a refusal so that it can be explained.
    func authorise(_ admitted: Admitted, _ action: Action, _ target: PolicyTarget) throws(VaultError) {
        if isAllowed(admitted, action, target) { return }
        throw try refuse(admitted, action, target)
    }

    /// What the policies say.
    func isAllowed(_ admitted: Admitted, _ action: Action, _ target: PolicyTarget) -> Bool {
        if action == .operate, admitted.caller.kind == .operatorSocket { return true }
        return admitted.policies.decide(admitted.caller.policies, action, target).allowed
    }

    /// Records a refusal; gives the error that says so.
    func refuse(
        _ admitted: Admitted, _ action: Action, _ target: PolicyTarget
    ) throws(VaultError) -> VaultError {
        let refusal = refusal(admitted, action, target)
        try trail.write(refusal.line)
        return refusal.error
    }

    /// A refusal that can be explained from now on, and the line that is to be written before anybody is told.
    func refusal(
        _ admitted: Admitted, _ action: Action, _ target: PolicyTarget
    ) -> (error: VaultError, line: AuditTrail.Line) {
        let id = decisions.add(
            caller: admitted.caller, action: action, target: target, set: admitted.policies, time: admitted.now,
            random: environment.random)
        var draft = admitted.draft
        draft.decision = id
        let error = VaultError(
            .refused,
            "the caller may not \(action.rawValue) here; an operator can see why with `keyturn policy explain \(id)`",
            decision: id, missingAction: action.rawValue)
        return (error, AuditTrail.Line(draft: draft, outcome: .refused, code: .refused))
    }

    /// Looks at what a known caller asked for, before anything is done: what is wrong with it is audited, too.
    func checked<R>(_ admitted: Admitted, _ check: () throws(VaultError) -> R) throws(VaultError) -> R {
        do throws(VaultError) {
            return try check()
        } catch {
            try trail.answered(admitted.draft, code: error.code)
            throw error
        }
    }

    /// An operation that changes nothing: admits, acts, audits, and only then lets the result go.
    func reading<R>(
        _ requester: Requester, _ action: Action, _ target: PolicyTarget, as name: AuditToken? = nil,
        _ act: (inout Admitted) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        var admitted = try admit(requester, action, target, as: name)
        return try audited(&admitted, act)
    }

    /// Acts and audits: nothing leaves that is not written.
    func audited<R>(
        _ admitted: inout Admitted, _ act: (inout Admitted) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        let result: R
        do throws(VaultError) {
            result = try act(&admitted)
        } catch {
            try trail.answered(admitted.draft, code: error.code)
            throw error
        }
        try trail.answered(admitted.draft, code: nil)
        return result
    }

    /// An operation that changes something: one change in the committer, audited there.
    func changing<R: Sendable>(
        _ admitted: Admitted, erases: Bool = false,
        _ prepare: @escaping @Sendable (inout Staging) throws(VaultError) -> R
    ) async throws(VaultError) -> R {
        var draft = admitted.draft
        draft.erases = erases
        return try await admitted.open.committer.commit(draft, prepare)
    }
}

extension Session {
    /// The access key that was presented, if it is one.
    func accessKey(_ presented: PresentedKey) -> IssuedEntry? {
        guard let entry = issued(presented), entry.stored.issuer == AccessKeys.issuer else { return nil }
        return entry
    }
}

extension Requester {
    /// Where a key is used from. A key with networks is used through a local socket as from 127.0.0.1.
    var placeOfUse: IPAddress? { door == .network ? address : Self.loopback }

    private static let loopback = try? IPAddress(bytes: [127, 0, 0, 1])
}
