import Testing

@testable import Usage

@Suite("Counting by hour and by day")
struct BookTests {
    @Test("What was refused gives no name a place, and counts where the name is known")
    func refused() {
        var book = UsageBook()
        book.count(.refusal("nowhere"))
        #expect(book.counts(of: .key("nowhere")).isEmpty)
        #expect(book.counts(of: .all).refusals == ["refused": 1])
        #expect(book.counts(of: .user(1000)).refusals == ["refused": 1])
        book.count(.read("there"))
        book.count(.refusal("there", "expired"))
        #expect(book.counts(of: .key("there")).refusals == ["expired": 1])
        #expect(book.counts(of: .key("there")).reads == 1)
        #expect(book.last(.key("there")) == .start)
    }

    @Test("A refusal is no use, and neither is a verification that fails")
    func notUsed() {
        var book = UsageBook()
        book.count(.verification("id", "EXPIRED"))
        #expect(book.last(UsageSubject(.issuedKey, "id")) == nil)
        book.count(.verification("id", "VALID", at: .start + 5))
        book.count(.verification("id", "RATE_LIMITED", at: .start + 9))
        #expect(book.last(UsageSubject(.issuedKey, "id")) == .start + 5)
        #expect(
            book.counts(of: UsageSubject(.issuedKey, "id")).verifications
                == ["EXPIRED": 1, "VALID": 1, "RATE_LIMITED": 1])
        #expect(book.counts(of: UsageSubject(.issuer, "shop")).verified == 3)
        #expect(book.label(UsageSubject(.issuedKey, "id")) == "shop")
        // Whoever asked was served each time.
        #expect(book.counts(of: .user(7)).actions == 3)
        #expect(book.counts(of: .user(7)).verified == 0)
        #expect(book.last(.user(7)) == .start + 9)
    }

    @Test("A line counts once, in whatever order lines come")
    func once() {
        var book = UsageBook(lines: CountedLines(upTo: 10))
        for line: UInt64 in [12, 11, 12, 9, 10, 14, 14, 11] { book.count(.read("k"), line: line) }
        #expect(book.counts(of: .key("k")).reads == 3)
        #expect(book.lines.upTo == 12)
        #expect(book.lines.ahead == [14])
        book.count(.read("k"), line: 13)
        #expect(book.lines == CountedLines(upTo: 14))
    }

    @Test("A line that never comes is given up in the end")
    func gap() {
        var book = UsageBook()
        for line in 2...(UInt64(CountedLines.most) + 2) { book.count(.read("k"), line: line) }
        #expect(book.lines == CountedLines(upTo: UInt64(CountedLines.most) + 2))
        #expect(book.counts(of: .key("k")).reads == UInt64(CountedLines.most) + 1)
    }

    @Test("Hours and days are those of UTC; a period without a count is left out")
    func periods() {
        var book = UsageBook()
        for hours in [0, 0, 1, 25, 49] { book.count(.read("k", at: .start + Int64(hours) * .hour + 1)) }
        let hours = book.periods(of: .key("k"), by: .hour)
        #expect(hours.map(\.start) == [0, 1, 25, 49].map { Int64.start + $0 * .hour })
        #expect(hours.map(\.counts.reads) == [2, 1, 1, 1])
        let days = book.periods(of: .key("k"), by: .day)
        #expect(days.map(\.counts.reads) == [3, 1, 1])
        let span = UsageSpan(since: .start + .day, until: .start + 2 * .day)
        #expect(book.periods(of: .key("k"), by: .hour, in: span).map(\.counts.reads) == [1])
        #expect(book.counts(of: .key("k"), in: span).reads == 1)
    }

    @Test("Old hours become days, old days go, and the sums stay as long as the days do")
    func ages() {
        var book = UsageBook(limits: small { ($0.hours, $0.days) = (48, 10) })
        for hour in 0..<(20 * 24) { book.count(.read("k", at: .start + Int64(hour) * .hour)) }
        book.prune(now: .start + 20 * .day)
        let days = book.periods(of: .key("k"), by: .day)
        #expect(days.count == 10)
        #expect(days.allSatisfy { $0.counts.reads == 24 })
        #expect(book.periods(of: .key("k"), by: .hour).count == 48)
        #expect(book.numberCount < 180)
    }

    @Test("A clock that goes back does no harm, and one that ran ahead leaves nothing for ever")
    func clocks() {
        var book = UsageBook()
        book.count(.read("k", at: .start + .day))
        book.count(.read("k", at: .start))
        book.count(.read("k", at: -5))
        book.count(.read("k", at: .min))
        book.count(.read("k", at: .start + .day))
        #expect(book.counts(of: .key("k")).reads == 5)
        #expect(book.last(.key("k")) == .start + .day)
        #expect(book.periods(of: .key("k"), by: .hour).map(\.counts.reads) == [2, 1, 2])
        var other = UsageBook()
        other.count(.read("k", at: .start))
        other.count(.read("k", at: .max))
        other.prune(now: .start)
        #expect(other.counts(of: .key("k")).reads == 0 || other.counts(of: .key("k")).reads == 1)
        other.count(.read("k", at: .start))
        #expect(other.periods(of: .key("k"), by: .day).map(\.start) == [.start])
    }

    @Test("The readers of a key are the latest, by name")
    func readers() {
        var book = UsageBook(limits: small { $0.readers = 3 })
        for user in 1...5 { book.count(.read("k", at: .start + Int64(user), by: user)) }
        book.count(.read("k", at: .start + 9, by: 4))
        let readers = book.readers(of: "k")
        #expect(readers.map(\.caller) == [.user(4), .user(5), .user(3)])
        #expect(readers.map(\.count) == [2, 1, 1])
        #expect(readers[0].name == "user4")
        #expect(book.readers(of: "k", since: .start + 5).count == 2)
        #expect(book.readers(of: "none").isEmpty)
    }

    @Test("The most are told in order, of the kinds that were asked for")
    func top() {
        var book = UsageBook()
        for (key, count) in [("a", 2), ("b", 5), ("c", 5)] {
            for _ in 0..<count { book.count(.read(key)) }
        }
        #expect(book.top([.key], by: .reads, limit: 2).map(\.subject.id) == ["b", "c"])
        #expect(book.top([.unixUser], by: .reads, limit: 9).map(\.counts.reads) == [12])
        #expect(book.top([.key], by: .refusals, limit: 9).isEmpty)
        #expect(book.top([.key], by: .reads, limit: 9) { subject, _ in subject.id == "a" }.count == 1)
    }
}
