/// What is kept about one subject.
struct UsageRecord: Sendable {
    /// Who read a key, and when last.
    struct Reader: Sendable {
        var caller: UsageSubject
        var name: String
        var last: Int64
        var count: UInt32
    }

    /// What people call a caller; the issuer of an issued key.
    var label = ""
    /// When it was last used: a key that was read, a caller to whom something was given. 0: never.
    var last: Int64 = 0
    /// Of a key: those who read it, in no order.
    var readers: [Reader] = []
    var hours = Cells()
    var days = Cells()

    var cellCount: Int { hours.count + days.count }

    /// Counts an event.
    ///
    /// - Parameter isUse: whether something was given.
    /// - Returns: whether there is one number more than before.
    mutating func note(
        _ tally: Tally, of kind: UsageSubject.Kind, _ slot: UInt32, _ event: UsageEvent, isUse: Bool,
        _ limits: UsageLimits
    ) -> Bool {
        if isUse, event.time > last { last = event.time }
        switch kind {
        case .key:
            if event.act == .read, let caller = event.caller {
                read(by: caller, at: event.time, most: limits.readers)
            }
        case .accessKey, .unixUser, .certificate:
            if let name = event.caller?.name, label != name { label = name }
        case .issuedKey:
            if event.verified != nil, let issuer = event.issuer, label != issuer { label = issuer }
        case .all, .issuer: break
        }
        return hours.add(tally, slot: slot, count: event.times, codes: limits.codesOfOne)
    }

    private mutating func read(by caller: UsageEvent.Caller, at time: Int64, most: Int) {
        if let place = readers.firstIndex(where: { $0.caller == caller.subject }) {
            readers[place].last = max(readers[place].last, time)
            if readers[place].count < .max { readers[place].count += 1 }
            return
        }
        let reader = Reader(caller: caller.subject, name: caller.name, last: time, count: 1)
        if readers.count < most { return readers.append(reader) }
        guard let oldest = readers.indices.min(by: { readers[$0].last < readers[$1].last }),
            readers[oldest].last <= time
        else { return }
        readers[oldest] = reader
    }

    /// Adds what another record counted.
    ///
    /// Its readers are not taken over.
    mutating func merge(_ other: UsageRecord, _ limits: UsageLimits) {
        for cell in other.hours.cells {
            _ = hours.add(cell.tally, slot: cell.slot, count: cell.count, codes: limits.codesOfOne)
        }
        for cell in other.days.cells {
            _ = days.add(cell.tally, slot: cell.slot, count: cell.count, codes: limits.codesOfOne)
        }
        last = max(last, other.last)
    }

    /// Adds hours before `hour` up to days, and drops days before `day` and what lies beyond `end`.
    mutating func prune(hour: UInt32, day: UInt32, end: UInt32, codes: Int) {
        hours.dropLast(from: end == .max ? .max : end &* 24)
        for cell in hours.takeFirst(before: hour) {
            _ = days.add(cell.tally, slot: cell.slot / 24, count: cell.count, codes: codes)
        }
        days.dropLast(from: end)
        _ = days.takeFirst(before: day)
    }
}
