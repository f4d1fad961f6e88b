import Testing

@testable import Audit

@Suite("The quota of strangers") struct StrangerQuotaTests {
    private func refusal(_ address: String, _ code: AuditToken = "unauthenticated", time: Int64 = someTime)
        -> AuditEntry
    {
        AuditEntry(
            time: time, outcome: .refused, action: "retrieve", caller: .stranger, address: address, code: code,
            route: "/v1/values/{path}")
    }

    private func bytes(_ entry: AuditEntry) -> Int64 { Int64(EntryLineTests.line(entry).utf8.count) }

    @Test(
        "keeps a million wrong requests within its bytes, and counts each",
        arguments: [
            (1_000_000, 16, 7), (40_000, 40_000, 7), (40_000, 40_000, 2000),
        ] as [(Int64, Int64, Int64)])
    func million(_ requests: Int64, _ addresses: Int64, _ interval: Int64) {
        var quota = StrangerQuota()
        var written: Int64 = 0
        var counted: UInt64 = 0
        for number in 0..<requests {
            let now = number * interval
            let entry = refusal("2001:db8::\(number % addresses)", time: someTime + now)
            if quota.decide(entry, now: now) == .write {
                written += bytes(entry)
                counted += 1
            }
            if number % 100 == 0 {
                for line in quota.flush(now: now) {
                    written += bytes(line)
                    counted += line.count ?? 0
                }
            }
        }
        let limits = StrangerQuota.Limits()
        #expect(written <= limits.burst + requests * interval / 1000 * limits.bytesPerSecond)
        #expect(counted + quota.pending == UInt64(requests))
        for line in quota.drain() { counted += line.count ?? 0 }
        #expect(counted == UInt64(requests) && quota.pending == 0)
    }

    @Test("writes one line for an address, code and second, and one with the count of the others")
    func aggregates() throws {
        var quota = StrangerQuota()
        #expect(quota.decide(refusal("192.0.2.1"), now: 5000) == .write)
        for _ in 0..<9 { #expect(quota.decide(refusal("192.0.2.1"), now: 5999) == .count) }
        #expect(quota.decide(refusal("192.0.2.1", "malformed"), now: 5999) == .write)
        #expect(quota.decide(refusal("192.0.2.2"), now: 5999) == .write)
        #expect(quota.flush(now: 5999).isEmpty)
        let lines = quota.flush(now: 6000)
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.count == 9 && line.address == "192.0.2.1" && line.code?.text == "unauthenticated")
        #expect(line.outcome == .refused && line.caller == .stranger)
        #expect(quota.decide(refusal("192.0.2.1"), now: 6000) == .write)
        #expect(quota.flush(now: 7000).isEmpty && quota.pending == 0)
    }

    @Test("keeps its memory bounded, however many addresses and codes come")
    func bounded() {
        var limits = StrangerQuota.Limits()
        limits.mostPairs = 16
        limits.burst = 4096
        limits.bytesPerSecond = 0
        var quota = StrangerQuota(limits: limits)
        var writes = 0
        for number in 0..<10_000 {
            let entry = refusal("198.51.100.\(number)", AuditToken(checking: "code\(number)"))
            if quota.decide(entry, now: 0) == .write { writes += 1 }
        }
        let lines = quota.drain()
        #expect(writes < 16 && lines.count <= 16 + 33)
        #expect(lines.reduce(0) { $0 + ($1.count ?? 0) } == UInt64(10_000 - writes))
    }

    @Test("keeps counting without addresses when the quota is used up, and writes the count when it can")
    func backlog() throws {
        var limits = StrangerQuota.Limits()
        limits.burst = 800
        limits.bytesPerSecond = 10
        var quota = StrangerQuota(limits: limits)
        var direct: UInt64 = 0
        for number in 0..<100 as Range<Int64>
        where quota.decide(refusal("192.0.2.\(number)"), now: number * 10) == .write {
            direct += 1
        }
        #expect(direct == 1)
        let first = quota.flush(now: 1000)
        #expect(first.count <= 2)
        let later = quota.flush(now: 100_000)
        #expect(later.contains { $0.address == nil && ($0.count ?? 0) > 1 })
        #expect(direct + (first + later).reduce(0) { $0 + ($1.count ?? 0) } + quota.pending == 100)
    }

    @Test("is not fooled by a clock that jumps far or stands still")
    func clock() {
        var quota = StrangerQuota()
        #expect(quota.decide(refusal("a"), now: .max - 1) == .write)
        #expect(quota.decide(refusal("b"), now: 0) == .write)
        #expect(quota.decide(refusal("b"), now: 0) == .count)
        #expect(quota.flush(now: .max).count == 1)
    }
}
