internal import FoundationEssentials
internal import IssuedKeys
internal import Policy
internal import SecretMemory
internal import Sealing

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
            guard limit > 0 else {
                throw VaultError(.invalidField, "a page has 1 to \(VaultLimits.page) keys", field: "limit")
            }
            let words = words.map { $0.lowercased() }
            let entries = admitted.session.read { Array($0.index.issued.values) }
                .sorted { $0.stored.id < $1.stored.id }
            var page = Page<AccessKeyRecord>(items: [], cursor: nil)
            for entry in entries {
                if let cursor, entry.stored.id <= cursor { continue }
                if let state, entry.state(at: admitted.now) != state { continue }
                let text = [entry.stored.id, entry.stored.name, entry.stored.description_p, entry.stored.owner]
                    .joined(separator: "\n").lowercased()
                guard words.allSatisfy({ text.contains($0) }), admitted.maySee(entry) else { continue }
                if page.items.count == min(limit, VaultLimits.page) {
                    page.cursor = page.items.last?.id
                    break
                }
                page.items.append(entry.record(at: admitted.now))
            }
            return page
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
        return try await amend(id, admitted) { (stored, now) throws(VaultError) in
            if stored.revoked == 0 { stored.revoked = UInt64(now) }
        }
    }

    /// Switches an access key off until it is enabled again.
    package func disable(_ requester: Requester, id: String) async throws(VaultError) -> AccessKeyRecord {
        let (admitted, _) = try admit(requester, "disable_access_key", toKey: id)
        return try await amend(id, admitted) { (stored, now) throws(VaultError) in
            guard stored.revoked == 0 else { throw VaultError(.conflict, "a revoked key stays revoked") }
            if stored.disabled == 0 { stored.disabled = UInt64(now) }
        }
    }

    /// Switches an access key on again, for somebody who may grant what it may do.
    package func enable(_ requester: Requester, id: String) async throws(VaultError) -> AccessKeyRecord {
        let (admitted, entry) = try admit(requester, "enable_access_key", toKey: id)
        try mayGrant(entry.stored.scopes, admitted, known: false)
        return try await amend(id, admitted) { (stored, _) throws(VaultError) in
            guard stored.revoked == 0 else { throw VaultError(.conflict, "a revoked key stays revoked") }
            stored.disabled = 0
        }
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

    // MARK: Authority

    /// Lets those pass who administer, may revoke access keys, or may grant a policy at all.
    private func admitToAccessKeys(_ admitted: Admitted) throws(VaultError) {
        if admitted.administers || admitted.mayRevoke { return }
        let (set, held) = (admitted.policies, admitted.caller.policies)
        if set.names.contains(where: { set.decideGrant(held, of: $0).allowed }) { return }
        throw try refuse(admitted, .issue, .issuer(AccessKeys.issuer))
    }

    /// Nobody hands on what they may not.
    ///
    /// - Parameter known: whether a policy that no file defines is refused.
    private func mayGrant(_ names: [String], _ admitted: Admitted, known: Bool = true) throws(VaultError) {
        try checked(admitted) { () throws(VaultError) in
            // A name is one segment of a path; what is none is not repeated anywhere.
            guard names.count <= VaultLimits.grants, names.allSatisfy(AccessKeyChecks.isName) else {
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
    private func admit(
        _ requester: Requester, _ action: String, toKey id: String
    ) throws(VaultError) -> (Admitted, IssuedEntry) {
        var admitted = try recognise(requester, action, .issuer(AccessKeys.issuer))
        try admitToAccessKeys(admitted)
        admitted.draft.issuedKey = IssuedKeyID(id)?.text
        let known = admitted
        let entry = try checked(known) { () throws(VaultError) in
            guard let entry = known.session.issued(id), known.maySee(entry) else {
                throw VaultError(.notFound, "there is no access key with this id")
            }
            return entry
        }
        return (known, entry)
    }

    private func amend(
        _ id: String, _ admitted: Admitted,
        _ change: @escaping @Sendable (inout StoredIssuedKey, Timestamp) throws(VaultError) -> Void
    ) async throws(VaultError) -> AccessKeyRecord {
        try await changing(admitted) { (staging) throws(VaultError) in
            guard let entry = staging.issuedKey(id) else {
                throw VaultError(.notFound, "there is no access key with this id")
            }
            var stored = entry.stored
            try change(&stored, staging.now)
            return try staging.putIssued(stored, usage: entry.usage).record(at: staging.now)
        }
    }
}

extension Admitted {
    fileprivate var administers: Bool { policies.decide(caller.policies, .administer, .vault).allowed }

    /// Whether the caller may revoke any access key.
    fileprivate var mayRevoke: Bool {
        policies.decide(caller.policies, .revoke, .issuer(AccessKeys.issuer)).allowed
    }

    /// Whether the caller may know of an access key, and take it out of service.
    fileprivate func maySee(_ entry: IssuedEntry) -> Bool {
        if administers || mayRevoke { return true }
        return entry.stored.scopes.allSatisfy { policies.decideGrant(caller.policies, of: $0).allowed }
    }
}

extension Staging {
    mutating func mint(_ request: AccessKeyRequest, by author: String) throws(VaultError) -> MintedAccessKey {
        try AccessKeyChecks.check(request, now: now)
        var stored = StoredIssuedKey()
        stored.name = request.name
        stored.description_p = request.description
        stored.owner = request.owner
        stored.scopes = request.policies
        stored.expires = request.expires.map { UInt64($0) } ?? 0
        stored.networks = request.networks ?? []
        return try mint(stored, by: author)
    }

    /// Gives `stored` an id and a text of its own.
    private mutating func mint(_ settings: StoredIssuedKey, by author: String) throws(VaultError) -> MintedAccessKey {
        var stored = settings
        let minted: (id: IssuedKeyID, text: WipedBytes)
        do throws(IssuedKeyTextError) {
            minted = try IssuedKeyText.mint(prefix: AccessKeys.prefix, random: random)
        } catch {
            throw VaultError(.internal, "an access key could not be made: \(error)")
        }
        guard issuedKey(minted.id.text) == nil else {
            throw VaultError(.conflict, "the new key's id is taken; try again")
        }
        stored.id = minted.id.text
        stored.issuer = AccessKeys.issuer
        stored.prefix = AccessKeys.prefix
        stored.hash = Data(keyring.hash(minted.text))
        stored.created = UInt64(now)
        stored.createdBy = author
        if stored.lineage.isEmpty { stored.lineage = stored.id }
        let entry = try putIssued(stored, usage: UsageMark(time: 0, by: ""))
        note(issuedKey: stored.id)
        return MintedAccessKey(record: entry.record(at: now), text: minted.text)
    }

    mutating func roll(_ id: String, overlap: Int64, by author: String) throws(VaultError) -> MintedAccessKey {
        guard let entry = issuedKey(id) else { throw VaultError(.notFound, "there is no access key with this id") }
        guard entry.state(at: now) == .active else {
            throw VaultError(.conflict, "only an active access key that was not rolled before can be rolled")
        }
        var next = StoredIssuedKey()
        next.name = entry.stored.name
        next.description_p = entry.stored.description_p
        next.owner = entry.stored.owner
        next.scopes = entry.stored.scopes
        next.networks = entry.stored.networks
        next.lineage = entry.stored.lineage
        next.predecessor = id
        // The successor lives as long as its predecessor was to live, from now.
        if entry.stored.expires != 0 {
            next.expires = min(UInt64(now) + entry.stored.expires - entry.stored.created, UInt64(Lifetime.latest))
        }
        let minted = try mint(next, by: author)
        var old = entry.stored
        old.successor = minted.record.id
        old.honouredUntil = UInt64(now + overlap)
        try putIssued(old, usage: entry.usage)
        return minted
    }
}

/// What an access key has to be.
enum AccessKeyChecks {
    /// Whether `name` can be a policy's: one segment of a path, of at most 64 bytes.
    static func isName(_ name: String) -> Bool {
        name.utf8.count <= 64 && !name.utf8.contains(UInt8(ascii: "/")) && (try? ResourcePath(parsing: name)) != nil
    }

    static func check(_ request: AccessKeyRequest, now: Timestamp) throws(VaultError) {
        guard !request.name.isEmpty else {
            throw VaultError(.invalidField, "an access key has a name, such as the application's", field: "name")
        }
        try KeyChecks.check(request.name, "name", VaultLimits.nameCharacters)
        try KeyChecks.check(request.owner, "owner", VaultLimits.nameCharacters)
        try KeyChecks.check(request.description, "description", VaultLimits.descriptionCharacters, newlines: true)
        guard !request.policies.isEmpty, request.policies.count <= VaultLimits.grants else {
            throw VaultError(
                .invalidField, "an access key has 1 to \(VaultLimits.grants) policies", field: "policies")
        }
        if let expires = request.expires {
            do throws(LifetimeError) { try Lifetime.check(end: expires, at: now) } catch {
                throw VaultError(.invalidField, "\(error)", field: "expires")
            }
        }
        if let networks = request.networks {
            do throws(NetworkListError) { _ = try NetworkList(parsing: networks) } catch {
                throw VaultError(.invalidField, "\(error)", field: "networks")
            }
        }
    }
}
