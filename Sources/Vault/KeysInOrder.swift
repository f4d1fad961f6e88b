internal import Policy
internal import Rotation

/// All keys as they stood in one moment, to be listed in another order than that of their paths.
///
/// A list that is about when rotations are due looks at those that are due soonest, as long as these are not too many.
struct KeysInOrder: Sendable {
    let sorted: SortedKeys
    /// All that are rotated, trashed ones too; at the end those that are not due by themselves.
    let dues: TimeOrder.Walk
    let table: KeyTable
    /// How many of these are looked at for one page; where that does not do, all keys are.
    var mostDue = 4_096
    /// How many are put aside before they are brought into their order.
    var mostFresh = 4_096

    /// What a page is to begin with, and what it is to be of.
    struct Wanted {
        var order: KeyOrder
        var dueBefore: Timestamp?
        var prefix: KeyPrefix
        var needles: TextNeedles
        /// Whether words are searched for: such a search passes over most keys, but only in the order of their paths.
        var hasWords: Bool
        /// Where the page before ended.
        var start: Ranked?
        /// How many keys.
        var most: Int
    }

    /// The first keys of those that are wanted and that `isShown` says yes to.
    func first(_ wanted: Wanted, _ isShown: (KeyEntry) -> Bool) -> Best {
        if let best = soonest(wanted, isShown) { return best }
        var best = Best(most: wanted.most, mostFresh: mostFresh)
        let isInOrder = wanted.order == .path
        sorted.visit(wanted.prefix, after: isInOrder ? wanted.path(in: 0) : nil, wanted.needles) { entry in
            best.consider(entry, wanted, isInOrder: isInOrder, isShown)
            return !(isInOrder && best.isFull)
        }
        best.settle(isShown)
        return best
    }

    /// The same by way of the order of due times; nil: that is no way to it, or too long a one.
    private func soonest(_ wanted: Wanted, _ isShown: (KeyEntry) -> Bool) -> Best? {
        guard wanted.isAboutDue, !wanted.hasWords else { return nil }
        let isInOrder = wanted.order == .due
        let start = isInOrder ? wanted.start.map { TimeOrder.Item(time: $0.rank, path: $0.path) } : nil
        var best = Best(most: wanted.most, mostFresh: mostFresh)
        var looked = 0
        dues.visit(after: start, before: wanted.dueBefore ?? .max) { item in
            looked += 1
            guard looked <= mostDue else { return false }
            guard item.path.hasPrefix(wanted.prefix.text), let entry = table[item.path],
                wanted.prefix.contains(entry.path), entry.due != nil
            else { return true }
            best.consider(entry, wanted, isInOrder: isInOrder, isShown)
            return !(isInOrder && best.isFull)
        }
        guard looked <= mostDue else { return nil }
        best.settle(isShown)
        guard isInOrder, wanted.dueBefore == nil, !best.isFull else { return best }
        // Then come all that are not due by themselves, trashed ones among them, by their paths.
        sorted.visit(wanted.prefix, after: wanted.path(in: .max), wanted.needles) { entry in
            if (entry.due ?? Timestamp.max) == Timestamp.max { best.consider(entry, wanted, isInOrder: true, isShown) }
            return !best.isFull
        }
        return best
    }
}

extension KeysInOrder.Wanted {
    fileprivate var isAboutDue: Bool { order == .due || dueBefore != nil }

    /// Its place in the list; nil: it is not in it, or was on a page before.
    fileprivate func ranked(_ entry: KeyEntry) -> Ranked? {
        let due = isAboutDue ? entry.due : nil
        if let dueBefore { guard let due, due < dueBefore else { return nil } }
        guard let rank = order.rank(entry, due: due) else { return nil }
        let ranked = Ranked(rank: rank, path: entry.path.text)
        if let start, ranked <= start { return nil }
        return ranked
    }

    /// Behind which path a walk through the keys of one rank begins; nil: with the first.
    fileprivate func path(in rank: Int64) -> String? { start?.rank == rank ? start?.path : nil }
}

/// A key's place in an order.
struct Ranked: Comparable {
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
struct Best {
    let most: Int
    /// Shown, and ascending.
    private var kept: [Ranked] = []
    /// Those that may be among the first; whether they are shown is asked of those alone that come that far.
    private var fresh: [(ranked: Ranked, entry: KeyEntry)] = []
    private let mostFresh: Int
    private var worst: Ranked?

    init(most: Int, mostFresh: Int) {
        self.most = most
        self.mostFresh = mostFresh
    }

    /// Whether there are as many as are wanted: where they come in their order, no other is.
    var isFull: Bool { kept.count >= most }

    /// - Parameter isInOrder: whether each comes after those before.
    mutating func consider(
        _ entry: KeyEntry, _ wanted: KeysInOrder.Wanted, isInOrder: Bool, _ isShown: (KeyEntry) -> Bool
    ) {
        guard let ranked = wanted.ranked(entry), worst.map({ ranked < $0 }) ?? true else { return }
        if isInOrder {
            if isShown(entry) { kept.append(ranked) }
        } else {
            fresh.append((ranked, entry))
            if fresh.count >= mostFresh { settle(isShown) }
        }
    }

    /// Brings what was considered into its order, and drops what is not wanted.
    mutating func settle(_ isShown: (KeyEntry) -> Bool) {
        guard !fresh.isEmpty else { return }
        fresh.sort { $0.ranked < $1.ranked }
        var (best, rest) = ([Ranked](), kept[...])
        for (ranked, entry) in fresh {
            while best.count < most, let next = rest.first, next < ranked {
                best.append(next)
                rest.removeFirst()
            }
            guard best.count < most else { break }
            if isShown(entry) { best.append(ranked) }
        }
        kept = best + rest.prefix(most - best.count)
        fresh = []
        if isFull { worst = kept.last }
    }

    /// The keys that are still there.
    func page<Item: Sendable>(limit: Int, _ item: (String) -> Item?) -> Page<Item> {
        let cursor = kept.count > limit ? kept[limit - 1].cursor : nil
        return Page(items: kept.prefix(limit).compactMap { item($0.path) }, cursor: cursor)
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
