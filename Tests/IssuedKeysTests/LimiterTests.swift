import Testing

@testable import IssuedKeys

/// 2026-01-01T00:00:00Z.
private let start: Int64 = 1_767_225_600_000

/// A limiter that is shared, by a clock that is the calendar as well.
private final class Machine {
    private var limiter: Limiter

    init(_ limits: String, quota: Quota? = nil) throws {
        let limits: RateLimits = limits.isEmpty ? .none : try RateLimits(parsing: [limits])
        limiter = Limiter(Allowance(limits: limits, quota: quota))
    }

    func spend(_ cost: Int64 = 1, at now: Int64, calendar: Int64? = nil) -> Spending {
        limiter.spend(cost, at: now, calendar: calendar ?? now)
    }

    func standing(at now: Int64) -> (windows: [WindowStanding], quota: QuotaStanding?) {
        limiter.standing(at: now, calendar: now)
    }

    /// Whether that could be spent; nothing is.
    func could(_ cost: Int64, at now: Int64) -> Bool {
        var copy = limiter
        return copy.spend(cost, at: now, calendar: now) == .spent
    }
}

@Suite("The limiter")
struct LimiterTests {
    @Test(
        "No stretch of a limit's length ever has more uses than allowed, however they come",
        arguments: ["1/s", "7/s", "100/s", "10/3s", "1000/s"], 1...4)
    func neverMore(_ text: String, _ seed: Int) throws {
        let limit = try RateLimit(parsing: text)
        let limiter = try Machine(text)
        var random = Seeded(state: UInt64(seed))
        var passed: [Int64] = []
        var now = start + Int64(random.next() % 1000)
        for _ in 0..<20_000 {
            // Bursts, pauses of about a stretch, and clocks that go back.
            switch random.next() % 100 {
            case 0: now += limit.length - 30 + Int64(random.next() % 60)
            case 1: now -= Int64(random.next() % 500)
            case 2...30: now += Int64(random.next() % 20)
            default: break
            }
            if limiter.spend(at: now) == .spent { passed.append(max(now, passed.last ?? 0)) }
        }
        var first = 0
        for (place, time) in passed.enumerated() {
            while passed[first] <= time - limit.length { first += 1 }
            #expect(place - first + 1 <= Int(limit.uses))
        }
        #expect(passed.count > Int(limit.uses))
    }

    @Test("Who asks all the time for ten seconds gets at least 95 % of what is allowed", arguments: [1, 3, 7, 50])
    func throughput(_ step: Int64) throws {
        let limiter = try Machine("100/s")
        var passed = 0
        for now in stride(from: start, to: start + 10_000, by: Int64.Stride(step)) {
            // As many as 64 clients could ask for.
            for _ in 0..<200 where limiter.spend(at: now) == .spent { passed += 1 }
        }
        #expect(passed >= 950)
        #expect(passed <= 1000)
    }

    @Test("Uses that come evenly at the limit's pace lose at most one in thirty")
    func even() throws {
        let limiter = try Machine("100/s")
        let passed = (0..<10_000).count { limiter.spend(at: start + Int64($0) * 10) == .spent }
        #expect(passed >= 10_000 * 29 / 30)
    }

    @Test("A use counts for the whole stretch, and for no more than a slot longer")
    func forgotten() throws {
        for offset in Int64(0)..<30 {
            let limiter = try Machine("1/s")
            #expect(limiter.spend(at: start + offset) == .spent)
            #expect(limiter.spend(at: start + offset + 999) != .spent)
            #expect(limiter.spend(at: start + offset + 1025) == .spent)
        }
    }

