internal import IssuedKeys
internal import Sealing

/// What an unseal has to know of the limits before.
struct LimitsBefore {
    /// The wall clock.
    var now: Timestamp
    /// A clock that never goes back, and what it read when issued keys could be used last.
    var steady: @Sendable () -> Int64
    var usedUntil: Int64

    /// The clock of the limits: the later of the wall clock and the vault's own mark, from now on.
    func clock(notBefore mark: Timestamp) -> LimitClock { LimitClock(startingAt: max(now, mark), steady) }
}

extension Unsealing {
    /// Reads and opens issuers, leases, issued keys and enrolment codes, in that order.
    func openIssuers(
        _ keyring: Keyring, _ clock: LimitClock, _ index: inout Index, _ sums: inout IntegritySums,
        _ damage: inout [String]
    ) throws(VaultError) {
        try open(.issuer, "an issuer", keyring, &sums, &damage) { (record, row) in
            guard let stored = try? keyring.open(StoredIssuer.self, record, row: row),
                keyring.rowID(.issuer, name: stored.name) == row
            else { return false }
            index.replace(issuer: stored.name, with: IssuerEntry(row: row, stored: stored, mark: record.mark))
            return true
        }
        try open(.lease, "the used allowance of an issued key", keyring, &sums, &damage) { (record, row) in
            guard let stored = try? keyring.open(Records.Lease.self, record, row: row),
                keyring.rowID(.lease, name: stored.issuedKey) == row,
                let number = IssuedKeyNumber(stored.issuedKey)
            else { return false }
            index.replace(lease: number, with: LeaseEntry(row: row, stored: stored, mark: record.mark))
            return true
        }
        var meters = LoadedMeters(clock: clock, usedUntil: clock.time(atSteady: limits.usedUntil))
        try open(.issuedKey, "an issued key", keyring, &sums, &damage) { (record, row) in
            guard let stored = try? keyring.open(StoredIssuedKey.self, record, row: row),
                keyring.rowID(.issuedKey, name: stored.id) == row,
                let meter = meters.meter(of: stored, index),
                let entry = IssuedEntry(
                    row: row, stored: stored, mark: record.mark,
                    usage: UsageMark(time: Timestamp(stored.lastUsed), by: stored.lastUsedFrom), meter: meter.value)
            else { return false }
            index.load(entry)
            return true
        }
        meters.share(in: &index)
        try open(.enrolment, "an enrolment code", keyring, &sums, &damage) { (record, row) in
            guard let stored = try? keyring.open(StoredEnrolment.self, record, row: row),
                keyring.rowID(.enrolment, name: stored.id) == row,
                let entry = EnrolmentEntry(row: row, stored: stored, mark: record.mark)
            else { return false }
            index.replace(enrolment: entry.number, with: entry)
            return true
        }
    }

    private func open(
        _ kind: RecordKind, _ what: String, _ keyring: Keyring, _ sums: inout IntegritySums, _ damage: inout [String],
        _ body: (SealedRecord, RowID) -> Bool
    ) throws(VaultError) {
        try walk(kind) { (row, bytes) in
            guard let record = try? SealedRecord(decoding: bytes, kind: kind) else {
                damage.append("\(what) cannot be read (row \(row))")
                return
            }
            sums.add(keyring.sumEntry(kind, row: row, mark: record.mark))
            if !body(record, row) { damage.append("\(what) was altered or moved (row \(row))") }
        }
    }
}

/// Makes the meters of the keys that an unseal finds, in whatever order it finds them.
private struct LoadedMeters {
    let clock: LimitClock
    let usedUntil: Timestamp
    /// Keys with limits that follow others: whether they share a meter is known when all keys are there.
    private var followers: Set<IssuedKeyNumber> = []

    /// A meter, or that there is none.
    struct Made {
        var value: IssuedMeter?
    }

    init(clock: LimitClock, usedUntil: Timestamp) {
        self.clock = clock
        self.usedUntil = usedUntil
    }

    /// Nil where the record is not whole.
    mutating func meter(of stored: StoredIssuedKey, _ index: Index) -> Made? {
        guard let allowance = stored.allowance, stored.lineageNumber != nil, let number = IssuedKeyNumber(stored.id)
        else { return nil }
        if allowance.isUnlimited { return Made(value: nil) }
        if !stored.predecessor.isEmpty { followers.insert(number) }
        let kept = index.leases[number].map { KeptUses($0.stored) }
        return Made(
            value: IssuedMeter(
                lineage: number, Limiter(allowance, resuming: kept, usedUntil: usedUntil, at: clock.now)))
    }

    /// Gives each key that follows one with the same limits and quota the meter of that one.
    func share(in index: inout Index) {
        var waiting = followers
        for follower in followers {
            // Back to the first that was not looked at, and from there on each after the one before it.
            var line: [IssuedEntry] = []
            var next: IssuedKeyNumber? = follower
            while let number = next, waiting.remove(number) != nil, let entry = index.issued[number] {
                line.append(entry)
                next = IssuedKeyNumber(entry.stored.predecessor)
            }
            for entry in line.reversed() {
                guard let number = IssuedKeyNumber(entry.stored.predecessor), let before = index.issued[number],
                    let meter = before.meter, before.stored.allowance == entry.stored.allowance,
                    let metered = IssuedEntry(
                        row: entry.row, stored: entry.stored, mark: entry.mark, usage: entry.usage, meter: meter)
                else { continue }
                index.load(metered)
            }
        }
    }
}
