internal import Audit
internal import IssuedKeys
internal import Policy
internal import Sealing
internal import SecretMemory

/// The keys of any issuer. `issue` on the issuer makes, brings in, rolls and enables them, `revoke` ends and disables
/// them, either lets somebody see them; `administer` does all of it. The issuer `keyturn` asks what its own operations
/// ask.
extension Vault {
    /// Makes a key. Its text is in the result, and nowhere else ever again.
    ///
    /// - Throws: ``VaultError``: `refused`, `not_found` for the issuer, `invalid_field`.
    package func issue(
        _ requester: Requester, from issuer: String, _ request: IssueRequest
    ) async throws(VaultError) -> MintedIssuedKey {
        if issuer == AccessKeys.issuer { return try await issue(requester, try AccessKeyRequest(request)) }
        let admitted = try admit(requester, .issue, toIssuer: issuer)
        let author = admitted.caller.reference
        return try await changing(admitted) { (staging) throws(VaultError) in
            try staging.mint(request, from: issuer, by: author)
        }
    }

    /// Brings in keys that are known by their SHA-256, all of them or none: whoever holds one goes on using it.
    ///
    /// - Throws: ``VaultError``: `refused`, `not_found` for the issuer, `invalid_field`, `already_exists`; which key it
    ///   is, counted from 0, stands in `field` before the member, such as `keys[3].sha256`.
    package func importKeys(
        _ requester: Requester, into issuer: String, _ keys: [ImportedKey]
    ) async throws(VaultError) -> [IssuedKeyRecord] {
        let admitted = try admit(requester, .issue, toIssuer: issuer, as: "import")
        try checked(admitted) { () throws(VaultError) in
            guard !keys.isEmpty, keys.count <= VaultLimits.importIssued else {
                throw VaultError(
                    .invalidField, "bring in 1 to \(VaultLimits.importIssued) keys at once", field: "keys")
            }
        }
        let author = admitted.caller.reference
        return try await changing(admitted) { (staging) throws(VaultError) in
            var records: [IssuedKeyRecord] = []
            for (place, key) in keys.enumerated() {
                do throws(VaultError) {
                    let entry = try staging.bringIn(key, into: issuer, by: author)
                    records.append(entry.record(at: staging.now))
                } catch {
                    var error = error
                    if error.field != "issuer" { error.field = "keys[\(place)].\(error.field ?? "sha256")" }
                    throw error
                }
            }
            staging.note(issuedKeys: records.map(\.id))
            return records
        }
    }

    /// One key; `not_found` also where the caller has nothing to do with the issuer.
    package func issuedKey(
        _ requester: Requester, of issuer: String, id: String
    ) throws(VaultError) -> IssuedKeyRecord {
        let (admitted, entry) = try admitToSee(requester, issuer: issuer, id: id)
        try trail.answered(admitted.draft, code: nil)
        return entry.record(at: admitted.now)
    }

    /// Admits whoever may see a key, which is whoever may issue or revoke keys of its kind.
    func admitToSee(
        _ requester: Requester, issuer: String, id: String
    ) throws(VaultError) -> (Admitted, IssuedEntry) {
        if issuer == AccessKeys.issuer { return try admit(requester, "inspect_access_key", toKey: id) }
        return try admit(requester, "inspect_issued_key", [.issue, .revoke], toKey: id, of: issuer)
    }

    /// Ends a key for good: in force when this returns.
    package func revoke(
        _ requester: Requester, of issuer: String, id: String
    ) async throws(VaultError) -> IssuedKeyRecord {
        if issuer == AccessKeys.issuer { return try await revoke(requester, id: id) }
        let (admitted, _) = try admit(requester, Action.revoke.rawValue, [.revoke], toKey: id, of: issuer)
        return try await amend(id, of: issuer, admitted, .revoke)
    }

    /// Switches a key off until it is enabled again.
    package func disable(
        _ requester: Requester, of issuer: String, id: String
    ) async throws(VaultError) -> IssuedKeyRecord {
        if issuer == AccessKeys.issuer { return try await disable(requester, id: id) }
        let (admitted, _) = try admit(requester, "disable_issued_key", [.revoke], toKey: id, of: issuer)
        return try await amend(id, of: issuer, admitted, .disable)
    }

    /// Switches a key on again.
    package func enable(
        _ requester: Requester, of issuer: String, id: String
    ) async throws(VaultError) -> IssuedKeyRecord {
        if issuer == AccessKeys.issuer { return try await enable(requester, id: id) }
        let (admitted, _) = try admit(requester, "enable_issued_key", [.issue], toKey: id, of: issuer)
        return try await amend(id, of: issuer, admitted, .enable)
    }

    /// Makes a successor with the same settings; the old key is honoured for `overlap` more milliseconds, and both
    /// share limits and quota.
    ///
    /// - Parameter overlap: nil: a day. At most 400 days.
    package func roll(
        _ requester: Requester, of issuer: String, id: String, overlap: Int64?
    ) async throws(VaultError) -> MintedIssuedKey {
        if issuer == AccessKeys.issuer { return try await roll(requester, id: id, overlap: overlap) }
        let (admitted, _) = try admit(requester, "roll_issued_key", [.issue], toKey: id, of: issuer)
        try checked(admitted) { () throws(VaultError) in try KeyChecks.check(overlap) }
        let author = admitted.caller.reference
        return try await changing(admitted) { (staging) throws(VaultError) in
            try staging.roll(id, overlap: overlap ?? 86_400_000, by: author)
        }
    }