    @Test("The time after which to try again is right to the millisecond")
    func retry() throws {
        let limiter = try Machine("10/m")
        for second in Int64(0)..<10 { #expect(limiter.spend(at: start + second * 1000) == .spent) }
        let now = start + 20_000
        for cost in Int64(1)...10 {
            guard case .rateLimited(let wait?) = limiter.spend(cost, at: now) else {
                Issue.record("not refused")
                continue
            }
            #expect(!limiter.could(cost, at: now + wait - 1))
            #expect(limiter.could(cost, at: now + wait))
        }
        #expect(limiter.spend(11, at: now) == .rateLimited(retryAfter: nil))
    }

    @Test("All limits and the quota are looked at before any is spent: a refused call spends nothing")
    func allOrNone() throws {
        let limiter = try Machine("10/s, 3/m", quota: Quota(uses: 20))
        #expect(limiter.spend(3, at: start) == .spent)
        for _ in 0..<50 { #expect(limiter.spend(at: start + 10) != .spent) }
        let standing = limiter.standing(at: start + 10)
        #expect(standing.windows.map(\.remaining) == [7, 0])
        #expect(standing.quota?.remaining == 17)
        let other = try Machine("10/s", quota: Quota(uses: 2))
        #expect(other.spend(3, at: start) == .quotaExceeded(retryAfter: nil))
        #expect(other.standing(at: start).windows.map(\.remaining) == [10])
        #expect(other.spend(2, at: start) == .spent)
        #expect(other.spend(1, at: start) == .quotaExceeded(retryAfter: nil))
        #expect(other.standing(at: start).windows.map(\.remaining) == [8])
    }

    @Test("A cost of nothing takes nothing and is always allowed")
    func nothing() throws {
        let limiter = try Machine("1/s", quota: Quota(uses: 1))
        #expect(limiter.spend(at: start) == .spent)
        #expect(limiter.spend(0, at: start) == .spent)
        #expect(limiter.spend(-5, at: start) == .spent)
        #expect(limiter.standing(at: start).quota?.used == 1)
    }

    @Test("A quota without refill ends for good; a monthly one begins anew at midnight of the first, UTC")
    func refill() throws {
        let total = try Machine("", quota: Quota(uses: 2))
        #expect(total.spend(2, at: start) == .spent)
        #expect(total.spend(at: start + 4000 * 86_400_000) == .quotaExceeded(retryAfter: nil))
        let monthly = try Machine("", quota: Quota(uses: 2, refill: .monthly))
        let february = start + 31 * 86_400_000
        #expect(monthly.spend(2, at: start + 5) == .spent)
        #expect(monthly.spend(at: february - 1000) == .quotaExceeded(retryAfter: 1000))
        #expect(monthly.spend(3, at: february - 1000) == .quotaExceeded(retryAfter: nil))
        #expect(monthly.standing(at: february - 1).quota?.reset == 1)
        #expect(monthly.spend(2, at: february) == .spent)
        #expect(monthly.spend(at: february) == .quotaExceeded(retryAfter: 28 * 86_400_000))
    }

    @Test("A clock that goes back gives nothing back, neither of a limit nor of a quota")
    func back() throws {
        let limiter = try Machine("2/s", quota: Quota(uses: 5, refill: .monthly))
        #expect(limiter.spend(2, at: start) == .spent)
        for hours in Int64(1)...1000 { #expect(limiter.spend(at: start - hours * 3_600_000) != .spent) }
        #expect(limiter.spend(2, at: start + 2000) == .spent)
        #expect(limiter.spend(2, at: start - 40 * 86_400_000) == .rateLimited(retryAfter: 1025))
        #expect(
            limiter.spend(2, at: start + 9000, calendar: start - 40 * 86_400_000)
                == .quotaExceeded(retryAfter: 71 * 86_400_000))
    }

    @Test("It says what remains of each limit and when all of it is there again")
    func standing() throws {
        let limiter = try Machine("10/s, 100/m")
        #expect(limiter.standing(at: start).windows.map(\.reset) == [0, 0])
        _ = limiter.spend(4, at: start)
        let standing = limiter.standing(at: start + 500)
        #expect(standing.windows.map(\.remaining) == [6, 96])
        #expect(standing.windows.map(\.reset) == [525, 61_000])
        #expect(limiter.standing(at: start + 1025).windows.map(\.remaining) == [10, 96])
        #expect(standing.quota == nil)
    }

    @Test("The largest limits and times do not overflow")
    func extremes() throws {
        let limiter = try Machine("1000000000/400d", quota: Quota(uses: Quota.mostUses, refill: .monthly))
        #expect(limiter.spend(1_000_000_000, at: Lifetime.latest) == .spent)
        #expect(limiter.spend(1, at: Lifetime.latest) != .spent)
        #expect(limiter.spend(.max, at: 0) == .rateLimited(retryAfter: nil))
        let zero = try Machine("10/s", quota: Quota(uses: 1))
        #expect(zero.spend(at: 0) == .spent)
        #expect(zero.spend(at: -5) != .spent)
    }
}

/// Numbers that only look random, the same in every run.
struct Seeded {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
