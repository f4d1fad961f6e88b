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
            return collect(admitted, search, prefix, query) { set.decide(policies, .list, .key($0.path)).allowed }
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

    /// Walks the paths beneath `prefix` as they stood in one moment.
    private func collect(
        _ admitted: Admitted, _ search: KeySearch, _ prefix: KeyPrefix, _ query: KeyQuery, _ mayList: (KeyEntry) -> Bool
    ) -> Page<KeyMetadata> {
        let limit = min(query.limit, VaultLimits.page)
        var page = Page<KeyMetadata>(items: [], cursor: nil)
        admitted.session.sortedKeys.visit(prefix, after: query.cursor, search.needles) { entry in
            guard search.admits(entry, at: admitted.now), mayList(entry) else { return true }
            guard page.items.count < limit else {
                page.cursor = page.items.last?.path.text
                return false
            }
            page.items.append(admitted.session.shown(entry, admitted.clocks))
            return true
        }
        return page
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
    /// What can be looked for in the encoded heads.
    let needles: TextNeedles

    init(_ query: KeyQuery, prefix: KeyPrefix) {
        self.prefix = prefix
        words = query.words.map { $0.lowercased() }
        tag = query.tag
        provider = query.provider?.lowercased()
        state = query.state
        everything = query.everything
        needles = TextNeedles(words + [query.tag, query.provider].compactMap { $0 })
    }

    func admits(_ entry: KeyEntry, at now: Timestamp) -> Bool {
        let state = entry.state(at: now)
        if let wanted = self.state { guard state == wanted else { return false } }
        if self.state == nil, !everything, state == .trashed { return false }
        guard tag != nil || provider != nil || !words.isEmpty else { return true }
        guard needles.mayBe(in: entry) else { return false }
        let head = entry.head
        if let tag, !head.tags.contains(tag) { return false }
        if let provider, head.provider.lowercased() != provider { return false }
        guard !words.isEmpty else { return true }
        let shown = head.currentVersion?.prefix ?? ""
        let text = ([head.path, head.name, head.description_p, head.provider, shown] + head.tags)
            .joined(separator: "\n").lowercased()
        return words.allSatisfy { text.contains($0) }
    }
}

extension KeyEntry {
    func metadata(at clocks: Clocks) -> KeyMetadata {
        let (now, head) = (clocks.now, self.head)
        let used = usage.value
        let state = state(at: now)
        return KeyMetadata(
            path: path, id: keyIDText, name: head.name, description: head.description_p, provider: head.provider,
            visibility: head.visibility == .public ? .public : .private, tags: head.tags,
            prefix: head.currentVersion?.prefix ?? "", created: Timestamp(head.created),
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
