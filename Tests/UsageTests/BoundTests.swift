import Testing

@testable import Usage

@Suite("Counters stay small")
struct BoundTests {
    @Test("A million refused names take no place")
    func flood() {
        var book = UsageBook()
        book.count(.read("real"))
        let before = book.numberCount
        for number in 0..<1_000_000 { book.count(.refusal("flood/\(number)")) }
        #expect(book.subjectCount == 2)
        #expect(book.numberCount <= before + 2)
        #expect(book.counts(of: .all).refused == 1_000_000)
        #expect(book.counts(of: .key("real")).reads == 1)
    }

    @Test("Where all are in use, newcomers count as others, and nobody loses a place")
    func full() {
        var book = UsageBook(limits: small { $0.keys = 100 })
        for number in 0..<10_000 { book.count(.read("k\(number)")) }
        #expect(book.subjectCount == 101)
        for number in 0..<100 { #expect(book.counts(of: .key("k\(number)")).reads == 1) }
        #expect(book.counts(of: .other(.key)).reads == 9_900)
        #expect(book.counts(of: .all).reads == 10_000)
    }

    @Test("Those out of use make room, the longest unused first, and their numbers are kept as others'")
    func room() {
        var book = UsageBook(limits: small { $0.keys = 16 })
        for number in 0..<16 { book.count(.read("k\(number)", at: .start + Int64(number) * .hour)) }
        book.count(.read("new", at: .start + 40 * .hour))
        #expect(book.counts(of: .key("k0")).isEmpty)
        #expect(book.counts(of: .key("k1")).reads == 1)
        #expect(book.counts(of: .key("new")).reads == 1)
        #expect(book.counts(of: .other(.key)).reads == 1)
        #expect(book.counts(of: .all).reads == 17)
    }

    @Test("Codes of any number take a bounded place")
    func codes() {
        var book = UsageBook(limits: small { ($0.codes, $0.codesOfOne) = (8, 4) })
        book.count(.read("k"))
        for number in 0..<1_000 { book.count(.refusal("k", "code\(number)")) }
        book.count(.refusal("k", String(repeating: "x", count: 100)))
        book.count(.refusal("k", ""))
        let refusals = book.counts(of: .key("k")).refusals
        #expect(refusals.count <= 5)
        #expect(refusals["code0"] == 1)
        #expect(refusals.values.reduce(0, +) == 1_002)
    }

    @Test("Where there are too many numbers, the oldest detail goes first, and sums are right for what is left")
    func cells() {
        var book = UsageBook(limits: small { $0.cells = 3_000 })
        for hour in 0..<(30 * 24) {
            for key in 0..<20 { book.count(.read("k\(key)", at: .start + Int64(hour) * .hour)) }
        }
        book.prune(now: .start + 30 * .day)
        #expect(book.numberCount <= 3_000)
        #expect(book.counts(of: .key("k3")).reads == 30 * 24)
        #expect(book.periods(of: .key("k3"), by: .day).count == 30)
    }

    @Test("Numbers stop at their largest")
    func saturation() {
        var cells = Cells()
        _ = cells.add(.read, slot: 1, count: .max, codes: 9)
        _ = cells.add(.read, slot: 1, codes: 9)
        #expect(cells.cells[0].count == .max)
    }
}
