/// Computes when rotations are due. Nothing here is ever early.
package struct RotationTimes: Sendable {
    package let policy: RotationPolicy
    private let scatter: Scatter

    package init(_ policy: RotationPolicy, keyID: [UInt8]) {
        self.policy = policy
        scatter = Scatter(keyID: keyID)
    }

    /// When the rotation after the one at `last` is due, jitter and window included; nil: never by itself.
    package func due(after last: Int64) -> Int64? {
        nominal(after: last).map(placed)
    }

    /// The first regular time after `now` for a key that was rotated at `last`, and how many before it are left out.
    ///
    /// At most 1,000,000 are counted.
    package func skipping(from due: Int64, to now: Int64) -> (due: Int64?, skipped: Int) {
        switch policy.timing {
        case .whenAsked: return (nil, 1)
        case .every(let interval):
            let count = max(0, (now - due) / interval) + 1
            return (placed(due + count * interval), Int(min(count, 1_000_000)))
        case .schedule(let schedule):
            var count = 1
            var moment = due
            while count < 1_000, let next = schedule.next(after: moment), next <= now {
                count += 1
                moment = next
            }
            return (schedule.next(after: now).map(placed), count)
        }
    }

    /// How late a rotation may begin and still count as in time; after that it is overdue, and was missed.
    package var grace: Int64 {
        switch policy.timing {
        case .every(let interval): min(max(interval / 10, 10_000), CivilTime.dayLength)
        default: 3_600_000
        }
    }

    /// How long after `since` a key that was missed waits for its turn, so that not all begin at once: at most a minute,
    /// unless the key has a jitter of its own.
    func turn(since: Int64) -> Int64 {
        let spread =
            switch policy.timing {
            case .every(let interval): min(max(interval / 100, 1_000), 60_000)
            default: Int64(60_000)
            }
        return scatter.share(of: max(spread, policy.jitter), since, 1)
    }

    /// The moment itself where a rotation may begin then, or when one may next.
    func allowed(_ moment: Int64) -> Int64 {
        guard let window = policy.window, !window.contains(moment) else { return moment }
        return window.opening(after: moment) + scatter.share(of: min(window.length, policy.jitter), moment, 2)
    }

    /// How long to wait after the `count`th failure in a row, from 1 on: doubling, up to `cap`, of which the last
    /// quarter is the key's own share.
    func backoff(_ count: Int, from first: Int64, cap: Int64, at now: Int64) -> Int64 {
        let doubled = first << Int64(min(max(count, 1) - 1, 24))
        let whole = min(doubled, cap)
        return whole - scatter.share(of: whole / 4 + 1, now, UInt64(count) + 3)
    }

    private func nominal(after last: Int64) -> Int64? {
        switch policy.timing {
        case .every(let interval): last + interval
        case .schedule(let schedule): schedule.next(after: last)
        case .whenAsked: nil
        }
    }

    private func placed(_ moment: Int64) -> Int64 {
        allowed(moment + scatter.share(of: policy.jitter, moment))
    }
}
