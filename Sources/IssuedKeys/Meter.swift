/// What came of asking a ``Meter`` for a use.
package enum Metering: Sendable, Equatable {
    /// It may be used, and the cost was taken. Where `leaseSoon` is set, a lease should be begun before the credit is
    /// used up.
    case spent(leaseSoon: Bool)
    /// A lease has to be durable first. Nothing was taken.
    case leaseNeeded
    /// It may not be used. Nothing was taken.
    case refused(Spending)
}

/// A ``Limiter`` that never lets more through than a crash would remember.
///
/// Quotas and limits longer than a second are leased: a state is made durable that counts uses which have not happened
/// yet, and only then do they happen. After a crash those count as spent, so that nothing is given back. How many are
/// leased follows from the uses of the second before: a key that is used less than ten times a second leases each use
/// by itself and loses none; one that is used more leases as many as it had in that second. A lease is good for two
/// seconds; what was leased and not used is given back by ``settle(at:)``.
///
/// Pure: it says what is to be made durable, and is told when that has happened.
package struct Meter: Sendable {
    /// Uses in a second from which on they are leased together.
    package static let brisk: Int64 = 10
    /// How long a lease is good for, in milliseconds.
    package static let leaseLife: Int64 = 2000

    private var limiter: Limiter
    private let isLeased: Bool
    /// Uses that may happen before another state has to be durable.
    private var credit: Int64 = 0
    /// When the lease behind `credit` was taken.
    private var leaseTaken: Int64 = 0
    /// The lease on its way: when and how much, and what was spent since its state was taken.
    private var pending: (taken: Int64, ahead: Int64, spent: Int64)?
    /// The uses of the second that runs, and of the one before.
    private var pace: (second: Int64, uses: Int64, before: Int64) = (0, 0, 0)

    package init(_ limiter: Limiter) {
        self.limiter = limiter
        isLeased = Limiter.isKept(limiter.allowance)
    }

    /// Whether uses are leased, or a lease is on its way.
    package var owes: Bool { credit > 0 || pending != nil }

    /// Takes `cost` where that is allowed and covered by a lease; see ``Limiter/spend(_:at:calendar:)``.
    package mutating func spend(_ cost: Int64, at now: Int64, calendar: Int64) -> Metering {
        guard isLeased, cost > 0 else {
            let outcome = limiter.spend(cost, at: now, calendar: calendar)
            return outcome == .spent ? .spent(leaseSoon: false) : .refused(outcome)
        }
        guard credit >= cost, isGood(at: now) else {
            let outcome = limiter.check(cost, at: now, calendar: calendar)
            return outcome == .spent ? .leaseNeeded : .refused(outcome)
        }
        let outcome = limiter.spend(cost, at: now, calendar: calendar)
        guard outcome == .spent else { return .refused(outcome) }
        credit -= cost
        pending?.spent += cost
        count(cost, at: now)
        return .spent(leaseSoon: pending == nil && recent >= Self.brisk && credit < recent / 2)
    }

    /// What is left; see ``Limiter/standing(at:calendar:)``.
    package mutating func standing(
        at now: Int64, calendar: Int64
    ) -> (windows: [WindowStanding], quota: QuotaStanding?) {
        limiter.standing(at: now, calendar: calendar)
    }

    // MARK: Leases

    /// Begins a lease that covers `cost` more uses at least.
    ///
    /// - Returns: what is to be made durable, and then told to ``leased(_:)``; nil while another is on its way.
    package mutating func lease(_ cost: Int64, at now: Int64) -> KeptUses? {
        guard isLeased, pending == nil else { return nil }
        count(0, at: now)
        if !isGood(at: now) { credit = 0 }
        let wanted = recent >= Self.brisk ? max(recent, cost) : cost
        var kept = limiter.kept
        // Never less than what may be spent while it is on its way, and else no more than there is.
        kept.ahead = max(credit, min(wanted, limiter.available), cost)
        kept.written = now
        pending = (now, kept.ahead, 0)
        return kept
    }

    /// Gives back what was leased and is not used: none is left afterwards until another lease.
    ///
    /// - Returns: what is to be made durable, and then told to ``leased(_:)``; nil where nothing is leased or something
    ///   is on its way.
    package mutating func settle(at now: Int64) -> KeptUses? {
        guard isLeased, pending == nil, credit > 0 else { return nil }
        credit = 0
        pending = (now, 0, 0)
        var kept = limiter.kept
        kept.written = now
        return kept
    }

    /// Whether something is leased for a second already: a brisk key would have leased anew by now.
    package func isIdle(at now: Int64) -> Bool { credit > 0 && (now < leaseTaken || now - leaseTaken >= 1000) }

    /// The lease on its way is durable, or will never be.
    package mutating func leased(_ isDurable: Bool) {
        guard let lease = pending else { return }
        pending = nil
        guard isDurable else { return }
        credit = lease.ahead - lease.spent
        leaseTaken = lease.taken
    }

    /// Whether the lease behind `credit` is still good. A clock that went back ends it.
    private func isGood(at now: Int64) -> Bool { now >= leaseTaken && now - leaseTaken < Self.leaseLife }

    /// Uses of the last second, or somewhat more.
    private var recent: Int64 { max(pace.uses, pace.before) }

    private mutating func count(_ uses: Int64, at now: Int64) {
        let second = now / 1000
        if second > pace.second {
            pace = (second, 0, second == pace.second + 1 ? pace.uses : 0)
        }
        pace.uses += uses
    }
}
