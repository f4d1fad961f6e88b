internal import IssuedKeys
internal import Policy
internal import Sealing
package import SecretMemory

extension Vault {
    /// A page of an issuer's keys, in the order of their ids.
    package func issuedKeys(
        _ requester: Requester, of issuer: String, _ filter: IssuedKeyFilter, limit: Int, cursor: String?
    ) throws(VaultError) -> Page<IssuedKeyRecord> {
        var admitted = try recognise(requester, "list_issued_keys", target(issuer: issuer))
        let isAccess = issuer == AccessKeys.issuer
        if isAccess {
            try admitToAccessKeys(admitted)
        } else if !admitted.mayManage(issuer) {
            throw try refuse(admitted, .issue, target(issuer: issuer))
        }
        return try audited(&admitted) { (admitted) throws(VaultError) in
            guard admitted.session.issuer(issuer) != nil else {
                throw VaultError(.notFound, "there is no issuer of this name")
            }
            return try admitted.page(of: issuer, filter, limit: limit, cursor: cursor) {
                isAccess ? admitted.maySee($0) : true
            }
        }
    }

    /// Finds a key that was leaked, by its text or the beginning of it, among those that the caller may see.
    ///
    /// - Parameter text: a whole key; or an issuer's prefix, `_` and four or more characters of the id.
    /// - Returns: at most ``VaultLimits/found`` keys, in the order of their ids.
    /// - Throws: ``VaultError``: `refused` for who may see no issuer's keys, `invalid_field` for too short a text.
    package func find(_ requester: Requester, text: WipedBytes) throws(VaultError) -> [FoundKey] {
        var admitted = try recognise(requester, "find_issued_key", .vault)
        guard admitted.administers || admitted.policies.mayEver(admitted.caller.policies, [.issue, .revoke]) else {
            throw try refuse(admitted, .administer, .vault)
        }
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let session = admitted.session
            let presented = PresentedKey(text, session.keyring)
            let whole = session.read { $0.index.issued(presented.number, or: presented.hash) }
            var found: [FoundKey] = []
            if let whole, presented.hash.matches(whole.hash), admitted.maySeeKey(whole) {
                return [FoundKey(record: whole.record(at: admitted.now), isWhole: true)]
            }
            guard let (prefix, start) = Self.beginning(of: text) else {
                throw VaultError(
                    .invalidField,
                    "give the whole key, or its beginning: the prefix, `_`, and at least four more characters",
                    field: "key")
            }
            let issuers = session.read { guarded in
                (guarded.index.issuers.values + [.accessKeys]).filter { $0.stored.prefix == prefix }
            }
            for issuer in issuers {
                for number in session.ids(issuedBy: issuer.stored.name) where number.description.hasPrefix(start) {
                    guard let entry = session.issued(number), !entry.isImported, admitted.maySeeKey(entry) else {
                        continue
                    }
                    found.append(FoundKey(record: entry.record(at: admitted.now), isWhole: false))
                    if found.count == VaultLimits.found { return found }
                }
            }
            return found
        }
    }

    /// The issuer's prefix and the first characters of an id, four to all of them; nothing of the secret.
    private static func beginning(of text: WipedBytes) -> (prefix: String, start: String)? {
        let most = IssuedKeyText.maximumPrefixLength + 1 + IssuedKeyID.length
        let bytes = text.withBytes { span in
            (0..<min(span.byteCount, most)).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        guard let separator = bytes.lastIndex(of: UInt8(ascii: "_")) else { return nil }
        let prefix = String(decoding: bytes[..<separator], as: UTF8.self)
        let start = bytes[(separator + 1)...].prefix(IssuedKeyID.length)
        guard IssuedKeyText.isPrefix(prefix), start.count >= 4 else { return nil }
        return (prefix, String(decoding: start, as: UTF8.self))
    }
}

extension Admitted {
    /// Whether the caller may see an issuer's keys.
    func mayManage(_ issuer: String) -> Bool { administers || may(.issue, issuer) || may(.revoke, issuer) }

    func maySeeKey(_ entry: IssuedEntry) -> Bool {
        entry.stored.issuer == AccessKeys.issuer ? maySee(entry) : mayManage(entry.stored.issuer)
    }

    /// A page of the keys that fit and that the caller may see.
    func page(
        of issuer: String, _ filter: IssuedKeyFilter, limit: Int, cursor: String?, _ maySee: (IssuedEntry) -> Bool
    ) throws(VaultError) -> Page<IssuedKeyRecord> {
        guard limit > 0 else {
            throw VaultError(.invalidField, "a page has 1 to \(VaultLimits.page) keys", field: "limit")
        }
        let wanted = PreparedFilter(filter, now: now)
        let ids = session.ids(issuedBy: issuer)
        var page = Page<IssuedKeyRecord>(items: [], cursor: nil)
        for number in ids[ids.place(after: cursor)...] {
            guard let entry = session.issued(number), wanted.fits(entry), maySee(entry) else { continue }
            if page.items.count == min(limit, VaultLimits.page) {
                page.cursor = page.items.last?.id
                break
            }
            page.items.append(entry.record(at: now))
        }
        return page
    }
}

/// A filter with its words in one case.
private struct PreparedFilter {
    private let filter: IssuedKeyFilter
    private let words: [String]
    private let now: Timestamp

    init(_ filter: IssuedKeyFilter, now: Timestamp) {
        self.filter = filter
        words = filter.words.map { $0.lowercased() }
        self.now = now
    }

    func fits(_ entry: IssuedEntry) -> Bool {
        let stored = entry.stored
        if let state = filter.state, entry.state(at: now) != state { return false }
        if let name = filter.name, stored.name != name { return false }
        if let owner = filter.owner, stored.owner != owner { return false }
        if let prefix = filter.prefix, !stored.id.hasPrefix(prefix), !stored.prefix.hasPrefix(prefix) { return false }
        if let before = filter.expiringBefore {
            guard stored.revoked == 0, let end = entry.standing.end, end < before, end > now else { return false }
        }
        if let since = filter.unusedSince {
            guard Timestamp(stored.created) < since, entry.usage.value.time < since else { return false }
        }
        guard !words.isEmpty else { return true }
        let text = [stored.id, stored.name, stored.description_p, stored.owner].joined(separator: "\n").lowercased()
        return words.allSatisfy { text.contains($0) }
    }
}

extension [IssuedKeyNumber] {
    /// The first place after the id in a cursor, which may be any text.
    fileprivate func place(after cursor: String?) -> Int {
        guard let cursor else { return 0 }
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].description <= cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
