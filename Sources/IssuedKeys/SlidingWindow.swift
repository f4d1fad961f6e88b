/// The uses of one limit's last stretch of time, by slot.
///
/// Time is cut into slots of a fortieth of the limit's length. The slot of the moment and the forty before it count;
/// they always cover the whole stretch that ends now, so that no stretch of the limit's length ever has more uses than
/// allowed. The error is on the safe side: a use is forgotten up to a slot late (a limit of `100/s` frees uses after
/// 1 to 1.025 seconds), which costs one use in forty-one, 2.44 %, or a little more where the asking does not fit the slots.
struct SlidingWindow: Sendable {
    /// Slots in a stretch. A length is whole seconds, so that a slot is whole milliseconds.
    static let slotCount: Int64 = 40
    private static let ringCount = Int(slotCount) + 1

    let limit: RateLimit
    private let slotLength: Int64
    /// Uses by slot, the slot's number modulo the count; empty until there are any.
    private var ring: [UInt32] = []
    /// The number of the newest slot that the ring knows.
    private var newest: Int64 = .min
    /// The number of the newest slot that has uses.
    private var lastUsed: Int64 = .min
    /// The uses that count.
    private(set) var used: Int64 = 0

    init(_ limit: RateLimit) {
        self.limit = limit
        slotLength = limit.length / Self.slotCount
    }

    var remaining: Int64 { limit.uses - used }

    /// The oldest slot that counts.
    private var oldest: Int64 { max(0, newest - Self.slotCount) }

    /// Forgets what is over at `now`. A `now` before an earlier one changes nothing.
    mutating func advance(to now: Int64) {
        let slot = max(0, now) / slotLength
        guard slot > newest else { return }
        if used > 0 {
            if slot - newest > Self.slotCount {
                for place in ring.indices { ring[place] = 0 }
                used = 0
            } else {
                var next = newest + 1
                while next <= slot {
                    let place = Int(next % Int64(Self.ringCount))
                    used -= Int64(ring[place])
                    ring[place] = 0
                    next += 1
                }
            }
        }
        newest = slot
    }

    /// Counts uses in the newest slot. The caller has looked that they are ``remaining``.
    mutating func add(_ uses: Int64) {
        guard uses > 0 else { return }
        if ring.isEmpty { ring = [UInt32](repeating: 0, count: Self.ringCount) }
        ring[Int(newest % Int64(Self.ringCount))] += UInt32(uses)
        used += uses
        lastUsed = newest
    }

    /// Milliseconds from `now` until the whole allowance is there again; 0 where it is.
    func reset(at now: Int64) -> Int64 {
        used == 0 ? 0 : max(1, end(ofSlot: lastUsed) - now)
    }

    /// Milliseconds from `now` until so many uses are there; 0 where they are, nil where they never will be.
    func wait(for uses: Int64, at now: Int64) -> Int64? {
        guard uses <= limit.uses else { return nil }
        var missing = uses - remaining
        guard missing > 0 else { return 0 }
        for slot in oldest...newest {
            missing -= Int64(ring[Int(slot % Int64(Self.ringCount))])
            if missing <= 0 { return max(1, end(ofSlot: slot) - now) }
        }
        return nil
    }

    /// When the uses of a slot no longer count.
    private func end(ofSlot slot: Int64) -> Int64 { (slot + Self.slotCount + 1) * slotLength }

    // MARK: Kept states

    /// When the first of the slots that count began, and the uses from there on; nil where none are.
    var kept: (start: Int64, used: [UInt32])? {
        guard used > 0 else { return nil }
        let slots = oldest...newest
        let counts = slots.map { ring[Int($0 % Int64(Self.ringCount))] }
        guard let first = counts.firstIndex(where: { $0 > 0 }), let last = counts.lastIndex(where: { $0 > 0 }) else {
            return nil
        }
        return ((slots.lowerBound + Int64(first)) * slotLength, Array(counts[first...last]))
    }

    /// Takes over what was kept. What lies after `now` (the clock went back) counts as used now.
    ///
    /// - Parameter ahead: further uses, and when they count as used: not after `now`.
    mutating func restore(start: Int64, used kept: [UInt32], ahead: (uses: Int64, time: Int64), at now: Int64) {
        advance(to: now)
        ring = [UInt32](repeating: 0, count: Self.ringCount)
        used = 0
        for (offset, count) in kept.prefix(Self.ringCount).enumerated() where count > 0 {
            put(Int64(count), in: min(max(start, 0) / slotLength + Int64(offset), newest))
        }
        put(ahead.uses, in: min(max(ahead.time, 0) / slotLength, newest))
    }

    /// Counts the whole allowance as used at `time`, which is not after `now`.
    mutating func spendAll(at time: Int64, now: Int64) {
        advance(to: now)
        let slot = min(max(0, time) / slotLength, newest)
        if ring.isEmpty { ring = [UInt32](repeating: 0, count: Self.ringCount) }
        put(limit.uses, in: slot)
    }

    private mutating func put(_ uses: Int64, in slot: Int64) {
        // A stretch that was full stays full; it is never fuller than that.
        let uses = min(uses, remaining)
        guard uses > 0, newest - slot <= Self.slotCount else { return }
        ring[Int(slot % Int64(Self.ringCount))] += UInt32(uses)
        used += uses
        lastUsed = max(lastUsed, slot)
    }
}
