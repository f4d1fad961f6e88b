import IssuedKeys
import Testing

@Suite("Durations and lifetimes")
struct DurationTests {
    @Test("Nothing is no duration", arguments: ["0s", "0m", "0h", "0d", "0w"])
    func zero(text: String) {
        #expect(throws: DurationTextError.zero) { try DurationText.milliseconds(text) }
    }

    @Test("A negative duration is refused as such", arguments: ["-1s", "-90d", "-9223372036854775s"])
    func negative(text: String) {
        #expect(throws: DurationTextError.negative) { try DurationText.milliseconds(text) }
    }

    @Test(
        "A duration that cannot be counted is refused",
        arguments: [
            "9223372036854776s", "106751991168d", "15250284453w", "9223372036854775808s", "99999999999999999999999999d",
        ])
    func overflow(text: String) {
        #expect(throws: DurationTextError.tooLong) { try DurationText.milliseconds(text) }
    }

    @Test(
        "Anything but a whole number and one unit is refused",
        arguments: [
            "", "d", "90", "90 d", " 90d", "90d ", "90D", "90days", "1h30m", "1.5h", "1e3s", "+1d", "--1d", "-", "-d",
            "01d", "00s",
            "0x1d", "1y", "1ms", "1M", "P90D", "90\u{0}d", "٩d", "1\u{301}d", "never", "1d\n",
        ])
    func malformed(text: String) {
        #expect(throws: DurationTextError.malformed) { try DurationText.milliseconds(text) }
    }

    @Test(
        "A duration is read in milliseconds",
        arguments: [
            ("1s", 1000), ("10s", 10_000), ("30m", 1_800_000), ("24h", 86_400_000), ("90d", 7_776_000_000),
            ("2w", 1_209_600_000), ("9223372036854775s", 9_223_372_036_854_775_000),
            ("106751991167d", 9_223_372_036_828_800_000),
        ] as [(String, Int64)])
    func read(text: String, expected: Int64) throws {
        #expect(try DurationText.milliseconds(text) == expected)
    }

    @Test("A lifetime of nothing or less is refused", arguments: [0, -1, Int64.min])
    func lifetimeNotPositive(length: Int64) {
        for now in [0, 1_763_695_747_000, Int64.max, Int64.min] {
            #expect(throws: LifetimeError.ended) { try Lifetime.end(from: now, lasting: length) }
        }
    }

    @Test("A lifetime that overflows or passes the year 9999 is refused, never endless")
    func lifetimeTooLong() throws {
        let now: Int64 = 1_763_695_747_000
        #expect(throws: LifetimeError.tooFar) { try Lifetime.end(from: now, lasting: .max) }
        #expect(throws: LifetimeError.tooFar) { try Lifetime.end(from: .max, lasting: 1) }
        #expect(throws: LifetimeError.tooFar) { try Lifetime.end(from: now, lasting: Lifetime.latest - now + 1) }
        #expect(try Lifetime.end(from: now, lasting: Lifetime.latest - now) == Lifetime.latest)
    }

    @Test("An end that has come is refused for a new key")
    func endInThePast() throws {
        #expect(throws: LifetimeError.ended) { try Lifetime.check(end: 999, at: 1000) }
        #expect(throws: LifetimeError.ended) { try Lifetime.check(end: 1000, at: 1000) }
        #expect(throws: LifetimeError.tooFar) { try Lifetime.check(end: .max, at: 1000) }
        try Lifetime.check(end: 1001, at: 1000)
    }

    @Test("At its end itself a life is over, a millisecond before it is not")
    func boundary() {
        #expect(Lifetime.isOver(end: 1000, at: 1000))
        #expect(Lifetime.isOver(end: 1000, at: 1001))
        #expect(!Lifetime.isOver(end: 1000, at: 999))
    }
}
