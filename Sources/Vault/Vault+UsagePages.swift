internal import Audit
internal import FoundationEssentials
internal import Policy
internal import Sealing
internal import SecretMemory
internal import Storage
internal import Usage

extension Vault {
    /// Lines of the audit log that are read at most to count what was not saved: the latest ones.
    static let linesCountedAgain: UInt64 = 1_000_000

    /// Reads the counters that were saved, and counts the lines that came after them.
    func openUsage(_ open: Open) {
        var (book, lost) = savedUsage(open.session)
        let head = environment.audit.head.sequence
        // Another log, or one that lost its end: its lines have numbers that were counted before.
        if book.lines.upTo > head { book.restart(after: head) }
        countTail(&book, open.session)
        trail.usage.open(book) { countTail(&$0, open.session) }
        if lost > 0 { trail.event(.usageLost, code: .storeDamaged) }
    }

    private func countTail(_ book: inout UsageBook, _ session: Session) {
        let head = environment.audit.head.sequence
        guard head > book.lines.upTo else { return }
        if let log = environment.auditLog {
            let first = max(book.lines.upTo + 1, head - min(head - 1, Self.linesCountedAgain))
            var counted = book
            // What cannot be read is not counted; the log's own checks say so.
            try? log.forEach(from: first) { record in
                session.countConsumer(record)
                if let event = UsageEvent(record, lineage: { session.issued($0)?.stored.lineage }) {
                    counted.count(event, line: record.sequence)
                } else {
                    counted.pass(line: record.sequence)
                }
                return record.sequence < head
            }
            book = counted
        }
        book.skip(to: head)
    }

    /// What stands in the store, and how many pages of it cannot be read.
    private func savedUsage(_ session: Session) -> (UsageBook, lost: Int) {
        var book = UsageBook()
        var lost = 0
        var upTo: UInt64 = 0
        var first: (bytes: [UInt8], upTo: UInt64)?
        let range = RecordPlace.storeKeys(of: .usage)
        let keyring = session.keyring
        try? environment.store.scan(from: RecordKey(range.first), through: RecordKey(range.last)) {
            (key, bytes) throws(StorageError) in
            guard let page = Self.openPage(key, bytes.array, keyring) else {
                lost += 1
                return true
            }
            upTo = max(upTo, page.auditSequence)
            if page.number == 0 {
                first = (Array(page.counters), page.auditSequence)
            } else if !book.load(Array(page.counters)) {
                lost += 1
            }
            return true
        }
        let lines = first.flatMap { UsageBook.lines($0.bytes, upTo: $0.upTo) } ?? CountedLines(upTo: upTo)
        book.resume(lines)
        book.prune(now: now(session))
        return (book, lost)
    }

    static func openPage(_ key: RecordKey, _ bytes: [UInt8], _ keyring: Keyring) -> Records.UsagePage? {
        guard let place = RecordPlace(storeKey: key.bytes),
            let record = try? SealedRecord(decoding: bytes, kind: .usage),
            let page = try? keyring.open(Records.UsagePage.self, record, row: place.row),
            place.row == keyring.usageRow(page.number)
        else { return nil }
        return page
    }
}

extension Keyring {
    /// The row of a page of usage, by its number.
    func usageRow(_ number: UInt32) -> RowID {
        rowID(.usage, name: (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) })
    }
}

extension Staging {
    /// Writes one page of counters.
    ///
    /// - Parameter line: the lines of the audit log that are counted in it.
    mutating func put(_ page: UsageBook.Page, upTo line: UInt64) throws(VaultError) {
        var record = Records.UsagePage()
        record.number = UInt32(page.number)
        record.auditSequence = line
        record.saved = UInt64(now)
        record.counters = Data(page.bytes)
        try put(record)
    }

    /// Seals every page of counters again by the current data key; drops those that do not open.
    ///
    /// - Returns: how many.
    mutating func resealUsage() throws(VaultError) -> Int {
        let range = RecordPlace.storeKeys(of: .usage)
        let keyring = keyring
        var found: [(RecordKey, Records.UsagePage?)] = []
        do throws(StorageError) {
            try children.store.scan(from: RecordKey(range.first), through: RecordKey(range.last)) {
                (key, bytes) throws(StorageError) in
                found.append((key, Vault.openPage(key, bytes.array, keyring)))
                return true
            }
        } catch {
            throw VaultError(storage: error)
        }
        for (key, page) in found {
            if let page {
                try put(page)
            } else if let place = RecordPlace(storeKey: key.bytes) {
                delete(.usage, place.row)
            }
        }
        return found.count
    }

    private mutating func put(_ page: Records.UsagePage) throws(VaultError) {
        let row = keyring.usageRow(page.number)
        put(.usage, row, try sealed(page, row: row).bytes)
    }
}