    /// Ends all keys of one owner that have not ended yet, some hundred at a time: in force when this returns. Where it
    /// fails on the way, those that were ended are, and asking again ends the others.
    ///
    /// - Returns: the ids of those that this ended, ascending.
    package func revokeAll(
        _ requester: Requester, of issuer: String, owner: String
    ) async throws(VaultError) -> [String] {
        let admitted = try admit(requester, .revoke, toIssuer: issuer, as: "revoke_owner")
        try checked(admitted) { () throws(VaultError) in
            guard !owner.isEmpty else { throw VaultError(.invalidField, "an owner has a name", field: "owner") }
        }
        var ended: [String] = []
        var last: [String] = []
        repeat {
            last = try await changing(admitted) { (staging) throws(VaultError) in
                _ = try staging.existing(issuer)
                let theirs = staging.allIssued().filter {
                    $0.stored.issuer == issuer && $0.stored.owner == owner && $0.stored.revoked == 0
                }
                let ids = Array(theirs.map(\.stored.id).sorted().prefix(Self.revokedTogether))
                for id in ids { _ = try staging.revokeIssued(issuer, id: id) }
                staging.note(issuedKeys: ids)
                return ids
            }
            ended += last
        } while last.count == Self.revokedTogether
        ended.sort()
        if issuer == AccessKeys.issuer { admitted.open.rotations.reconsiderAwaited() }
        return ended
    }

    /// The most keys in one commit, each with lines of its own in the log: they fit into what is set aside of it for a
    /// full disk.
    private static let revokedTogether = 500

    // MARK: Authority

    /// Admits to what is done with an issuer as a whole: a refusal is one whether or not the issuer exists.
    func admit(
        _ requester: Requester, _ action: Action, toIssuer issuer: String, as name: AuditToken? = nil
    ) throws(VaultError) -> Admitted {
        let target = target(issuer: issuer)
        var admitted = try recognise(requester, action.rawValue, target)
        if let name { admitted.draft.action = name }
        if admitted.administers || admitted.may(action, issuer) { return admitted }
        throw try refuse(admitted, action, target)
    }

    /// Admits to one key by an id that may be anything, for any of `actions`.
    ///
    /// Whoever has nothing to do with the issuer is told `not_found`, as for an id that is not there; who may do
    /// something else with it is `refused`.
    func admit(
        _ requester: Requester, _ action: String, _ actions: [Action], toKey id: String, of issuer: String
    ) throws(VaultError) -> (Admitted, IssuedEntry) {
        let target = target(issuer: issuer)
        var admitted = try recognise(requester, action, target)
        let known = admitted
        guard known.administers || actions.contains(where: { known.may($0, issuer) }) else {
            if known.mayKnow(issuer: issuer) { throw try refuse(known, actions[0], target) }
            admitted.draft.issuer = nil
            try trail.answered(admitted.draft, code: .notFound)
            throw Self.noIssuedKey
        }
        admitted.draft.issuedKey = IssuedKeyID(id)?.text
        let entry = try checked(admitted) { () throws(VaultError) in
            guard let entry = known.session.issued(id), entry.stored.issuer == issuer else { throw Self.noIssuedKey }
            return entry
        }
        return (admitted, entry)
    }

    static let noIssuedKey = VaultError(.notFound, "there is no issued key with this id")

    /// What can become of a key that is there.
    enum Amendment { case revoke, disable, enable }

    func amend(
        _ id: String, of issuer: String, _ admitted: Admitted, _ amendment: Amendment
    ) async throws(VaultError) -> IssuedKeyRecord {
        let record = try await changing(admitted) { (staging) throws(VaultError) in
            guard let entry = staging.issuedKey(id), entry.stored.issuer == issuer else { throw Self.noIssuedKey }
            if amendment == .revoke { return try staging.revokeIssued(issuer, id: id).record(at: staging.now) }
            guard entry.stored.revoked == 0 else { throw VaultError(.conflict, "a revoked key stays revoked") }
            var stored = entry.stored
            if amendment == .enable {
                stored.disabled = 0
            } else if stored.disabled == 0 {
                stored.disabled = UInt64(staging.now)
            }
            return try staging.putIssued(stored, usage: entry.usage, meter: entry.meter).record(at: staging.now)
        }
        // Whoever is gone holds no retirement back.
        if issuer == AccessKeys.issuer, amendment == .revoke { admitted.open.rotations.reconsiderAwaited() }
        return record
    }
}

extension AccessKeyRequest {
    /// - Throws: ``VaultError`` with `invalid_field` for what an access key does not have.
    fileprivate init(_ request: IssueRequest) throws(VaultError) {
        let alien: String? =
            request.tier != nil ? "tier" : request.quota != nil ? "quota" : request.metadata.isEmpty ? nil : "metadata"
        if let alien { throw VaultError(.invalidField, "an access key has none", field: alien) }
        self.init(
            name: request.name, description: request.description, owner: request.owner, policies: request.scopes,
            networks: request.networks, limits: request.limits)
        if case .at(let end) = request.expires { expires = end }
    }
}
