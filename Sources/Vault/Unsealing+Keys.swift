internal import Dispatch
internal import Policy
internal import SecretMemory
internal import Sealing
internal import Synchronization

extension Unsealing {
    /// Reads the heads of all keys and opens them on every processor, in the order of their rows.
    func openKeys(
        _ keyring: Keyring, _ index: inout Index, _ sums: inout IntegritySums, _ damage: inout [String]
    ) throws(VaultError) {
        let opening = KeyOpening(keyring)
        func take(_ heads: KeyOpening.Heads) {
            for sum in heads.sums { sums.add(sum) }
            for entry in heads.entries { index.load(entry) }
            damage += heads.damage
        }
        var batch: [KeyOpening.Row] = []
        try walk(.keyHead) { (row, bytes) in
            batch.append(KeyOpening.Row(id: row, bytes: bytes))
            guard batch.count == KeyOpening.batch else { return }
            opening.begin(batch)
            progress.reached(row)
            batch = []
            opening.opened().forEach(take)
        }
        opening.begin(batch)
        opening.wait()
        opening.opened().forEach(take)
    }
}

/// Opens the heads of keys, a batch at a time on whatever processors there are, while more of them are read.
private final class KeyOpening: Sendable {
    static let batch = 2048

    struct Row: Sendable {
        var id: RowID
        var bytes: [UInt8]
    }

    /// What the rows of a batch came to.
    struct Heads: Sendable {
        var sums: [SumEntry] = []
        /// In the order of their paths, which saves work when all are brought into it.
        var entries: [KeyEntry] = []
        var damage: [String] = []
    }

    private struct Batches {
        var begun = 0
        var taken = 0
        /// Those that are opened and not taken, by their numbers.
        var opened: [Int: Heads] = [:]
    }

    private let keyring: Keyring
    private let queue = DispatchQueue(label: "keyturn.unseal", attributes: .concurrent)
    private let group = DispatchGroup()
    /// Bounds how far the reading runs ahead.
    private let room = DispatchSemaphore(value: 8)
    private let batches = Mutex(Batches())

    init(_ keyring: Keyring) { self.keyring = keyring }

    func begin(_ rows: [Row]) {
        room.wait()
        let number = batches.withLock { batches in
            batches.begun += 1
            return batches.begun - 1
        }
        queue.async(group: group) { [self] in
            let heads = open(rows)
            batches.withLock { $0.opened[number] = heads }
            room.signal()
        }
    }

    /// What is opened since this was asked before, as far as nothing that was begun earlier is missing.
    func opened() -> [Heads] {
        batches.withLock { batches in
            var heads: [Heads] = []
            while let next = batches.opened.removeValue(forKey: batches.taken) {
                heads.append(next)
                batches.taken += 1
            }
            return heads
        }
    }

    func wait() { group.wait() }

    private func open(_ rows: [Row]) -> Heads {
        var heads = Heads()
        heads.sums.reserveCapacity(rows.count)
        heads.entries.reserveCapacity(rows.count)
        for row in rows {
            guard let record = try? SealedRecord(decoding: row.bytes, kind: .keyHead) else {
                heads.damage.append("the head of a key cannot be read (row \(row.id))")
                continue
            }
            heads.sums.append(keyring.sumEntry(.keyHead, row: row.id, mark: record.mark))
            if let entry = entry(record, row.id) {
                heads.entries.append(entry)
            } else {
                heads.damage.append("the head of a key was altered or moved (row \(row.id))")
            }
        }
        heads.entries.sort { $0.path < $1.path }
        return heads
    }

    private func entry(_ record: SealedRecord, _ row: RowID) -> KeyEntry? {
        guard let opened = try? keyring.open(record, kind: .keyHead, row: row),
            let outline = opened.withBytes({ KeyHeadOutline($0) }),
            keyring.rowID(.keyHead, name: outline.path.text) == row
        else { return nil }
        var (rotation, consumers): (KeyRotation?, ConsumerBook?) = (nil, nil)
        if outline.hasRotation {
            guard
                let head = try? opened.withBytes({ (bytes) throws(SealingError) in try StoredKeyHead(decoding: bytes) })
            else { return nil }
            rotation = KeyRotation(head)
            consumers = ConsumerBook(head.rotationState.consumers)
        }
        return KeyEntry(
            path: outline.path, keyID: outline.keyID, summary: outline.summary, rotation: rotation, opened: opened,
            mark: record.mark,
            usage: UsageMark(time: outline.lastUsed, by: outline.lastUsedBy, consumers: consumers))
    }
}
