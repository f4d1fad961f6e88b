internal import Audit
internal import IssuedKeys
internal import Policy
internal import Sealing

extension Vault {
    /// Makes an issuer. The caller needs `administer`.
    ///
    /// - Throws: ``VaultError``: `already_exists` with `name` or `prefix` in `field`, `invalid_field`.
    package func createIssuer(
        _ requester: Requester, _ request: IssuerRequest
    ) async throws(VaultError) -> IssuerRecord {
        let admitted = try admit(requester, .administer, .vault, as: "create_issuer").about(issuer: request.name)
        let author = admitted.caller.reference
        return try await changing(admitted) { (staging) throws(VaultError) in
            try staging.create(request, by: author).record(keys: 0)
        }
    }

    /// A page of the issuers that the caller may know of, by name; the built-in one among them.
    package func issuers(
        _ requester: Requester, limit: Int, cursor: String?
    ) throws(VaultError) -> Page<IssuerRecord> {
        var admitted = try recognise(requester, "list_issuers", .vault)
        guard admitted.administers || admitted.policies.mayEver(admitted.caller.policies, [.issue, .verify, .revoke])
        else { throw try refuse(admitted, .administer, .vault) }
        return try audited(&admitted) { (admitted) throws(VaultError) in
            guard limit > 0 else {
                throw VaultError(.invalidField, "a page has 1 to \(VaultLimits.page) issuers", field: "limit")
            }
            let all = admitted.session.read { guarded in
                (guarded.index.issuers.values + [.accessKeys]).map { entry in
                    entry.record(keys: guarded.index.issuedBy[entry.stored.name]?.count ?? 0)
                }
            }
            var page = Page<IssuerRecord>(items: [], cursor: nil)
            for record in all.sorted(by: { $0.name < $1.name }) {
                if let cursor, record.name <= cursor { continue }
                guard admitted.mayKnow(issuer: record.name) else { continue }
                if page.items.count == min(limit, VaultLimits.page) {
                    page.cursor = page.items.last?.name
                    break
                }
                page.items.append(record)
            }
            return page
        }
    }

    /// One issuer, for those who administer or may do anything with it.
    package func issuer(_ requester: Requester, _ name: String) throws(VaultError) -> IssuerRecord {
        var admitted = try recognise(requester, "inspect_issuer", target(issuer: name))
        guard admitted.mayKnow(issuer: name) else { throw try refuse(admitted, .administer, .vault) }
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let found = admitted.session.read { guarded in
                guarded.index.issuer(name)?.record(keys: guarded.index.issuedBy[name]?.count ?? 0)
            }
            guard let found else { throw VaultError(.notFound, "there is no issuer of this name") }
            return found
        }
    }

    /// Changes what keys can be issued with from now on; those that were issued keep what they have.
    ///
    /// The caller needs `administer`.
    package func changeIssuer(
        _ requester: Requester, _ name: String, _ change: IssuerChange
    ) async throws(VaultError) -> IssuerRecord {
        let admitted = try admit(requester, .administer, .vault, as: "change_issuer").about(issuer: name)
        return try await changing(admitted) { (staging) throws(VaultError) in
            let entry = try staging.change(name, change)
            return entry.record(keys: staging.session.read { $0.index.issuedBy[name]?.count ?? 0 })
        }
    }

    /// Removes an issuer that has no key left which could be used, and with it its keys that were revoked or have
    /// expired. The caller needs `administer`.
    ///
    /// - Throws: ``VaultError``: `not_found`, `conflict`.
    package func deleteIssuer(_ requester: Requester, _ name: String) async throws(VaultError) {
        let admitted = try admit(requester, .administer, .vault, as: "delete_issuer").about(issuer: name)
        try await changing(admitted, erases: true) { (staging) throws(VaultError) in try staging.removeIssuer(name) }
    }

    /// What the policies and the log are asked and told: an issuer only where the text can be an issuer's name.
    func target(issuer name: String) -> PolicyTarget {
        IssuedKeyChecks.isName(name) ? .issuer(name) : .vault
    }
}

