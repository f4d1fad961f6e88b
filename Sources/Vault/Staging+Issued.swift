internal import FoundationEssentials
internal import IssuedKeys
internal import Policy
internal import Sealing
internal import SecretMemory

/// Issued keys on their way to a commit: made, brought in, rolled, ended. Who may do that is asked before.
extension Staging {
    /// Makes a key of an issuer. Its text is in the result alone.
    ///
    /// - Parameter author: a caller's reference, or `keyturn:` and what part of Keyturn makes it.
    /// - Throws: ``VaultError``: `not_found` for the issuer, `invalid_field`.
    mutating func mint(
        _ request: IssueRequest, from issuer: String, by author: String
    ) throws(VaultError) -> MintedIssuedKey {
        let issuer = try existing(issuer)
        return try mint(try settings(request, of: issuer.stored), of: issuer, by: author)
    }

    mutating func mint(_ request: AccessKeyRequest, by author: String) throws(VaultError) -> MintedIssuedKey {
        try mint(try settings(request), of: .accessKeys, by: author)
    }

    private func settings(_ request: AccessKeyRequest) throws(VaultError) -> StoredIssuedKey {
        try IssuedKeyChecks.check(request, now: now)
        var stored = StoredIssuedKey()
        stored.name = request.name
        stored.description_p = request.description
        stored.owner = request.owner
        stored.scopes = request.policies
        stored.expires = request.expires.map { UInt64($0) } ?? 0
        stored.networks = request.networks ?? []
        stored.limits = try IssuedKeyChecks.limits(request.limits ?? [], "limits").stored
        return stored
    }

    /// Makes a key that follows another one, which stays as it is. Where both have the same limits and quota they share
    /// them; otherwise the new one begins with its own.
    mutating func mint(
        _ request: IssueRequest, of issuer: IssuerEntry, after before: IssuedEntry?, by author: String
    ) throws(VaultError) -> MintedIssuedKey {
        var stored =
            issuer.place == nil
            ? try settings(
                AccessKeyRequest(
                    name: request.name, description: request.description, owner: request.owner,
                    policies: request.scopes, expires: try end(request.expires, of: issuer.stored),
                    networks: request.networks, limits: request.limits))
            : try settings(request, of: issuer.stored)
        if let before {
            stored.predecessor = before.stored.id
            stored.lineage = before.stored.lineage
        }
        let shares = before.map { $0.stored.allowance == stored.allowance } ?? false
        return try mint(stored, of: issuer, by: author, meter: shares ? before?.meter : nil)
    }

    /// Brings in a key that is known by its SHA-256 alone.
    ///
    /// - Throws: ``VaultError``: `already_exists` where this or another issuer has it.
    mutating func bringIn(
        _ key: ImportedKey, into issuer: String, by author: String
    ) throws(VaultError) -> IssuedEntry {
        let issuer = try existing(issuer)
        guard issuer.place != nil else {
            throw VaultError(.invalidField, "access keys are made, not brought in", field: "issuer")
        }
        try IssuedKeyChecks.check(imported: key)
        var stored = try settings(key.settings, of: issuer.stored)
        let hash = try hash(of: key)
        guard !isKept(hash) else {
            throw VaultError(.alreadyExists, "a key with this SHA-256 is there already", field: "sha256")
        }
        stored.hash = Data(hash.bytes)
        stored.prefix = key.prefix
        stored.imported = UInt64(now)
        let drawn: IssuedKeyID
        do throws(IssuedKeyTextError) {
            drawn = try IssuedKeyText.mint(prefix: issuer.stored.prefix, random: random).id
        } catch {
            throw VaultError(.internal, "an id could not be made: \(error)")
        }
        return try put(new: stored, id: drawn, of: issuer, by: author)
    }

    /// Makes a successor of an active key with the same settings; the old one is honoured for `overlap` more
    /// milliseconds. They share limits and quota.
    mutating func roll(_ id: String, overlap: Int64, by author: String) throws(VaultError) -> MintedIssuedKey {
        guard let entry = issuedKey(id) else { throw VaultError(.notFound, "there is no issued key with this id") }
        guard entry.state(at: now) == .active else {
            throw VaultError(.conflict, "only an active key that was not rolled before can be rolled")
        }
        var next = entry.stored
        next.predecessor = id
        next.lastUsed = 0
        next.lastUsedFrom = ""
        next.imported = 0
        // The successor lives as long as its predecessor was to live, from now.
        if entry.stored.expires != 0 {
            next.expires = min(UInt64(now) + entry.stored.expires - entry.stored.created, UInt64(Lifetime.latest))
        }
        let minted = try mint(next, of: try existing(entry.stored.issuer), by: author, meter: entry.meter)
        var old = entry.stored
        old.successor = minted.record.id
        old.honouredUntil = UInt64(now + overlap)
        try putIssued(old, usage: entry.usage, meter: entry.meter)
        return minted
    }

