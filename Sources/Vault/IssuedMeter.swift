internal import IssuedKeys
internal import Sealing
internal import Synchronization

/// The clock of the limits: it begins at the vault's time when it is unsealed, and from then on runs evenly, whatever
/// becomes of the wall clock.
struct LimitClock: Sendable {
    private let beginning: Timestamp
    private let steadyBeginning: Int64
    private let steady: @Sendable () -> Int64

    /// - Parameters:
    ///   - time: what it reads now.
    ///   - steady: milliseconds of a clock that never goes back.
    init(startingAt time: Timestamp, _ steady: @escaping @Sendable () -> Int64) {
        beginning = time
        steadyBeginning = steady()
        self.steady = steady
    }

    var now: Timestamp { beginning + max(0, passed(at: steady())) }

    /// What it would have read when the steady clock read this.
    func time(atSteady steady: Int64) -> Timestamp { max(0, beginning + passed(at: steady)) }

    /// Milliseconds from the beginning to then; a clock that reads anything does no harm.
    private func passed(at steady: Int64) -> Int64 {
        let (passed, overflow) = steady.subtractingReportingOverflow(steadyBeginning)
        return overflow ? 0 : min(max(passed, -Lifetime.latest), Lifetime.latest)
    }
}

/// Counts the uses of an issued key, and of those that follow it, one after another, with the same limits and quota.
final class IssuedMeter: Sendable {
    /// The id of the first of them: where the lease is kept.
    let lineage: IssuedKeyNumber
    private let meter: Mutex<Meter>

    init(lineage: IssuedKeyNumber, _ limiter: Limiter) {
        self.lineage = lineage
        meter = Mutex(Meter(limiter))
    }

    /// Takes `cost` where all limits, the quota and the lease have it, and says what is left.
    func spend(
        _ cost: Int64, at now: Timestamp, calendar: Timestamp
    ) -> (outcome: Metering, windows: [WindowStanding], quota: QuotaStanding?) {
        meter.withLock { meter in
            let outcome = meter.spend(cost, at: now, calendar: calendar)
            let left = meter.standing(at: now, calendar: calendar)
            return (outcome, left.windows, left.quota)
        }
    }

    /// Takes one use, and says nothing of what is left.
    func spendOne(at now: Timestamp, calendar: Timestamp) -> Metering {
        meter.withLock { $0.spend(1, at: now, calendar: calendar) }
    }

    func standing(
        at now: Timestamp, calendar: Timestamp
    ) -> (windows: [WindowStanding], quota: QuotaStanding?) {
        meter.withLock { $0.standing(at: now, calendar: calendar) }
    }

    // MARK: Leases

    func lease(_ cost: Int64, at now: Timestamp) -> KeptUses? { meter.withLock { $0.lease(cost, at: now) } }
    func settle(at now: Timestamp) -> KeptUses? { meter.withLock { $0.settle(at: now) } }
    func isIdle(at now: Timestamp) -> Bool { meter.withLock { $0.isIdle(at: now) } }
    func leased(_ isDurable: Bool) { meter.withLock { $0.leased(isDurable) } }
    var owes: Bool { meter.withLock { $0.owes } }
}

/// A lease as the unsealed vault holds it. Never changed, only replaced.
final class LeaseEntry: Sendable {
    let row: RowID
    let stored: Records.Lease
    let mark: Mark

    init(row: RowID, stored: Records.Lease, mark: Mark) {
        self.row = row
        self.stored = stored
        self.mark = mark
    }
}

extension KeptUses {
    init(_ stored: Records.Lease) {
        self.init()
        windows = stored.windows.map { window in
            Window(
                length: Int64(clamping: window.length), start: Int64(clamping: window.start),
                used: window.used.map { UInt32(clamping: $0) })
        }
        quotaUsed = Int64(clamping: stored.quotaUsed)
        quotaMonth = Int64(clamping: stored.quotaPeriod)
        written = Int64(clamping: stored.written)
        ahead = Int64(clamping: stored.ahead)
    }

    func stored(for lineage: IssuedKeyNumber) -> Records.Lease {
        var lease = Records.Lease()
        lease.issuedKey = lineage.description
        lease.written = UInt64(written)
        lease.windows = windows.map { window in
            var stored = Records.LeasedWindow()
            stored.length = UInt64(window.length)
            stored.start = UInt64(window.start)
            stored.used = window.used.map { UInt64($0) }
            return stored
        }
        lease.quotaUsed = UInt64(quotaUsed)
        lease.quotaPeriod = UInt64(quotaMonth)
        lease.ahead = UInt64(ahead)
        return lease
    }
}
