internal import Policy

/// The keys in the order of their paths, in leaves of some hundred. Each leaf knows what certainly is not in it, so that
/// a search passes over most of them without a look at their keys.
///
/// A copy costs nothing: whoever walks takes one, and nobody waits for the lock that guards the original.
struct SortedKeys: Sendable {
    private struct Leaf: Sendable {
        /// Ascending, never empty.
        var entries: [KeyEntry]
        var texts = TextFilter()

        init(_ entries: some Collection<KeyEntry>) {
            self.entries = Array(entries)
            for entry in self.entries { texts.add(entry) }
        }
    }

    private var leaves: [Leaf] = []
    private static let mostInLeaf = 512

    /// Every key, ascending.
    var all: some Sequence<KeyEntry> { leaves.lazy.flatMap(\.entries) }

    /// - Parameter entries: in any order, each path once.
    mutating func load(_ entries: [KeyEntry]) {
        let sorted = ParallelWork.sorted(entries) { $0.path < $1.path }
        let size = Self.mostInLeaf / 2
        leaves = ParallelWork.map((sorted.count + size - 1) / size) { leaf in
            Leaf(sorted[leaf * size..<min((leaf + 1) * size, sorted.count)])
        }
    }

    /// Puts `entry` in the place of what stands at its path.
    mutating func put(_ entry: KeyEntry) {
        guard !leaves.isEmpty else { return leaves.append(Leaf([entry])) }
        var (leaf, offset) = place(of: entry.path.text)
        if leaf == leaves.count {
            leaf -= 1
            offset = leaves[leaf].entries.count
        }
        leaves[leaf].texts.add(entry)
        if offset < leaves[leaf].entries.count, leaves[leaf].entries[offset].path == entry.path {
            leaves[leaf].entries[offset] = entry
            return
        }
        leaves[leaf].entries.insert(entry, at: offset)
        let entries = leaves[leaf].entries
        guard entries.count > Self.mostInLeaf else { return }
        leaves[leaf] = Leaf(entries[..<(entries.count / 2)])
        leaves.insert(Leaf(entries[(entries.count / 2)...]), at: leaf + 1)
    }

    mutating func remove(_ path: String) {
        let (leaf, offset) = place(of: path)
        guard leaf < leaves.count, leaves[leaf].entries[offset].path.text == path else { return }
        leaves[leaf].entries.remove(at: offset)
        if leaves[leaf].entries.isEmpty { leaves.remove(at: leaf) }
    }

    /// Lends `body` the keys at or beneath `prefix` whose paths come after `last`, ascending, until it returns false.
    /// Those that certainly have not all of `needles` may be left out.
    func visit(_ prefix: KeyPrefix, after last: String?, _ needles: TextNeedles, _ body: (KeyEntry) -> Bool) {
        let start = max(last ?? "", prefix.text)
        var (leaf, offset) = place(of: start)
        if leaf < leaves.count, let last, leaves[leaf].entries[offset].path.text == last { offset += 1 }
        while leaf < leaves.count {
            let entries = leaves[leaf].entries
            // What lies beneath `a/b` is not quite contiguous (`a/b-c` comes between): the shared start is.
            if offset < entries.count, !entries[offset].path.text.hasPrefix(prefix.text) { return }
            if leaves[leaf].texts.mayHold(needles) {
                for entry in entries[offset...] {
                    guard entry.path.text.hasPrefix(prefix.text) else { return }
                    if prefix.contains(entry.path), !body(entry) { return }
                }
            }
            (leaf, offset) = (leaf + 1, 0)
        }
    }

    /// The first place whose path is not before `path`; past the last leaf where there is none.
    private func place(of path: String) -> (leaf: Int, offset: Int) {
        let leaf = leaves.partitioned { $0.entries[$0.entries.count - 1].path.text < path }
        return (leaf, leaf < leaves.count ? leaves[leaf].entries.partitioned { $0.path.text < path } : 0)
    }
}

extension Array {
    /// How many elements at its beginning are before what is looked for; they all stand before those that are not.
    fileprivate func partitioned(_ isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
