/// Paths in the order of a moment that each has; quick to change however many there are.
struct TimeOrder: Sendable {
    struct Item: Sendable, Comparable {
        var time: Timestamp
        var path: String

        static func < (a: Item, b: Item) -> Bool { a.time == b.time ? a.path < b.path : a.time < b.time }
    }

    /// Ascending, none of them empty.
    private var chunks: [[Item]] = []
    private var times: [String: Timestamp] = [:]
    private static let mostInChunk = 512

    var count: Int { times.count }
    var first: Item? { chunks.first?.first }

    var paths: some Collection<String> { times.keys }

    subscript(path: String) -> Timestamp? { times[path] }

    /// - Parameter items: each path once.
    mutating func load(_ items: [Item]) {
        times = Dictionary(uniqueKeysWithValues: items.map { ($0.path, $0.time) })
        let sorted = items.sorted()
        chunks = stride(from: 0, to: sorted.count, by: Self.mostInChunk / 2).map {
            Array(sorted[$0..<min($0 + Self.mostInChunk / 2, sorted.count)])
        }
    }

    /// Gives `path` a moment in the place of the one that it had; nil: none.
    mutating func set(_ path: String, _ time: Timestamp?) {
        let before = times[path]
        guard before != time else { return }
        if let before { remove(Item(time: before, path: path)) }
        times[path] = time
        if let time { insert(Item(time: time, path: path)) }
    }

    /// The paths whose moment is not after `time`, the first first; they have none from then on.
    mutating func take(upTo time: Timestamp, most: Int) -> [String] {
        var taken: [String] = []
        while taken.count < most, let item = first, item.time <= time {
            taken.append(item.path)
            set(item.path, nil)
        }
        return taken
    }

    /// Up to `most` of those that come after `item`, ascending.
    func items(after item: Item?, most: Int) -> [Item] {
        var found: [Item] = []
        var place = item.map { chunks.place(of: $0) } ?? 0
        while place < chunks.count, found.count < most {
            for candidate in chunks[place] where found.count < most {
                if let item, candidate <= item { continue }
                found.append(candidate)
            }
            place += 1
        }
        return found
    }

    /// Those whose moment is before `time`.
    func paths(before time: Timestamp) -> [String] {
        var found: [String] = []
        for chunk in chunks {
            for item in chunk {
                if item.time >= time { return found }
                found.append(item.path)
            }
        }
        return found
    }

    /// All as they stand now. It costs nothing: whoever walks takes one, and nobody waits for the lock that guards the
    /// original.
    var walk: Walk { Walk(chunks: chunks) }

    /// The paths in the order of their moments, as they stood in one moment.
    struct Walk: Sendable {
        fileprivate let chunks: [[Item]]

        /// Lends `body` those that come after `item` and whose moment is before `time`, ascending, until it returns
        /// false.
        func visit(after item: Item?, before time: Timestamp, _ body: (Item) -> Bool) {
            var place = item.map { chunks.place(of: $0) } ?? 0
            while place < chunks.count {
                for candidate in chunks[place] {
                    if let item, candidate <= item { continue }
                    guard candidate.time < time, body(candidate) else { return }
                }
                place += 1
            }
        }
    }

    private func place(of item: Item, in chunk: Int) -> Int {
        var (low, high) = (0, chunks[chunk].count)
        while low < high {
            let middle = (low + high) / 2
            if chunks[chunk][middle] < item { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func insert(_ item: Item) {
        guard !chunks.isEmpty else { return chunks.append([item]) }
        let chunk = min(chunks.place(of: item), chunks.count - 1)
        chunks[chunk].insert(item, at: place(of: item, in: chunk))
        guard chunks[chunk].count > Self.mostInChunk else { return }
        let half = Array(chunks[chunk][(Self.mostInChunk / 2)...])
        chunks[chunk].removeLast(half.count)
        chunks.insert(half, at: chunk + 1)
    }

    private mutating func remove(_ item: Item) {
        let chunk = chunks.place(of: item)
        guard chunk < chunks.count else { return }
        let place = place(of: item, in: chunk)
        guard place < chunks[chunk].count, chunks[chunk][place] == item else { return }
        chunks[chunk].remove(at: place)
        if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
    }
}

extension [[TimeOrder.Item]] {
    /// The first chunk whose last item is not before `item`; past the end where there is none.
    fileprivate func place(of item: TimeOrder.Item) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if let last = self[middle].last, last < item { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
