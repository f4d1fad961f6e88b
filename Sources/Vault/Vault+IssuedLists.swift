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
    /// - Parameter text: a whole key; or an issuer's prefix, `_` and four or more characters of the id; or four or more
    ///   of the characters by which a key that was brought in is recognised, and what comes after 12 of them.
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
            if let whole = session.issued(presented), admitted.maySeeKey(whole) {
                return [FoundKey(record: whole.record(at: admitted.now), isWhole: true)]
            }
            let beginning = Self.beginning(of: text)
            var found = admitted.broughtIn(beginning: beginning)
            if let (prefix, start) = Self.parts(of: beginning) {
                found += admitted.made(prefix: prefix, start: start)
            } else if found.isEmpty {
                throw VaultError(
                    .invalidField,
                    "give the whole key, or its beginning: the prefix, `_`, and at least four more characters",
                    field: "key")
            }
            return found.firstByID(VaultLimits.found).map { entry in
                FoundKey(record: entry.record(at: admitted.now), isWhole: false)
            }
        }
    }

    /// What may be prefix and id; nothing of the secret that a key of ours has.
    private static func beginning(of text: WipedBytes) -> [UInt8] {
        let most = IssuedKeyText.maximumPrefixLength + 1 + IssuedKeyID.length
        return text.withBytes { span in
            (0..<min(span.byteCount, most)).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }

    /// The issuer's prefix and the first characters of an id, four to all of them.
    private static func parts(of bytes: [UInt8]) -> (prefix: String, start: String)? {
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

    /// The keys that the caller may see whose text begins with an issuer's prefix, `_` and `start`: the first of them.
    fileprivate func made(prefix: String, start: String) -> [IssuedEntry] {
        let issuers = session.read { guarded in
            (guarded.index.issuers.values + [.accessKeys]).filter { $0.stored.prefix == prefix }
        }
        var found: [IssuedEntry] = []
        for issuer in issuers {
            for number in session.ids(issuedBy: issuer.stored.name) where number.description.hasPrefix(start) {
                guard let entry = session.issued(number), !entry.isImported, maySeeKey(entry) else { continue }
                found.append(entry)
                if found.count == VaultLimits.found { return found }
            }
        }
        return found
    }

    /// The keys that were brought in, are recognised by `text`, and that the caller may see: the first of them.
    fileprivate func broughtIn(beginning text: [UInt8]) -> [IssuedEntry] {
        var found: [IssuedEntry] = []
        for (issuer, numbers) in session.idsBroughtIn where mayManage(issuer) {
            for number in numbers {
                guard let entry = session.issued(number), entry.stored.isRecognised(by: text) else { continue }
                found.append(entry)
                // Many may be recognised by what few are to be told of.
                if found.count == 2 * VaultLimits.found { found = found.firstByID(VaultLimits.found) }
            }
        }
        return found.firstByID(VaultLimits.found)
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
        if let prefix = filter.prefix, !stored.id.hasPrefix(prefix), !stored.isShown(as: prefix) { return false }
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

extension StoredIssuedKey {
    /// Whether what is shown of the key begins with `start`: its prefix, `_` and its id, or what was given to recognise
    /// it by.
    fileprivate func isShown(as start: String) -> Bool {
        if prefix.hasPrefix(start) { return true }
        guard imported == 0, start.utf8.starts(with: prefix.utf8) else { return false }
        let rest = start.utf8.dropFirst(prefix.utf8.count)
        return rest.first == UInt8(ascii: "_") && id.utf8.starts(with: rest.dropFirst())
    }

    /// Whether what was given to recognise the key by begins with `text`, four characters or more. A text that goes on
    /// after it is another key's as likely, unless as much was given as can be.
    fileprivate func isRecognised(by text: [UInt8]) -> Bool {
        let kept = prefix.utf8
        if kept.count == IssuedKeyChecks.mostOfStart, text.starts(with: kept) { return true }
        return text.count >= 4 && kept.starts(with: text)
    }
}

extension [IssuedEntry] {
    /// At most so many, in the order of their ids.
    fileprivate func firstByID(_ most: Int) -> [IssuedEntry] { Array(sorted { $0.number < $1.number }.prefix(most)) }
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
