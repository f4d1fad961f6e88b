internal import IssuedKeys
internal import Policy
internal import Sealing
internal import SecretMemory

extension Vault {
    /// Makes an access key. Its text is in the result, and nowhere else ever again.
    ///
    /// The caller needs `administer`, or leave to grant each policy that the key is to have.
    package func issue(
        _ requester: Requester, _ request: AccessKeyRequest
    ) async throws(VaultError) -> MintedAccessKey {
        let admitted = try recognise(requester, Action.issue.rawValue, .issuer(AccessKeys.issuer))
        if request.policies.isEmpty { try admitToAccessKeys(admitted) }
        try mayGrant(request.policies, admitted)
        let author = admitted.caller.reference
        return try await changing(admitted) { (staging) throws(VaultError) in
            try staging.mint(request, by: author)
        }
    }

    /// A page of the access keys that the caller may see, in the order of their ids.
    package func accessKeys(
        _ requester: Requester, state: AccessKeyState?, words: [String], limit: Int, cursor: String?
    ) throws(VaultError) -> Page<AccessKeyRecord> {
        var admitted = try recognise(requester, "list_access_keys", .issuer(AccessKeys.issuer))
        try admitToAccessKeys(admitted)
        return try audited(&admitted) { (admitted) throws(VaultError) in
            try admitted.page(
                of: AccessKeys.issuer, IssuedKeyFilter(state: state, words: words), limit: limit, cursor: cursor
            ) { admitted.maySee($0) }
        }
    }

    /// One access key; `not_found` also where the caller may not see it.
    package func accessKey(_ requester: Requester, id: String) throws(VaultError) -> AccessKeyRecord {
        let (admitted, entry) = try admit(requester, "inspect_access_key", toKey: id)
        try trail.answered(admitted.draft, code: nil)
        return entry.record(at: admitted.now)
    }

    /// Ends an access key for good: in force when this returns.
    package func revoke(_ requester: Requester, id: String) async throws(VaultError) -> AccessKeyRecord {
        let (admitted, _) = try admit(requester, Action.revoke.rawValue, toKey: id)
        return try await amend(id, of: AccessKeys.issuer, admitted, .revoke)
    }

    /// Switches an access key off until it is enabled again.
    package func disable(_ requester: Requester, id: String) async throws(VaultError) -> AccessKeyRecord {
        let (admitted, _) = try admit(requester, "disable_access_key", toKey: id)
        return try await amend(id, of: AccessKeys.issuer, admitted, .disable)
    }

    /// Switches an access key on again, for somebody who may grant what it may do.
    package func enable(_ requester: Requester, id: String) async throws(VaultError) -> AccessKeyRecord {
        let (admitted, entry) = try admit(requester, "enable_access_key", toKey: id)
        try mayGrant(entry.stored.scopes, admitted, known: false)
        return try await amend(id, of: AccessKeys.issuer, admitted, .enable)
    }

    /// Makes a successor with the same settings, for somebody who may grant what it may do; the old key is honoured for
    /// `overlap` more milliseconds.
    ///
    /// - Parameter overlap: nil: a day. At most 400 days.
    package func roll(
        _ requester: Requester, id: String, overlap: Int64?
    ) async throws(VaultError) -> MintedAccessKey {
        let (admitted, entry) = try admit(requester, "roll_access_key", toKey: id)
        try mayGrant(entry.stored.scopes, admitted)
        try checked(admitted) { () throws(VaultError) in try KeyChecks.check(overlap) }
        let author = admitted.caller.reference
        return try await changing(admitted) { (staging) throws(VaultError) in
            try staging.roll(id, overlap: overlap ?? 86_400_000, by: author)
        }
    }

