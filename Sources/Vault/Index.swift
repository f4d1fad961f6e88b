internal import Policy
internal import Sealing
internal import Storage

/// The opened heads of everything in the vault.
struct Index {
    private(set) var keys: [String: KeyEntry] = [:]
    /// The paths of `keys`, ascending.
    private(set) var paths: [String] = []
    private(set) var issued: [String: IssuedEntry] = [:]

    /// Adds what an unseal found; `finish()` follows.
    mutating func load(_ entry: KeyEntry) { keys[entry.path.text] = entry }
    mutating func load(_ entry: IssuedEntry) { issued[entry.stored.id] = entry }
    mutating func finish() { paths = keys.keys.sorted() }

    mutating func replace(path: String, with entry: KeyEntry?) {
        let place = position(of: path)
        let present = place < paths.count && paths[place] == path
        if let entry {
            keys[path] = entry
            if !present { paths.insert(path, at: place) }
        } else {
            keys[path] = nil
            if present { paths.remove(at: place) }
        }
    }

    mutating func replace(issued id: String, with entry: IssuedEntry?) { issued[id] = entry }

    /// The first place whose path is not before `path`.
    func position(of path: String) -> Int {
        var low = 0
        var high = paths.count
        while low < high {
            let middle = (low + high) / 2
            if paths[middle] < path { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension RecordKey {
    /// Where the record of a kind and row stands in the store.
    init(_ kind: RecordKind, _ row: RowID) { self.init(RecordPlace(kind, row).storeKey) }
}
