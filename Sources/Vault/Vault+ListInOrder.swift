internal import Policy
internal import Rotation
internal import Sealing

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
    /// rotation is due before a moment. All keys are looked at.
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
            let search = KeySearch(query, prefix: prefix)
            var best = Best(most: min(query.limit, VaultLimits.page) + 1)
            session.sortedKeys.visit(prefix, after: nil, search.needles) { entry in
                let due = order == .due || dueBefore != nil ? entry.due : nil
                if let dueBefore { guard let due, due < dueBefore else { return true } }
                guard let rank = order.rank(entry, due: due) else { return true }
                let ranked = Ranked(rank: rank, path: entry.path.text)
                if let start, ranked <= start { return true }
                if best.isWanted(ranked), search.admits(entry, at: admitted.now),
                    set.decide(policies, .list, .key(entry.path)).allowed
                {
                    best.add(ranked)
                }
                return true
            }
            return best.page(limit: min(query.limit, VaultLimits.page)) { path in
                session.key(path).map { session.shown($0, admitted.clocks) }
            }
        }
    }
}

/// A key's place in an order.
private struct Ranked: Comparable {
    var rank: Int64
    var path: String

    init(rank: Int64, path: String) {
        self.rank = rank
        self.path = path
    }

    init(cursor: String) throws(VaultError) {
        let parts = cursor.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let rank = Int64(parts[0]), (try? ResourcePath(parsing: String(parts[1]))) != nil else {
            throw VaultError(.invalidField, "give the cursor of the page before", field: "cursor")
        }
        self.init(rank: rank, path: String(parts[1]))
    }

    var cursor: String { "\(rank)/\(path)" }

    static func < (a: Ranked, b: Ranked) -> Bool { (a.rank, a.path) < (b.rank, b.path) }
}

/// The first of many, of which only so many are kept.
private struct Best {
    let most: Int
    private var kept: [Ranked] = []
    private var worst: Ranked?

    init(most: Int) { self.most = most }

    func isWanted(_ one: Ranked) -> Bool { worst.map { one < $0 } ?? true }

    mutating func add(_ one: Ranked) {
        kept.append(one)
        if kept.count >= most * 4 { cut() }
    }

    private mutating func cut() {
        kept.sort()
        kept.removeLast(max(0, kept.count - most))
        if kept.count == most { worst = kept.last }
    }

    /// The keys that are still there.
    func page(limit: Int, _ item: (String) -> KeyMetadata?) -> Page<KeyMetadata> {
        let sorted = kept.sorted()
        let cursor = sorted.count > limit ? sorted[limit - 1].cursor : nil
        return Page(items: sorted.prefix(limit).compactMap { item($0.path) }, cursor: cursor)
    }
}

extension KeyOrder {
    /// Lower comes first; nil: not in this list.
    fileprivate func rank(_ entry: KeyEntry, due: Timestamp?) -> Int64? {
        switch self {
        case .path: 0
        case .due: due ?? .max
        case .expires: entry.summary.expires == 0 ? nil : Timestamp(entry.summary.expires)
        case .created: -Timestamp(entry.summary.created)
        case .updated: -Timestamp(entry.summary.updated)
        case .used: entry.usage.value.time
        }
    }
}

extension KeyEntry {
    /// When its next rotation is due; nil: not by itself.
    fileprivate var due: Timestamp? { summary.deleted == 0 ? rotation?.state.due : nil }
}
