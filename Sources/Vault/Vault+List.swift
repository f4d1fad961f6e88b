package import Policy
internal import Sealing

extension Vault {
    /// The metadata of one key, trashed or not.
    package func inspect(_ requester: Requester, _ path: ResourcePath) throws(VaultError) -> KeyMetadata {
        try reading(requester, .inspect, .key(path)) { (admitted) throws(VaultError) in
            guard let entry = admitted.session.key(path.text) else {
                throw VaultError(.notFound, "there is no key at this path")
            }
            return admitted.session.shown(entry, admitted.clocks)
        }
    }

    /// A page of the keys that the caller may list, in the order of their paths.
    ///
    /// - Throws: ``VaultError``: `refused` where the caller may list nothing beneath the prefix, `invalid_field`.
    package func list(_ requester: Requester, _ query: KeyQuery) throws(VaultError) -> Page<KeyMetadata> {
        var (admitted, prefix) = try admitToList(requester, query)
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let (set, policies) = (admitted.policies, admitted.caller.policies)
            let search = KeySearch(query, prefix: prefix)
            return collect(admitted, prefix, after: query.cursor, limit: min(query.limit, VaultLimits.page)) { entry in
                search.admits(entry, at: admitted.now) && set.decide(policies, .list, .key(entry.path)).allowed
            }
        }
    }

    /// Admits to a list, and reads what it is to be of.
    func admitToList(
        _ requester: Requester, _ query: KeyQuery
    ) throws(VaultError) -> (Admitted, KeyPrefix) {
        var admitted = try recognise(requester, Action.list.rawValue, .vault)
        let known = admitted
        let prefix = try checked(known) { () throws(VaultError) in
            guard query.limit > 0 else {
                throw VaultError(.invalidField, "a page has 1 to \(VaultLimits.page) keys", field: "limit")
            }
            do throws(ResourcePathError) { return try KeyPrefix(parsing: query.prefix) } catch {
                throw VaultError(.invalidField, "\(error)", field: "prefix")
            }
        }
        if !prefix.text.isEmpty { admitted.draft.key = prefix.text }
        try authorise(admitted, .list, .keyPrefix(prefix.text))
        return (admitted, prefix)
    }

    /// Walks the paths beneath `prefix`, a few at a time so that nobody waits for the lock.
    private func collect(
        _ admitted: Admitted, _ prefix: KeyPrefix, after cursor: String?, limit: Int, _ wanted: (KeyEntry) -> Bool
    ) -> Page<KeyMetadata> {
        var page = Page<KeyMetadata>(items: [], cursor: nil)
        var last = cursor
        while true {
            let entries = admitted.session.read { $0.index.entries(prefix, after: last, most: 512) }
            guard !entries.isEmpty else { return page }
            for entry in entries {
                last = entry.path.text
                guard wanted(entry) else { continue }
                if page.items.count == limit {
                    page.cursor = page.items.last?.path.text
                    return page
                }
                page.items.append(entry.metadata(at: admitted.clocks))
            }
        }
    }
}

/// What a list is searched for.
struct KeySearch {
    private let prefix: KeyPrefix
    private let words: [String]
    private let tag: String?
    private let provider: String?
    private let state: KeyState?
    private let everything: Bool

    init(_ query: KeyQuery, prefix: KeyPrefix) {
        self.prefix = prefix
        words = query.words.map { $0.lowercased() }
        tag = query.tag
        provider = query.provider?.lowercased()
        state = query.state
        everything = query.everything
    }

    func admits(_ entry: KeyEntry, at now: Timestamp) -> Bool {
        let head = entry.head
        let state = entry.state(at: now)
        if let wanted = self.state { guard state == wanted else { return false } }
        if self.state == nil, !everything, state == .trashed { return false }
        if let tag, !head.tags.contains(tag) { return false }
        if let provider, head.provider.lowercased() != provider { return false }
        guard !words.isEmpty else { return true }
        let shown = entry.version(head.current)?.prefix ?? ""
        let text = ([head.path, head.name, head.description_p, head.provider, shown] + head.tags)
            .joined(separator: "\n").lowercased()
        return words.allSatisfy { text.contains($0) }
    }
}

extension Index {
    /// Up to `most` keys at or beneath `prefix` whose paths come after `last`, ascending.
    func entries(_ prefix: KeyPrefix, after last: String?, most: Int) -> [KeyEntry] {
        var place = last.map { position(of: $0) } ?? position(of: prefix.text)
        if let last, place < paths.count, paths[place] == last { place += 1 }
        if last.map({ $0 < prefix.text }) ?? false { place = position(of: prefix.text) }
        var found: [KeyEntry] = []
        // What lies beneath `a/b` is not quite contiguous (`a/b-c` sorts between `a/b` and `a/b/c`): the shared start is.
        while place < paths.count, found.count < most, paths[place].hasPrefix(prefix.text) {
            if let entry = keys[paths[place]], prefix.contains(entry.path) { found.append(entry) }
            place += 1
        }
        return found
    }
}

extension KeyEntry {
    func metadata(at clocks: Clocks) -> KeyMetadata {
        let now = clocks.now
        let used = usage.value
        let state = state(at: now)
        return KeyMetadata(
            path: path, id: keyIDText, name: head.name, description: head.description_p, provider: head.provider,
            visibility: head.visibility == .public ? .public : .private, tags: head.tags,
            prefix: version(head.current)?.prefix ?? "", created: Timestamp(head.created),
            updated: Timestamp(head.updated), expires: head.expires == 0 ? nil : Timestamp(head.expires),
            deleted: head.deleted == 0 ? nil : Timestamp(head.deleted),
            purgeAfter: head.purgeAfter == 0 ? nil : Timestamp(head.purgeAfter),
            lastUsed: used.time == 0 ? nil : used.time, lastUsedBy: used.by.isEmpty ? nil : used.by, state: state,
            versions: head.versions.map { version in
                KeyMetadata.Version(
                    number: version.number, stage: stage(of: version.number, at: clocks.rotation),
                    created: Timestamp(version.created), createdBy: version.createdBy, prefix: version.prefix,
                    fields: version.fields)
            },
            current: head.current, previous: number(of: .previous, at: clocks.rotation),
            previousUntil: head.previousUntil == 0 ? nil : Timestamp(head.previousUntil),
            rotation: rotationReport(clocks), etag: etag)
    }
}
