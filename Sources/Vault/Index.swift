internal import IssuedKeys
internal import Policy
internal import Sealing
internal import Storage

/// The opened heads of everything in the vault.
struct Index {
    private(set) var keys: [String: KeyEntry] = [:]
    /// The paths of `keys`, ascending.
    private(set) var paths: [String] = []
    private(set) var issued: [IssuedKeyNumber: IssuedEntry] = [:]
    /// The keys that were brought in, by what they are found by.
    private(set) var imported: [KeptHash: IssuedKeyNumber] = [:]
    /// The issuers but the built-in one, by name.
    private(set) var issuers: [String: IssuerEntry] = [:]
    /// Their names, by the prefix of their keys.
    private(set) var prefixes: [String: String] = [AccessKeys.prefix: AccessKeys.issuer]
    /// The keys of each issuer, by its name.
    private(set) var issuedBy: [String: IssuedNumbers] = [:]
    private(set) var leases: [IssuedKeyNumber: LeaseEntry] = [:]

    /// Adds what an unseal found; `finish()` follows.
    mutating func load(_ entry: KeyEntry) { keys[entry.path.text] = entry }
    mutating func load(_ entry: IssuedEntry) { replace(issued: entry.number, with: entry) }
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

    mutating func replace(issued number: IssuedKeyNumber, with entry: IssuedEntry?) {
        let before = issued[number]
        issued[number] = entry
        switch (before, entry) {
        case (nil, let entry?):
            issuedBy[entry.stored.issuer, default: IssuedNumbers()].insert(number)
            if entry.isImported { imported[entry.hash] = number }
        case (let before?, nil):
            issuedBy[before.stored.issuer]?.remove(number)
            if before.isImported { imported[before.hash] = nil }
        default: break
        }
    }

    mutating func replace(issuer name: String, with entry: IssuerEntry?) {
        if let before = issuers[name] { prefixes[before.stored.prefix] = nil }
        issuers[name] = entry
        if let entry { prefixes[entry.stored.prefix] = name } else { issuedBy[name] = nil }
    }

    mutating func replace(lease number: IssuedKeyNumber, with entry: LeaseEntry?) { leases[number] = entry }

    /// The name of the issuer whose keys have this prefix.
    func issuer(prefix: String) -> String? { prefixes[prefix] }

    func issuer(_ name: String) -> IssuerEntry? { name == AccessKeys.issuer ? .accessKeys : issuers[name] }

    /// The key that a presented text may be: by its id, or by its hash where it was brought in.
    ///
    /// Both are looked up whatever is found, so that an id that is there takes no other time than one that is not.
    func issued(_ number: IssuedKeyNumber?, or hash: KeptHash) -> IssuedEntry? {
        let named = number.flatMap { issued[$0] }
        let broughtIn = imported[hash].flatMap { issued[$0] }
        if let named, !named.isImported { return named }
        return broughtIn
    }

    /// The ids of an issuer's keys, ascending.
    mutating func ids(of issuer: String) -> [IssuedKeyNumber] { issuedBy[issuer]?.sorted() ?? [] }

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

/// The ids of one issuer's keys. New ones are put aside and sorted in when somebody lists them or there are many.
struct IssuedNumbers: Sendable {
    private var sortedPart: [IssuedKeyNumber] = []
    private var aside: [IssuedKeyNumber] = []

    var count: Int { sortedPart.count + aside.count }

    mutating func insert(_ number: IssuedKeyNumber) {
        aside.append(number)
        if aside.count > max(1024, sortedPart.count) { _ = sorted() }
    }

    mutating func remove(_ number: IssuedKeyNumber) {
        sortedPart.removeAll { $0 == number }
        aside.removeAll { $0 == number }
    }

    mutating func sorted() -> [IssuedKeyNumber] {
        guard !aside.isEmpty else { return sortedPart }
        aside.sort()
        var merged: [IssuedKeyNumber] = []
        merged.reserveCapacity(count)
        var place = 0
        for number in sortedPart {
            while place < aside.count, aside[place] < number {
                merged.append(aside[place])
                place += 1
            }
            merged.append(number)
        }
        merged.append(contentsOf: aside[place...])
        sortedPart = merged
        aside = []
        return sortedPart
    }
}

extension RecordKey {
    /// Where the record of a kind and row stands in the store.
    init(_ kind: RecordKind, _ row: RowID) { self.init(RecordPlace(kind, row).storeKey) }
}
