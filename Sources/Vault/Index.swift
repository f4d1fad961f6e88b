internal import IssuedKeys
internal import Policy
internal import Rotation
internal import Sealing
internal import Storage

/// The opened heads of everything in the vault.
struct Index {
    private(set) var keys = KeyTable()
    /// The same in the order of their paths.
    private(set) var sorted = SortedKeys()
    /// Keys that `finish()` brings into their order.
    private var loaded: [KeyEntry] = []
    private(set) var issued: [IssuedKeyNumber: IssuedEntry] = [:]
    /// The same by what they are kept as: how a key that is presented is found.
    private var byHash: [KeptHash: IssuedEntry] = [:]
    /// The ids of those that were brought in, by issuer, in the order in which they came.
    private(set) var importedBy: [String: [IssuedKeyNumber]] = [:]
    /// Issued keys that rotations made, by the beginning of the id of the key that is rotated.
    private var madeFor: [Substring: Set<IssuedKeyNumber>] = [:]
    /// The issuers but the built-in one, by name.
    private(set) var issuers: [String: IssuerEntry] = [:]
    /// Their names, by the prefix of their keys.
    private(set) var prefixes: [String: String] = [
        AccessKeys.prefix: AccessKeys.issuer, Enrolments.prefix: AccessKeys.issuer,
    ]
    /// The keys of each issuer, by its name.
    private(set) var issuedBy: [String: IssuedNumbers] = [:]
    private(set) var leases: [IssuedKeyNumber: LeaseEntry] = [:]
    /// Keys whose rotation can go on by itself, by when.
    var wakes = TimeOrder()
    /// Every key that is rotated, by when it is due; last those that never are by themselves.
    private(set) var dues = TimeOrder()
    /// Those of them whose last step did not succeed, or that a person has to look at.
    private(set) var troubled: Set<String> = []
    /// Keys of which somebody is to be told something once time has come: that they expire, or are overdue.
    var watches = TimeOrder()
    /// Up to when that was told.
    var watched: Timestamp = 0
    private(set) var enrolments: [IssuedKeyNumber: EnrolmentEntry] = [:]

    /// Adds what an unseal found; `finish()` follows.
    mutating func load(_ entry: KeyEntry) {
        if keys.set(entry.path.text, entry) == nil { loaded.append(entry) }
    }
    mutating func load(_ entry: IssuedEntry) { replace(issued: entry.number, with: entry) }
    /// - Parameter watched: up to when people were told what time alone brings.
    mutating func finish(watched: Timestamp) {
        sorted.load(loaded)
        self.watched = watched
        var (wakes, dues, watches): ([TimeOrder.Item], [TimeOrder.Item], [TimeOrder.Item]) = ([], [], [])
        for entry in loaded {
            let path = entry.path.text
            if let time = entry.watch(after: watched) { watches.append(TimeOrder.Item(time: time, path: path)) }
            guard let rotation = entry.rotation else { continue }
            dues.append(TimeOrder.Item(time: rotation.state.due ?? .max, path: path))
            if rotation.isTroubled { troubled.insert(path) }
            guard let wake = rotation.earliest(isDormant: entry.summary.deleted != 0) else { continue }
            wakes.append(TimeOrder.Item(time: wake, path: path))
        }
        loaded = []
        self.wakes.load(wakes)
        self.dues.load(dues)
        self.watches.load(watches)
    }

    /// After an unclean end: whoever fetched what is honoured now may not be known, where somebody waits for them.
    func doubtConsumers(at now: Timestamp) {
        for path in dues.paths {
            guard let entry = keys[path], case .whenAcknowledged? = entry.rotation?.policy.retirement else { continue }
            entry.usage.changeConsumers { book in
                for version in [entry.summary.current, entry.summary.previous] where version != 0 {
                    book?.mayHaveBeenFetched(version, at: now)
                }
            }
        }
    }

    private mutating func reorder(_ path: String, _ entry: KeyEntry?) {
        let rotation = entry?.rotation
        watches.set(path, entry?.watch(after: watched))
        guard rotation != nil || dues[path] != nil else { return }
        dues.set(path, rotation.map { $0.state.due ?? .max })
        wakes.set(path, rotation?.earliest(isDormant: entry?.summary.deleted != 0))
        if rotation?.isTroubled == true { troubled.insert(path) } else { troubled.remove(path) }
    }

    mutating func replace(path: String, with entry: KeyEntry?) {
        keys.set(path, entry)
        if let entry { sorted.put(entry) } else { sorted.remove(path) }
        reorder(path, entry)
    }

    mutating func replace(issued number: IssuedKeyNumber, with entry: IssuedEntry?) {
        let before = issued[number]
        issued[number] = entry
        // A hash that another id has by now stays that one's.
        if let before, before.hash != entry?.hash, byHash[before.hash]?.number == number { byHash[before.hash] = nil }
        if let entry { byHash[entry.hash] = entry }
        switch (before, entry) {
        case (nil, let entry?):
            issuedBy[entry.stored.issuer, default: IssuedNumbers()].insert(number)
            if entry.isImported { importedBy[entry.stored.issuer, default: []].append(number) }
            if let key = entry.madeFor { madeFor[key, default: []].insert(number) }
        case (let before?, nil):
            issuedBy[before.stored.issuer]?.remove(number)
            if before.isImported { importedBy[before.stored.issuer]?.removeAll { $0 == number } }
            if let key = before.madeFor { madeFor[key]?.remove(number) }
        default: break
        }
    }

    mutating func replace(issuer name: String, with entry: IssuerEntry?) {
        if let before = issuers[name] { prefixes[before.stored.prefix] = nil }
        issuers[name] = entry
        guard let entry else {
            // All at once, before its keys go one by one.
            issuedBy[name] = nil
            importedBy[name] = nil
            return
        }
        prefixes[entry.stored.prefix] = name
    }

    mutating func replace(lease number: IssuedKeyNumber, with entry: LeaseEntry?) { leases[number] = entry }

    mutating func replace(enrolment number: IssuedKeyNumber, with entry: EnrolmentEntry?) { enrolments[number] = entry }

    /// The name of the issuer whose keys have this prefix.
    func issuer(prefix: String) -> String? { prefixes[prefix] }

    func issuer(_ name: String) -> IssuerEntry? { name == AccessKeys.issuer ? .accessKeys : issuers[name] }

    /// The key that is kept as `hash`.
    func issued(keptAs hash: KeptHash) -> IssuedEntry? { byHash[hash] }

    /// Issued keys that the rotation of a key made.
    func made(for keyID: String) -> Set<IssuedKeyNumber> { madeFor[keyID.prefix(16)] ?? [] }

    /// The ids of an issuer's keys, ascending.
    mutating func ids(of issuer: String) -> [IssuedKeyNumber] { issuedBy[issuer]?.sorted() ?? [] }
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
