/// Decides which refusals to strangers, and to callers who are refused for asking too often, get a line of their own, so that nobody fills the disk by being refused.
///
/// At most one line per caller, address, code and second is written at once; what follows is counted and comes as one line
/// with a count. All of it stays within a quota of bytes that fills up steadily. When that is used up, counts are kept
/// without their addresses until a line can be afforded. Nothing is lost but detail, and what was counted when the
/// process dies.
///
/// Pure: time comes in.
package struct StrangerQuota: Sendable {
    package struct Limits: Sendable {
        /// The most bytes of lines at once.
        package var burst: Int64 = 1 << 20
        /// The bytes that come back in a second.
        package var bytesPerSecond: Int64 = 200
        /// The most callers, addresses and codes that are told apart within a second.
        package var mostPairs = 1024

        package init() {}
    }

    package enum Decision: Equatable, Sendable {
        /// Write this entry's line now; its bytes have been taken from the quota.
        case write
        /// Write nothing: it has been counted.
        case count
    }

    private struct Pair: Hashable, Sendable {
        let caller: AuditCaller
        let address: String?
        let code: AuditToken
    }

    private struct Count: Sendable {
        /// The second, and the time of the last refusal, in milliseconds.
        let since: Int64
        var entry: AuditEntry
        var count: UInt64
    }

    private let limits: Limits
    private var bytes: Int64
    private var filledAt: Int64?
    private var second: Int64 = .min
    /// Those who were refused in this second, and how often more than once.
    private var pairs: [Pair: Count] = [:]
    /// What could not be afforded, by code.
    private var backlog: [AuditToken: Count] = [:]
    /// Lines of seconds that are over, already paid for.
    private var due: [AuditEntry] = []

    package init(limits: Limits = Limits()) {
        self.limits = limits
        bytes = limits.burst
    }

    /// Refusals that have been counted and not been written.
    package var pending: UInt64 {
        pairs.values.reduce(0) { $0 + $1.count } + backlog.values.reduce(0) { $0 + $1.count }
            + due.reduce(0) { $0 + ($1.count ?? 0) }
    }

    /// Takes the entry of a refusal to a stranger.
    ///
    /// - Parameter now: milliseconds of a steady clock.
    package mutating func decide(_ entry: AuditEntry, now: Int64) -> Decision {
        refill(now)
        if now / 1000 != second { closeSecond(now) }
        let pair = Pair(caller: entry.caller, address: entry.address, code: entry.code ?? "none")
        if pairs[pair] != nil {
            pairs[pair]?.count += 1
            return .count
        }
        guard pairs.count < limits.mostPairs else {
            addToBacklog(Count(since: entry.time, entry: entry, count: 1))
            return .count
        }
        // Half of the quota is kept for counts, so that many addresses cannot starve them.
        let cost = Self.cost(entry)
        let isAffordable = bytes - cost >= limits.burst / 2
        if isAffordable { bytes -= cost }
        pairs[pair] = Count(since: entry.time, entry: entry, count: isAffordable ? 0 : 1)
        return isAffordable ? .write : .count
    }

    /// The lines for what was counted in seconds that are over, as far as the quota goes. Call it about once a second.
    ///
    /// - Parameter now: milliseconds of the clock that ``decide(_:now:)`` is given.
    package mutating func flush(now: Int64) -> [AuditEntry] {
        refill(now)
        if now / 1000 != second { closeSecond(now) }
        var entries = due
        due = []
        for (code, count) in backlog.sorted(by: { $0.value.since < $1.value.since }) {
            let line = Self.line(count)
            let cost = Self.cost(line)
            guard bytes >= cost else { break }
            bytes -= cost
            backlog[code] = nil
            entries.append(line)
        }
        return entries
    }

    /// Counts what could not be written after all: it is tried again with what comes next.
    package mutating func takeBack(_ entry: AuditEntry) {
        addToBacklog(Count(since: entry.time, entry: entry, count: entry.count ?? 1))
    }

    /// All that is left, whatever the quota says: at the end of the process. No more lines than there are codes and
    /// pairs.
    package mutating func drain() -> [AuditEntry] {
        closeSecond(second &* 1000)
        defer {
            due = []
            backlog = [:]
        }
        return due + backlog.values.map(Self.line)
    }

    private mutating func refill(_ now: Int64) {
        let last = filledAt ?? now
        guard now > last else {
            filledAt = last
            return
        }
        let (gain, over) = (now - last).multipliedReportingOverflow(by: limits.bytesPerSecond)
        let whole = over ? limits.burst : gain / 1000
        // Less than a byte's worth of time is kept for the next call.
        guard whole > 0 else { return }
        bytes = min(limits.burst, bytes + min(whole, limits.burst))
        filledAt = now
    }

    private mutating func closeSecond(_ now: Int64) {
        for (_, count) in pairs where count.count > 0 {
            let line = Self.line(count)
            let cost = Self.cost(line)
            if bytes >= cost, due.count < limits.mostPairs {
                bytes -= cost
                due.append(line)
            } else {
                addToBacklog(count)
            }
        }
        pairs.removeAll(keepingCapacity: true)
        second = now / 1000
    }

    private mutating func addToBacklog(_ count: Count) {
        let code = count.entry.code ?? "none"
        // Codes come from a closed table; should one not, it must not make room for itself without end.
        let key: AuditToken = backlog[code] != nil || backlog.count < 32 ? code : "other"
        var entry = count.entry
        entry.address = nil
        entry.caller = .stranger
        entry.code = key
        if let known = backlog[key] {
            backlog[key] = Count(
                since: min(known.since, count.since), entry: known.entry, count: known.count + count.count)
        } else {
            backlog[key] = Count(since: count.since, entry: entry, count: count.count)
        }
    }

    private static func line(_ count: Count) -> AuditEntry {
        AuditEntry(
            time: count.since, kind: .request, outcome: .refused, action: "stranger", caller: count.entry.caller,
            address: count.entry.address, code: count.entry.code, count: count.count)
    }

    /// The bytes of the entry's line in the log: its body, and a sequence and hash of at most 110.
    private static func cost(_ entry: AuditEntry) -> Int64 { Int64(entry.lineBody.count) + 110 }
}
