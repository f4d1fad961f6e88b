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

    @Test("Lines that are counted together count as they would one after the other", arguments: 1...20)
    func together(seed: UInt64) {
        var random = Seeded(seed)
        let times: [Int64] = [.start, .start + 1, .start + .hour, .start - 5 * .day]
        let events = (0..<300).map { _ -> UsageEvent? in
            let time = times.randomElement(using: &random) ?? .start
            let name = ["a", "b", "c"].randomElement(using: &random) ?? ""
            var event: UsageEvent
            switch Int.random(in: 0..<5, using: &random) {
            case 0: return nil
            case 1: event = .refusal(name, ["refused", "expired"].randomElement(using: &random) ?? "", at: time)
            case 2: event = .verification(name, ["VALID", "EXPIRED"].randomElement(using: &random) ?? "", at: time)
            default: event = .read(name, at: time, by: Int.random(in: 1...2, using: &random))
            }
            event.presented = Bool.random(using: &random) ? "presented" : nil
            event.times = UInt32.random(in: 1...3, using: &random)
            return event
        }
        let lines = (0..<300).map { UInt64($0 / 2 * 2) }
        var (one, all) = (UsageBook(), UsageBook())
        for (event, line) in zip(events, lines) {
            if let event { one.count(event, line: line) } else { one.pass(line: line) }
        }
        var rest = zip(events, lines).map { (event: $0, line: $1) }[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Int.random(in: 1...40, using: &random))
            all.count(Array(batch))
            rest = rest.dropFirst(batch.count)
        }
        let subjects =
            [UsageSubject.all, .user(1), .user(2), .user(7), .user(1000), UsageSubject(.issuer, "shop")]
            + ["a", "b", "c", "presented"].flatMap { [UsageSubject.key($0), UsageSubject(.issuedKey, $0)] }
        for subject in subjects {
            let (left, right) = (one.record(subject), all.record(subject))
            #expect(left?.last == right?.last && left?.label == right?.label)
            #expect(left?.hours.sorted == right?.hours.sorted && left?.days.sorted == right?.days.sorted)
            #expect(left?.readers.map(\.count) == right?.readers.map(\.count))
        }
        #expect(one.lines == all.lines && one.numberCount == all.numberCount)
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

extension Cells {
    /// The numbers, in an order that does not depend on which came first.
    fileprivate var sorted: [String] {
        cells.map { "\($0.slot) \($0.tally.class) \($0.tally.code) \($0.count)" }.sorted()
    }
}

/// The same numbers each time.
private struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
