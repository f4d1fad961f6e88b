internal import Policy

/// In what order keys are listed; those that have no such time come last, and are left out where the time is what a list
/// is of.
package enum KeyOrder: String, Sendable, CaseIterable {
    case path
    /// The next rotation first.
    case due
    /// What expires first; keys that do not are left out.
    case expires
    /// The newest first; what was changed last first.
    case created, updated
    /// What was read longest ago, or never, first.
    case used
}

extension Vault {
    /// A page of the keys that the caller may list, in another order than that of their paths, or of those alone whose
    /// rotation is due before a moment.
    ///
    /// By when they are due, and where only what is due before a moment is wanted, up to some thousand of those that
    /// are due soonest are looked at, and nothing else where the page is complete with them. Where it is not, where
    /// words are searched for, and in every other order, all keys are looked at; by their paths, those up to the end of
    /// the page.
    ///
    /// - Throws: ``VaultError``: `refused` where the caller may list nothing beneath the prefix, `invalid_field`.
    package func list(
        _ requester: Requester, _ query: KeyQuery, by order: KeyOrder, dueBefore: Timestamp? = nil
    ) throws(VaultError) -> Page<KeyMetadata> {
        if order == .path, dueBefore == nil { return try list(requester, query) }
        var (admitted, prefix) = try admitToList(requester, query)
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let start = try query.cursor.map { (text) throws(VaultError) in try Ranked(cursor: text) }
            let (set, policies, session) = (admitted.policies, admitted.caller.policies, admitted.session)
            let (search, now) = (KeySearch(query, prefix: prefix), admitted.now)
            let limit = min(query.limit, VaultLimits.page)
            let keys = session.read {
                KeysInOrder(sorted: $0.index.sorted, dues: $0.index.dues.walk, table: $0.index.keys)
            }
            let wanted = KeysInOrder.Wanted(
                order: order, dueBefore: dueBefore, prefix: prefix, needles: search.needles,
                hasWords: !query.words.isEmpty, start: start, most: limit + 1)
            let best = keys.first(wanted) { entry in
                search.admits(entry, at: now) && set.decide(policies, .list, .key(entry.path)).allowed
            }
            return best.page(limit: limit) { path in
                session.key(path).map { session.shown($0, admitted.clocks) }
            }
        }
    }
}