    /// Ends a key for good.
    mutating func revokeIssued(_ issuer: String, id: String) throws(VaultError) -> IssuedEntry {
        guard let entry = issuedKey(id), entry.stored.issuer == issuer else {
            throw VaultError(.notFound, "there is no issued key with this id")
        }
        guard entry.stored.revoked == 0 else { return entry }
        var stored = entry.stored
        stored.revoked = UInt64(now)
        return try putIssued(stored, usage: entry.usage, meter: entry.meter)
    }

    /// The issuer of that name.
    func existing(_ issuer: String) throws(VaultError) -> IssuerEntry {
        guard let entry = self.issuer(issuer) else {
            throw VaultError(.notFound, "there is no issuer of this name", field: "issuer")
        }
        return entry
    }

    private func settings(
        _ request: IssueRequest, of issuer: StoredIssuer
    ) throws(VaultError) -> StoredIssuedKey {
        try IssuedKeyChecks.check(request, now: now)
        try IssuedKeyChecks.check(scopes: request.scopes, of: issuer)
        var stored = StoredIssuedKey()
        if let name = request.tier {
            guard let tier = issuer.tiers.first(where: { $0.name == name }) else {
                throw VaultError(.invalidField, "the issuer has no such tier", field: "tier")
            }
            stored.tier = name
            stored.limits = tier.limits
            stored.quota = tier.quota
            stored.refill = tier.refill
        }
        if let limits = request.limits { stored.limits = try IssuedKeyChecks.limits(limits, "limits").stored }
        if let quota = request.quota {
            stored.quota = UInt64(quota.uses)
            stored.refill = Records.QuotaRefill(quota)
        }
        stored.name = request.name
        stored.description_p = request.description
        stored.owner = request.owner
        stored.scopes = request.scopes
        stored.networks = request.networks ?? []
        stored.expires = UInt64(try end(request.expires, of: issuer) ?? 0)
        stored.environment = issuer.environment
        stored.visibility = issuer.visibility
        stored.metadata = request.metadata.sorted { $0.key < $1.key }.map { name, value in
            var pair = Records.Pair()
            pair.name = name
            pair.value = value
            return pair
        }
        return stored
    }

    private func end(_ asked: IssuedKeyEnd, of issuer: StoredIssuer) throws(VaultError) -> Timestamp? {
        switch asked {
        case .never: return nil
        case .at(let end): return end
        case .issuers:
            guard issuer.lifetime != 0 else { return nil }
            do throws(LifetimeError) { return try Lifetime.end(from: now, lasting: Int64(issuer.lifetime)) } catch {
                throw VaultError(.invalidField, "\(error)", field: "expires")
            }
        }
    }

    /// Gives `settings` an id and a text of its own.
    private mutating func mint(
        _ settings: StoredIssuedKey, of issuer: IssuerEntry, by author: String, meter: IssuedMeter? = nil
    ) throws(VaultError) -> MintedIssuedKey {
        let minted: (id: IssuedKeyID, text: WipedBytes)
        do throws(IssuedKeyTextError) {
            minted = try IssuedKeyText.mint(prefix: issuer.stored.prefix, random: random)
        } catch {
            throw VaultError(.internal, "a key could not be made: \(error)")
        }
        var stored = settings
        stored.prefix = issuer.stored.prefix
        stored.hash = Data(keyring.keptHash(minted.text).bytes)
        let entry = try put(new: stored, id: minted.id, of: issuer, by: author, meter: meter)
        return MintedIssuedKey(record: entry.record(at: now), text: minted.text)
    }

    private mutating func put(
        new settings: StoredIssuedKey, id: IssuedKeyID, of issuer: IssuerEntry, by author: String,
        meter: IssuedMeter? = nil
    ) throws(VaultError) -> IssuedEntry {
        let number = IssuedKeyNumber(id)
        guard issuedKey(number) == nil else {
            throw VaultError(.conflict, "the new key's id is taken; try again")
        }
        var stored = settings
        stored.id = id.text
        stored.issuer = issuer.stored.name
        stored.created = UInt64(now)
        stored.createdBy = author
        if stored.lineage.isEmpty { stored.lineage = stored.id }
        var meter = meter
        // An unseal finds the same: whoever shares no meter has one under its own id.
        if meter == nil, let allowance = stored.allowance, !allowance.isUnlimited {
            meter = IssuedMeter(lineage: number, Limiter(allowance))
        }
        let entry = try putIssued(stored, usage: UsageMark(time: 0, by: ""), meter: meter)
        note(issuedKey: stored.id)
        // Where the commit fails there will be no such key, which it finds out when it looks.
        session.expiries.add(entry, after: clocks.rotation)
        return entry
    }

    /// Whether a key is kept as `hash`, made or brought in.
    func isKept(_ hash: KeptHash) -> Bool {
        if hashes[hash] != nil { return true }
        guard let standing = session.issued(keptAs: hash) else { return false }
        // It may be about to go.
        return issuedKey(standing.number) != nil
    }

    private func hash(of key: ImportedKey) throws(VaultError) -> KeptHash {
        do throws(DigestLengthError) {
            return try keyring.withIssuedKeyHashKey { (secret) throws(DigestLengthError) in
                try KeptHash(ofSHA256: key.sha256, key: secret)
            }
        } catch {
            throw VaultError(.invalidField, "\(error)", field: "sha256")
        }
    }
}