extension Admitted {
    var administers: Bool { policies.decide(caller.policies, .administer, .vault).allowed }

    /// Whether the caller may do `action` with an issuer.
    func may(_ action: Action, _ issuer: String) -> Bool {
        policies.decide(caller.policies, action, .issuer(issuer)).allowed
    }

    /// Whether the caller may know that an issuer is there.
    func mayKnow(issuer: String) -> Bool {
        administers || may(.issue, issuer) || may(.revoke, issuer) || may(.verify, issuer)
    }

    /// The same request, with the issuer in its audit entry.
    func about(issuer name: String) -> Admitted {
        var named = self
        if IssuedKeyChecks.isName(name) { named.draft.issuer = name }
        return named
    }
}

extension Staging {
    fileprivate mutating func create(_ request: IssuerRequest, by author: String) throws(VaultError) -> IssuerEntry {
        try IssuedKeyChecks.check(request)
        guard issuer(request.name) == nil else {
            throw VaultError(.alreadyExists, "there is an issuer of this name already", field: "name")
        }
        let prefix = IssuedKeyChecks.prefix(of: request)
        let all = allIssuers()
        guard prefix != AccessKeys.prefix, !all.contains(where: { $0.stored.prefix == prefix }) else {
            throw VaultError(.alreadyExists, "another issuer's keys have this prefix", field: "prefix")
        }
        guard all.count < VaultLimits.issuers else {
            throw VaultError(.conflict, "a vault has at most \(VaultLimits.issuers) issuers")
        }
        var stored = StoredIssuer()
        stored.name = request.name
        stored.prefix = prefix
        stored.description_p = request.description
        stored.created = UInt64(now)
        stored.createdBy = author
        stored.updated = UInt64(now)
        stored.lifetime = UInt64(request.lifetime ?? 0)
        stored.scopes = request.scopes.sorted()
        stored.tiers = try tiers(request.tiers)
        stored.environment = request.environment.stored
        stored.visibility = request.visibility == .public ? .public : .private
        return try putIssuer(stored)
    }

    fileprivate mutating func change(_ name: String, _ change: IssuerChange) throws(VaultError) -> IssuerEntry {
        try IssuedKeyChecks.check(change)
        let entry = try existing(name)
        guard entry.place != nil else {
            throw VaultError(.conflict, "the issuer of access keys is built in and stays as it is")
        }
        var stored = entry.stored
        if let description = change.description { stored.description_p = description }
        if let lifetime = change.lifetime { stored.lifetime = UInt64(lifetime ?? 0) }
        if let scopes = change.scopes { stored.scopes = scopes.sorted() }
        if let tiers = change.tiers { stored.tiers = try self.tiers(tiers) }
        guard stored != entry.stored else { return entry }
        stored.updated = UInt64(now)
        return try putIssuer(stored)
    }

    fileprivate mutating func removeIssuer(_ name: String) throws(VaultError) {
        let entry = try existing(name)
        guard entry.place != nil else {
            throw VaultError(.conflict, "the issuer of access keys is built in and stays as it is")
        }
        let keys = allIssued().filter { $0.stored.issuer == name }
        guard keys.allSatisfy({ [.revoked, .expired].contains($0.state(at: now)) }) else {
            throw VaultError(.conflict, "the issuer has keys that could be used; revoke them first")
        }
        for key in keys {
            removeIssued(key)
            removeLease(of: key.number)
        }
        removeIssuer(entry)
        erasesTraces = true
    }

    private func tiers(_ tiers: [IssuerTier]) throws(VaultError) -> [Records.Tier] {
        var stored: [Records.Tier] = []
        for tier in tiers.sorted(by: { $0.name < $1.name }) {
            do throws(RateLimitError) { stored.append(try tier.stored()) } catch {
                throw VaultError(.invalidField, "\(error)", field: "tiers")
            }
        }
        return stored
    }
}