    /// Makes a successor of the access key that is presented, for its holder where that may `renew`, or may grant what
    /// the key may do. The successor has the same settings and lives as long as the key before it was to live.
    ///
    /// - Parameter overlap: how long the old key is honoured, in milliseconds; nil: a day. At most 400 days.
    /// - Throws: ``VaultError``: `conflict` for callers without an access key and for keys that were rolled before.
    package func rollOwnKey(_ requester: Requester, overlap: Int64?) async throws(VaultError) -> MintedAccessKey {
        var recognised = try recognise(requester, "roll_own_access_key", .issuer(AccessKeys.issuer))
        let id = recognised.caller.id
        if recognised.caller.kind == .accessKey { recognised.draft.issuedKey = id }
        let admitted = recognised
        try checked(admitted) { () throws(VaultError) in
            guard admitted.caller.kind == .accessKey else {
                throw VaultError(.conflict, "only an access key can be rolled by its holder, and none was presented")
            }
            try KeyChecks.check(overlap)
        }
        let held = admitted.caller.policies
        guard
            isAllowed(admitted, .renew, .vault)
                || held.allSatisfy({ admitted.policies.decideGrant(held, of: $0).allowed })
        else { throw try refuse(admitted, .renew, .vault) }
        let author = admitted.caller.reference
        return try await changing(admitted) { (staging) throws(VaultError) in
            try staging.roll(id, overlap: overlap ?? 86_400_000, by: author)
        }
    }

    /// When the access key in a request ends, where its holder should see to another: within 14 days or the last tenth
    /// of its life, whichever is shorter, and from the moment on that it was rolled. Nil for anybody else.
    package func endsSoon(_ requester: Requester) -> Timestamp? {
        guard let presented = requester.presented, let open = try? opened(),
            let entry = open.session.accessKey(presented), let end = entry.standing.end
        else { return nil }
        let now = now(open.session)
        guard VerifyCode.evaluate(entry.standing, at: now, from: requester.placeOfUse) == .valid else { return nil }
        if entry.standing.honouredUntil != nil { return end }
        let notice = min(14 * 86_400_000, (end - Timestamp(entry.stored.created)) / 10)
        return end - now <= notice ? end : nil
    }

    // MARK: Authority

    /// Lets those pass who administer, may revoke access keys, or may grant a policy at all.
    func admitToAccessKeys(_ admitted: Admitted) throws(VaultError) {
        if admitted.administers || admitted.mayRevoke { return }
        let (set, held) = (admitted.policies, admitted.caller.policies)
        if set.names.contains(where: { set.decideGrant(held, of: $0).allowed }) { return }
        throw try refuse(admitted, .issue, .issuer(AccessKeys.issuer))
    }

    /// Nobody hands on what they may not.
    ///
    /// - Parameter known: whether a policy that no file defines is refused.
    func mayGrant(_ names: [String], _ admitted: Admitted, known: Bool = true) throws(VaultError) {
        try checked(admitted) { () throws(VaultError) in
            // A name is one segment of a path; what is none is not repeated anywhere.
            guard names.count <= VaultLimits.grants, names.allSatisfy(IssuedKeyChecks.isName) else {
                throw VaultError(
                    .invalidField, "an access key has 1 to \(VaultLimits.grants) policies, by their names",
                    field: "policies")
            }
        }
        let set = admitted.policies
        for name in names where !set.decideGrant(admitted.caller.policies, of: name).allowed {
            throw try refuse(admitted, .issue, .policy(name))
        }
        guard known else { return }
        try checked(admitted) { () throws(VaultError) in
            guard names.allSatisfy(set.contains) else {
                throw VaultError(
                    .invalidField, "no policy file defines one of the policies; see `keyturn policy list`",
                    field: "policies")
            }
        }
    }

    /// Admits to one access key, by an id that may be anything: what is no id, or one of a key that the caller may not
    /// see, is `not_found`.
    func admit(
        _ requester: Requester, _ action: String, toKey id: String
    ) throws(VaultError) -> (Admitted, IssuedEntry) {
        var admitted = try recognise(requester, action, .issuer(AccessKeys.issuer))
        try admitToAccessKeys(admitted)
        admitted.draft.issuedKey = IssuedKeyID(id)?.text
        let known = admitted
        let entry = try checked(known) { () throws(VaultError) in
            guard let entry = known.session.issued(id), entry.stored.issuer == AccessKeys.issuer, known.maySee(entry)
            else {
                throw VaultError(.notFound, "there is no access key with this id")
            }
            return entry
        }
        return (known, entry)
    }
}

extension Admitted {
    /// Whether the caller may revoke any access key.
    fileprivate var mayRevoke: Bool { may(.revoke, AccessKeys.issuer) }

    /// Whether the caller may know of an access key, and take it out of service.
    func maySee(_ entry: IssuedEntry) -> Bool { maySee(scopes: entry.stored.scopes) }

    func maySee(scopes: [String]) -> Bool {
        if administers || mayRevoke { return true }
        return scopes.allSatisfy { policies.decideGrant(caller.policies, of: $0).allowed }
    }
}
