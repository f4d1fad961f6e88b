/// What is left of one limit.
package struct WindowStanding: Sendable, Equatable {
    package var limit: RateLimit
    package var remaining: Int64
    /// Milliseconds until the whole allowance is there again; 0 where it is.
    package var reset: Int64
}

/// What is left of a quota.
package struct QuotaStanding: Sendable, Equatable {
    package var quota: Quota
    package var used: Int64
    package var remaining: Int64
    /// Milliseconds until the refill; nil where there is none.
    package var reset: Int64?
}

/// Whether a key may be used now.
package enum Spending: Sendable, Equatable {
    /// It may, and the cost has been taken from every limit and the quota.
    case spent
    /// A limit has too little left. Nothing was taken. In so many milliseconds it may be tried again; nil: the cost is
    /// more than the limit ever allows.
    case rateLimited(retryAfter: Int64?)
    /// The quota has too little left. Nothing was taken. In so many milliseconds it is refilled; nil: never, or the
    /// cost is more than the quota.
    case quotaExceeded(retryAfter: Int64?)
}

/// Counts the uses of one key against its limits and its quota.
///
/// A limit is a sliding window of forty slots, not GCRA. The promise is "never more than `n` uses in any stretch of
/// that length". GCRA with a burst of `n` allows `n` at once and as many again, one by one, within the next stretch:
/// nearly twice `n` in a stretch that lies badly; without a burst it refuses callers who come in groups, though their
/// hour has room. A log of every use would be exact and as long as the limit is high. Forty slots keep the promise in
/// 164 bytes, and let 40/41 (97.5 %) of the allowed uses through to a caller who asks all the time; see
/// `docs/decisions/0015-a-sliding-window.md`.
///
/// Pure: time comes in. Time that goes back is taken for the latest that was seen, so that nothing is given back.
package struct Limiter: Sendable {
    package let allowance: Allowance
    private var windows: [SlidingWindow]
    private var quotaUsed: Int64 = 0
    /// The month that `quotaUsed` counts, where the quota is refilled.
    private var month: Int64 = 0
    private var latest: Int64 = 0

    package init(_ allowance: Allowance) {
        self.allowance = allowance
        windows = allowance.limits.limits.map { SlidingWindow($0) }
    }

    /// Looks at all limits and the quota, and takes `cost` from each where all have that much left; else from none.
    ///
    /// - Parameters:
    ///   - cost: 0 or more. 0 takes nothing and is always allowed.
    ///   - now: milliseconds of a clock that runs evenly; a kept state is compared with it after a restart.
    ///   - calendar: the time by which months begin.
    package mutating func spend(_ cost: Int64, at now: Int64, calendar: Int64) -> Spending {
        let outcome = check(cost, at: now, calendar: calendar)
        guard outcome == .spent, cost > 0 else { return outcome }
        for place in windows.indices { windows[place].add(cost) }
        if allowance.quota != nil { quotaUsed += cost }
        return .spent
    }

    /// What ``spend(_:at:calendar:)`` would answer, without taking anything.
    mutating func check(_ cost: Int64, at now: Int64, calendar: Int64) -> Spending {
        advance(to: now, calendar: calendar)
        if cost <= 0 { return .spent }
        var wait: Int64 = 0
        for window in windows where window.remaining < cost {
            guard let needed = window.wait(for: cost, at: latest) else { return .rateLimited(retryAfter: nil) }
            wait = max(wait, needed)
        }
        if wait > 0 { return .rateLimited(retryAfter: wait) }
        if let quota = allowance.quota, quota.uses - quotaUsed < cost {
            return .quotaExceeded(retryAfter: cost > quota.uses ? nil : untilRefill(quota, calendar))
        }
        return .spent
    }

    /// What is left at `now`, of each limit and of the quota.
    package mutating func standing(
        at now: Int64, calendar: Int64
    ) -> (windows: [WindowStanding], quota: QuotaStanding?) {
        advance(to: now, calendar: calendar)
        let standings = windows.map {
            WindowStanding(limit: $0.limit, remaining: $0.remaining, reset: $0.reset(at: latest))
        }
        guard let quota = allowance.quota else { return (standings, nil) }
        return (
            standings,
            QuotaStanding(
                quota: quota, used: quotaUsed, remaining: quota.uses - quotaUsed, reset: untilRefill(quota, calendar))
        )
    }

    /// The most that can be spent at once now.
    var available: Int64 {
        var least = allowance.quota.map { $0.uses - quotaUsed } ?? .max
        for window in windows { least = min(least, window.remaining) }
        return least
    }

    private mutating func advance(to now: Int64, calendar: Int64) {
        latest = max(latest, now)
        for place in windows.indices { windows[place].advance(to: latest) }
        guard allowance.quota?.refill == .monthly else { return }
        let current = CalendarMonth.containing(calendar)
        guard current > month else { return }
        // The month before the first use is none.
        month = current
        quotaUsed = 0
    }

    private func untilRefill(_ quota: Quota, _ calendar: Int64) -> Int64? {
        quota.refill == .monthly ? max(1, CalendarMonth.start(of: month + 1) - calendar) : nil
    }

    // MARK: Kept states

    /// Whether the uses of a limit over this length are kept: what is over within a second is not worth it.
    private static func isKept(_ limit: RateLimit) -> Bool { limit.length > 1000 }

    /// Whether anything of it has to be kept durably.
    package static func isKept(_ allowance: Allowance) -> Bool {
        allowance.quota != nil || allowance.limits.limits.contains(where: isKept)
    }

    /// The uses so far, as they are to be kept.
    package var kept: KeptUses {
        var kept = KeptUses()
        for window in windows where Self.isKept(window.limit) {
            guard let (start, used) = window.kept else { continue }
            kept.windows.append(KeptUses.Window(length: window.limit.length, start: start, used: used))
        }
        if allowance.quota != nil {
            kept.quotaUsed = quotaUsed
            kept.quotaMonth = allowance.quota?.refill == .monthly ? month : 0
        }
        return kept
    }

    /// A limiter that goes on where another was left.
    ///
    /// - Parameters:
    ///   - kept: what was kept last; nil where nothing was. Uses that were leased ahead count as
    ///     spent, as late as the lease was good.
    ///   - since: up to when the key may have been used, at the latest. What is not kept counts as spent then.
    ///   - now: the time.
    package init(_ allowance: Allowance, resuming kept: KeptUses?, usedUntil since: Int64, at now: Int64) {
        self.init(allowance)
        latest = now
        for place in windows.indices {
            let limit = windows[place].limit
            if !Self.isKept(limit) {
                windows[place].spendAll(at: min(since, now), now: now)
            } else if let kept {
                let window = kept.windows.first { $0.length == limit.length }
                let leaseEnd = min(now, max(0, min(kept.written, now)) + Meter.leaseLife)
                windows[place].restore(
                    start: window?.start ?? 0, used: window?.used ?? [], ahead: (kept.ahead, leaseEnd), at: now)
            }
        }
        guard let quota = allowance.quota, let kept else { return }
        quotaUsed = min(quota.uses, min(max(0, kept.quotaUsed), quota.uses) + min(max(0, kept.ahead), quota.uses))
        month = max(0, kept.quotaMonth)
    }
}

/// How often a key has been used, as it is kept durably.
package struct KeptUses: Sendable, Equatable {
    /// The uses of one limit.
    package struct Window: Sendable, Equatable {
        /// Which limit, by its length in milliseconds.
        package var length: Int64
        /// When the first slot began.
        package var start: Int64
        /// Uses by slot, each a fortieth of the length.
        package var used: [UInt32]

        package init(length: Int64, start: Int64, used: [UInt32]) {
            self.length = length
            self.start = start
            self.used = used
        }
    }

    package var windows: [Window] = []
    package var quotaUsed: Int64 = 0
    /// The month that `quotaUsed` counts, from January 1970; 0 where the quota is not refilled.
    package var quotaMonth: Int64 = 0
    /// When it was so.
    package var written: Int64 = 0
    /// Uses that may have been spent in the ``Meter/leaseLife`` after that.
    package var ahead: Int64 = 0

    package init() {}
}
