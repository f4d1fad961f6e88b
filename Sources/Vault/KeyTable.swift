internal import Policy

/// The keys by their paths: in parts, so that none of them takes long to grow. A key's place holds nothing but the
/// reference to it (open addressing with linear probing), since there may be a million.
struct KeyTable: Sendable {
    private var parts = [Part](repeating: Part(), count: 256)
    private(set) var count = 0

    subscript(path: String) -> KeyEntry? {
        let hash = path.hashValue
        return parts[Self.part(of: hash)].entry(path, hash)
    }

    /// - Returns: what stood at the path before.
    @discardableResult
    mutating func set(_ path: String, _ entry: KeyEntry?) -> KeyEntry? {
        let hash = path.hashValue
        let before: KeyEntry?
        if let entry {
            before = parts[Self.part(of: hash)].put(entry, path, hash)
        } else {
            before = parts[Self.part(of: hash)].remove(path, hash)
        }
        count += (entry == nil ? 0 : 1) - (before == nil ? 0 : 1)
        return before
    }

    private static func part(of hash: Int) -> Int { hash & 255 }

    private struct Part: Sendable {
        /// A power of two of them, or none; at most three quarters are taken.
        private var slots: [KeyEntry?] = []
        private var taken = 0

        /// Where the search for a path of this hash begins.
        private func home(_ hash: Int) -> Int { Int(UInt(bitPattern: hash) >> 8) & (slots.count - 1) }

        /// Where the key at `path` is; otherwise the free place where it would be.
        private func place(of path: String, _ hash: Int) -> Int {
            var place = home(hash)
            while let entry = slots[place], entry.path.text != path { place = (place + 1) & (slots.count - 1) }
            return place
        }

        func entry(_ path: String, _ hash: Int) -> KeyEntry? {
            slots.isEmpty ? nil : slots[place(of: path, hash)]
        }

        mutating func put(_ entry: KeyEntry, _ path: String, _ hash: Int) -> KeyEntry? {
            if 4 * (taken + 1) > 3 * slots.count { grow() }
            let place = place(of: path, hash)
            let before = slots[place]
            slots[place] = entry
            if before == nil { taken += 1 }
            return before
        }

        mutating func remove(_ path: String, _ hash: Int) -> KeyEntry? {
            guard !slots.isEmpty else { return nil }
            var free = place(of: path, hash)
            guard let before = slots[free] else { return nil }
            slots[free] = nil
            taken -= 1
            // Whatever comes after it, up to a gap, moves back where its search would otherwise end too early.
            var next = (free + 1) & (slots.count - 1)
            while let entry = slots[next] {
                let home = home(entry.path.text.hashValue)
                if (next - home) & (slots.count - 1) >= (next - free) & (slots.count - 1) {
                    slots[free] = entry
                    slots[next] = nil
                    free = next
                }
                next = (next + 1) & (slots.count - 1)
            }
            return before
        }

        private mutating func grow() {
            let old = slots
            slots = [KeyEntry?](repeating: nil, count: max(8, old.count * 2))
            for case let entry? in old { slots[place(of: entry.path.text, entry.path.text.hashValue)] = entry }
        }
    }
}
