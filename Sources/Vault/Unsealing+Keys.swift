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
        func take(_ heads: [KeyOpening.Head]) {
            for head in heads {
                if let sum = head.sum { sums.add(sum) }
                if let entry = head.entry { index.load(entry) }
                if let problem = head.damage { damage.append(problem) }
            }
        }
        var batch: [KeyOpening.Row] = []
        try walk(.keyHead) { (row, bytes) in
            batch.append(KeyOpening.Row(id: row, bytes: bytes))
            guard batch.count == KeyOpening.batch else { return }
            opening.begin(batch)
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

    /// What one row came to.
    struct Head: Sendable {
        var sum: SumEntry?
        var entry: KeyEntry?
        var damage: String?
    }

    private struct Batches {
        var begun = 0
        var taken = 0
        /// Those that are opened and not taken, by their numbers.
        var opened: [Int: [Head]] = [:]
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
            let heads = rows.map(open)
            batches.withLock { $0.opened[number] = heads }
            room.signal()
        }
    }

    /// What is opened since this was asked before, as far as nothing that was begun earlier is missing.
    func opened() -> [[Head]] {
        batches.withLock { batches in
            var heads: [[Head]] = []
            while let next = batches.opened.removeValue(forKey: batches.taken) {
                heads.append(next)
                batches.taken += 1
            }
            return heads
        }
    }

    func wait() { group.wait() }

    private func open(_ row: Row) -> Head {
        guard let record = try? SealedRecord(decoding: row.bytes, kind: .keyHead) else {
            return Head(damage: "the head of a key cannot be read (row \(row.id))")
        }
        let sum = keyring.sumEntry(.keyHead, row: row.id, mark: record.mark)
        guard let entry = entry(record, row.id) else {
            return Head(sum: sum, damage: "the head of a key was altered or moved (row \(row.id))")
        }
        return Head(sum: sum, entry: entry)
    }

    private func entry(_ record: SealedRecord, _ row: RowID) -> KeyEntry? {
        guard let opened = try? keyring.open(record, kind: .keyHead, row: row),
            let head = try? opened.withBytes({ (bytes) throws(SealingError) in try StoredKeyHead(decoding: bytes) }),
            let path = try? ResourcePath(parsing: head.path), let id = Bytes16(head.keyID),
            keyring.rowID(.keyHead, name: head.path) == row
        else { return nil }
        return KeyEntry(
            path: path, place: KeyPlace(KeyID(id), path: head.path), row: row, head: head, opened: opened,
            mark: record.mark,
            usage: UsageMark(
                time: Timestamp(head.lastUsed), by: head.lastUsedBy,
                consumers: head.hasRotation ? ConsumerBook(head.rotationState.consumers) : nil))
    }
}
