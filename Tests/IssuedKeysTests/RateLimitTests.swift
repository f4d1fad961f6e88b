import Testing

@testable import IssuedKeys

@Suite("Limits as text")
struct RateLimitTests {
    @Test(
        "What is no limit is refused, and says what is wrong",
        arguments: [
            ("", RateLimitError.malformed), ("10", .malformed), ("10/", .malformed), ("/s", .malformed),
            ("10/x", .malformed), ("10/w", .malformed), ("10 /s", .malformed), ("10/ s", .malformed),
            ("+10/s", .malformed), ("-1/s", .malformed), ("010/s", .malformed), ("10/01s", .malformed),
            ("1.5/s", .malformed), ("10/s/s", .malformed), ("10/1 s", .malformed), ("１/s", .malformed),
            ("0/s", .uses), ("1000000001/s", .uses), ("99999999999999999999999999/s", .uses),
            ("1/0s", .length), ("1/401d", .length), ("1/99999999999999999999d", .length),
        ] as [(String, RateLimitError)])
    func malformed(_ text: String, _ error: RateLimitError) {
        #expect(throws: error) { try RateLimit(parsing: text) }
    }

    @Test(
        "A limit is read and written",
        arguments: [
            ("10/s", 10, 1000, "10/s"), ("600/m", 600, 60_000, "600/m"), ("5/h", 5, 3_600_000, "5/h"),
            ("10000/d", 10_000, 86_400_000, "10000/d"), ("100/15m", 100, 900_000, "100/15m"),
            ("1/60s", 1, 60_000, "1/m"), ("1/90s", 1, 90_000, "1/90s"),
            ("1000000000/400d", 1_000_000_000, 34_560_000_000, "1000000000/400d"),
        ] as [(String, Int64, Int64, String)])
    func read(_ text: String, _ uses: Int64, _ length: Int64, _ written: String) throws {
        let limit = try RateLimit(parsing: text)
        #expect(limit.uses == uses)
        #expect(limit.length == length)
        #expect(limit.description == written)
    }

    @Test("Several limits are read from commas and lists, shortest first; a length comes once")
    func several() throws {
        let limits = try RateLimits(parsing: ["10000/d, 10/s", "600/m"])
        #expect(limits.description == "10/s, 600/m, 10000/d")
        #expect(try RateLimits(parsing: limits.texts) == limits)
        #expect(try RateLimits(parsing: []) == .none)
        #expect(throws: RateLimitError.repeated) { try RateLimits(parsing: ["10/m", "20/60s"]) }
        #expect(throws: RateLimitError.malformed) { try RateLimits(parsing: ["10/s,"]) }
        #expect(throws: RateLimitError.malformed) { try RateLimits(parsing: [""]) }
        let nine = (1...9).map { "1/\($0)s" }
        #expect(throws: RateLimitError.tooMany) { try RateLimits(parsing: nine) }
        #expect(throws: RateLimitError.tooMany) { try RateLimits(parsing: [nine.joined(separator: ",")]) }
    }

    @Test("Months begin where the calendar says, leap years included")
    func months() {
        let days: [(Int64, Int64)] = [
            (0, 0), (2_678_399_999, 0), (2_678_400_000, 1),
            // 2024-02-29T23:59:59.999Z and a millisecond later.
            (1_709_251_199_999, 649), (1_709_251_200_000, 650),
            // 2026-01-01 and the millisecond before.
            (1_767_225_599_999, 671), (1_767_225_600_000, 672),
            // 2100 is no leap year: 2100-03-01.
            (4_107_542_400_000, 1562), (4_107_542_399_999, 1561), (-1, 0),
        ]
        for (time, month) in days { #expect(CalendarMonth.containing(time) == month) }
        for month in Int64(0)...2400 {
            let start = CalendarMonth.start(of: month)
            #expect(CalendarMonth.containing(start) == month)
            if month > 0 { #expect(CalendarMonth.containing(start - 1) == month - 1) }
        }
    }
}
