import Testing

@testable import IssuedKeys

private let start: Int64 = 1_767_225_600_000

/// A meter, the state that a crash would leave, and what passed: the driver of the machine without a store.
private final class Rig {
    var meter: Meter
    var durable: KeptUses?
    var passed: Int64 = 0
    let allowance: Allowance

    init(_ limits: [String], quota: Quota? = nil) throws {
        allowance = Allowance(limits: try RateLimits(parsing: limits), quota: quota)
        meter = Meter(Limiter(allowance))
    }

    /// Asks, and makes durable what has to be.
    func spend(_ cost: Int64 = 1, at now: Int64) -> Bool {
        while true {
            switch meter.spend(cost, at: now, calendar: now) {
            case .spent(let soon):
                passed += cost
                if soon, let state = meter.lease(0, at: now) { finish(state) }
                return true
            case .refused: return false
            case .leaseNeeded:
                guard let state = meter.lease(cost, at: now) else { return false }
                finish(state)
            }
        }
    }

    private func finish(_ state: KeptUses) {
        durable = state
        meter.leased(true)
    }

    func tick(at now: Int64) {
        if meter.isIdle(at: now), let state = meter.settle(at: now) { finish(state) }
    }

    /// What is left of the quota after a crash at `now`.
    func afterCrash(at now: Int64) -> (windows: [WindowStanding], quota: QuotaStanding?) {
        var limiter = Limiter(allowance, resuming: durable, usedUntil: now, at: now)
        return limiter.standing(at: now, calendar: now)
    }
}

/// A meter, or a limiter, that is shared.
private final class Shared<Machine> {
    var machine: Machine
    init(_ machine: Machine) { self.machine = machine }
}

extension Shared<Meter> {
    func spend(_ cost: Int64) -> Metering { machine.spend(cost, at: start, calendar: start) }
    func lease(_ cost: Int64) -> KeptUses? { machine.lease(cost, at: start) }
}

extension Shared<Limiter> {
    func spend(_ cost: Int64, at now: Int64) -> Spending { machine.spend(cost, at: now, calendar: start) }
    var standing: (windows: [WindowStanding], quota: QuotaStanding?) { machine.standing(at: start, calendar: start) }
}

@Suite("Leases")
struct MeterTests {
    @Test("A crash at any moment gives nothing back, and takes no more than the second before it had")
    func crash() throws {
        let rig = try Rig(["50000/d"], quota: Quota(uses: 40_000))
        var (now, random) = (start, Seeded(state: 9))
        var log: [(time: Int64, cost: Int64)] = []
        for _ in 0..<20_000 {
            now += random.next() % 50 == 0 ? Int64(random.next() % 3000) : Int64(random.next() % 3)
            let cost = Int64(random.next() % 3) + 1
            if rig.spend(cost, at: now) { log.append((now, cost)) }
            rig.tick(at: now)
            guard random.next() % 20 == 0 else { continue }
            let left = try #require(rig.afterCrash(at: now).quota).used
            #expect(left >= rig.passed)
            // The second before the lease, which is at most a second old.
            let before = log.reversed().prefix { $0.time / 1000 >= now / 1000 - 3 }.reduce(0) { $0 + $1.cost }
            #expect(left - rig.passed <= max(before, 3))
            #expect(rig.afterCrash(at: now).windows[0].remaining == 50_000 - left || now - start > 86_000_000)
        }
        #expect(rig.passed <= 40_000)
        #expect(rig.passed > 20_000)
    }

    @Test("A key that is used less than ten times a second loses nothing in a crash")
    func slow() throws {
        let rig = try Rig([], quota: Quota(uses: 5))
        for use in Int64(1)...3 {
            #expect(rig.spend(at: start + use))
            #expect(rig.afterCrash(at: start + use).quota?.remaining == 5 - use)
        }
    }

