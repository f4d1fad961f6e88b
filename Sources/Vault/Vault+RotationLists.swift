internal import Audit
internal import Policy
internal import Rotation
internal import Sealing

extension Vault {
    /// A page of the keys that are rotated and that the caller may list, by when they are due; last those that never are
    /// by themselves. Nothing but what is rotated is looked at.
    ///
    /// - Throws: ``VaultError``: `refused` where the caller may list nothing beneath the prefix, `invalid_field`.
    package func listRotations(
        _ requester: Requester, _ query: RotationQuery
    ) throws(VaultError) -> Page<KeyMetadata> {
        var admitted = try recognise(requester, Action.list.rawValue, .vault)
        admitted.draft.action = "list_rotations"
        let known = admitted
        let (prefix, start) = try checked(known) { () throws(VaultError) in
            guard query.limit > 0 else {
                throw VaultError(.invalidField, "a page has 1 to \(VaultLimits.page) keys", field: "limit")
            }
            let start = try query.cursor.map { (text) throws(VaultError) in try TimeOrder.Item(cursor: text) }
            do throws(ResourcePathError) { return (try KeyPrefix(parsing: query.prefix), start) } catch {
                throw VaultError(.invalidField, "\(error)", field: "prefix")
            }
        }
        if !prefix.text.isEmpty { admitted.draft.key = prefix.text }
        try authorise(admitted, .list, .keyPrefix(prefix.text))
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let (set, policies, clocks) = (admitted.policies, admitted.caller.policies, admitted.clocks)
            return collect(admitted, query, after: start) { entry in
                guard prefix.contains(entry.path), entry.summary.deleted == 0, let standing = entry.standing(clocks),
                    query.wants(standing, isPaused: entry.rotation?.policy.paused != nil)
                else { return false }
                return set.decide(policies, .list, .key(entry.path)).allowed
            }
        }
    }

    private func collect(
        _ admitted: Admitted, _ query: RotationQuery, after start: TimeOrder.Item?, _ wanted: (KeyEntry) -> Bool
    ) -> Page<KeyMetadata> {
        let limit = min(query.limit, VaultLimits.page)
        let session = admitted.session
        var page = Page<KeyMetadata>(items: [], cursor: nil)
        var last = start
        var included: TimeOrder.Item?
        while true {
            let items = session.read { guarded in
                query.isAboutTrouble && !admitted.clocks.isHeld
                    ? guarded.index.troubledItems(after: last)
                    : guarded.index.dues.items(after: last, most: 512)
            }
            guard !items.isEmpty else { return page }
            for item in items {
                last = item
                if let before = query.dueBefore, item.time >= before { return page }
                guard let entry = session.key(item.path), wanted(entry) else { continue }
                if page.items.count == limit {
                    page.cursor = included?.cursor
                    return page
                }
                page.items.append(session.shown(entry, admitted.clocks))
                included = item
            }
        }
    }
}

extension RotationQuery {
    /// A paused key is found as paused whatever else it does: what is under way goes on.
    fileprivate func wants(_ standing: RotationStanding, isPaused: Bool) -> Bool {
        standings.isEmpty || standings.contains(standing) || isPaused && standings.contains(.paused)
    }

    /// Whether only those are wanted whose last step did not succeed: they are known without a search.
    fileprivate var isAboutTrouble: Bool { !standings.isEmpty && standings.isSubset(of: [.failing, .held]) }
}

extension Index {
    fileprivate func troubledItems(after last: TimeOrder.Item?) -> [TimeOrder.Item] {
        troubled.compactMap { path in dues[path].map { TimeOrder.Item(time: $0, path: path) } }
            .filter { item in last.map { item > $0 } ?? true }.sorted()
    }
}

extension TimeOrder.Item {
    /// Where a page ended, as a text.
    fileprivate var cursor: String { "\(time)/\(path)" }

    fileprivate init(cursor: String) throws(VaultError) {
        let parts = cursor.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let time = Timestamp(parts[0]), (try? ResourcePath(parsing: String(parts[1]))) != nil
        else { throw VaultError(.invalidField, "give the cursor of the page before", field: "cursor") }
        self.init(time: time, path: String(parts[1]))
    }
}