    @Test("What a brisk key leased and did not use is given back once it is idle for a second")
    func settled() throws {
        let rig = try Rig([], quota: Quota(uses: 1000))
        for use in Int64(0)..<100 { #expect(rig.spend(at: start + use)) }
        #expect(try #require(rig.afterCrash(at: start).quota).used > 100)
        rig.tick(at: start + 500)
        #expect(try #require(rig.afterCrash(at: start).quota).used > 100)
        rig.tick(at: start + 1200)
        #expect(rig.afterCrash(at: start).quota?.used == 100)
        #expect(!rig.meter.owes)
        #expect(rig.spend(at: start + 2300))
        #expect(rig.afterCrash(at: start + 2300).quota?.used == 101)
    }

    @Test("Nothing passes that is not durable: a lease that failed lets nothing through")
    func notDurable() {
        let meter = Shared(Meter(Limiter(Allowance(quota: Quota(uses: 10)))))
        #expect(meter.spend(1) == .leaseNeeded)
        #expect(meter.lease(1) != nil)
        #expect(meter.lease(1) == nil)
        #expect(meter.spend(1) == .leaseNeeded)
        meter.machine.leased(false)
        #expect(meter.spend(1) == .leaseNeeded)
        #expect(meter.lease(3)?.ahead == 3)
        meter.machine.leased(true)
        for _ in 0..<3 { #expect(meter.spend(1) == .spent(leaseSoon: false)) }
        #expect(meter.spend(1) == .leaseNeeded)
    }

    @Test("What is spent while a lease is on its way is taken from it")
    func meanwhile() throws {
        let meter = Shared(Meter(Limiter(Allowance(quota: Quota(uses: 1000)))))
        _ = meter.lease(20)
        meter.machine.leased(true)
        for _ in 0..<15 { _ = meter.spend(1) }
        let next = try #require(meter.lease(0))
        #expect(next.quotaUsed == 15)
        #expect(next.ahead == 15)
        for _ in 0..<5 { #expect(meter.spend(1) != .leaseNeeded) }
        #expect(meter.spend(1) == .leaseNeeded)
        meter.machine.leased(true)
        for _ in 0..<10 { #expect(meter.spend(1) != .leaseNeeded) }
        #expect(meter.spend(1) == .leaseNeeded)
    }

    @Test("A refused call needs no lease and spends nothing")
    func refused() {
        let meter = Shared(Meter(Limiter(Allowance(quota: Quota(uses: 10)))))
        #expect(meter.spend(11) == .refused(.quotaExceeded(retryAfter: nil)))
        #expect(!meter.machine.owes)
    }

    @Test("A limit within a second needs no lease; after a restart it counts as spent from when it may have been used")
    func short() throws {
        let allowance = Allowance(limits: try RateLimits(parsing: ["10/s"]))
        let meter = Shared(Meter(Limiter(allowance)))
        #expect(meter.spend(1) == .spent(leaseSoon: false))
        #expect(!meter.machine.owes)
        let again = Shared(Limiter(allowance, resuming: nil, usedUntil: start, at: start + 300))
        #expect(again.spend(1, at: start + 1000) == .rateLimited(retryAfter: 25))
        #expect(again.spend(10, at: start + 1025) == .spent)
        let later = Shared(Limiter(allowance, resuming: nil, usedUntil: start, at: start + 1100))
        #expect(later.spend(10, at: start + 1100) == .spent)
    }

    @Test("A limit goes on after a restart where it stood, and a clock that went back gives nothing of it back")
    func resumed() throws {
        let rig = try Rig(["100/m"])
        for second in Int64(0)..<40 { #expect(rig.spend(2, at: start + second * 1000)) }
        let now = start + 40_000
        #expect(rig.afterCrash(at: now).windows[0].remaining == 20)
        #expect(rig.afterCrash(at: start + 70_000).windows[0].remaining == 38)
        #expect(rig.afterCrash(at: start + 100_000).windows[0].remaining == 98)
        #expect(rig.afterCrash(at: start + 103_500).windows[0].remaining == 100)
        #expect(rig.afterCrash(at: start + 200_000).windows[0].remaining == 100)
        #expect(rig.afterCrash(at: start - 86_400_000).windows[0].remaining == 20)
    }

    @Test("A kept state that is damaged or too full lets nothing more through, and does not crash")
    func hostile() throws {
        let allowance = Allowance(limits: try RateLimits(parsing: ["10/m"]), quota: Quota(uses: 5))
        var kept = KeptUses()
        kept.windows = [
            KeptUses.Window(length: 60_000, start: .max / 2, used: [UInt32](repeating: .max, count: 500)),
            KeptUses.Window(length: 5, start: -3, used: []),
        ]
        kept.quotaUsed = 1 << 60
        kept.ahead = 1 << 60
        let limiter = Shared(Limiter(allowance, resuming: kept, usedUntil: start, at: start))
        #expect(limiter.standing.windows[0].remaining == 0)
        #expect(limiter.standing.quota?.remaining == 0)
        #expect(limiter.spend(1, at: start) != .spent)
    }
}
