import Testing

@testable import Usage

@Suite("Pages of counters")
struct PageTests {
    @Test("Bytes that are no page are refused whole, whichever byte is cut or changed")
    func damaged() throws {
        var book = UsageBook()
        book.count(.read("payments/stripe"), line: 1)
        book.count(.refusal("payments/stripe", "expired"), line: 2)
        let pages = book.takeChanges().written()
        for page in pages.dropFirst() {
            for end in page.bytes.indices {
                var other = UsageBook()
                let isRead = other.load(Array(page.bytes[..<end]))
                #expect(!isRead)
                #expect(other.subjectCount == 0)
            }
            for place in page.bytes.indices {
                for bit in 0..<8 {
                    var bytes = page.bytes
                    bytes[place] ^= 1 << UInt8(bit)
                    var other = UsageBook()
                    _ = other.load(bytes)
                }
            }
            var other = UsageBook()
            let isRead = other.load(page.bytes + [0])
            #expect(!isRead)
        }
        #expect(UsageBook.lines([], upTo: 1) == nil)
        #expect(UsageBook.lines([2, 0], upTo: 1) == nil)
        #expect(UsageBook.lines([1, 1], upTo: 1) == nil)
        #expect(UsageBook.lines([1, 2, 5, 3], upTo: 1) == nil)
        #expect(UsageBook.lines([1, 0], upTo: 7) == CountedLines(upTo: 7))
    }

    @Test("What was counted is found again: numbers, names, last uses, readers and lines")
    func again() {
        var book = UsageBook()
        for number in 0..<500 {
            let time = Int64.start + Int64(number) * 7 * .hour
            book.count(.read("k\(number % 50)", at: time, by: number % 3), line: UInt64(number + 1))
            book.count(.refusal("k\(number % 50)", "code\(number % 5)", at: time))
            book.count(.verification("id\(number % 20)", number % 2 == 0 ? "VALID" : "EXPIRED", at: time))
        }
        book.count(.read("k1"), line: 700)
        var other = book.reloaded()
        #expect(other.lines == book.lines)
        #expect(other.lines.ahead == [700])
        #expect(other.subjectCount == book.subjectCount)
        #expect(other.numberCount == book.numberCount)
        #expect(!other.isDirty)
        for number in 0..<50 {
            let key = UsageSubject.key("k\(number)")
            #expect(other.periods(of: key, by: .day) == book.periods(of: key, by: .day))
            #expect(other.periods(of: key, by: .hour) == book.periods(of: key, by: .hour))
            #expect(other.readers(of: key.id) == book.readers(of: key.id))
            #expect(other.last(key) == book.last(key))
        }
        #expect(other.label(.user(1)) == "user1")
        #expect(other.label(UsageSubject(.issuedKey, "id3")) == "shop")
        other.count(.read("k1"), line: 700)
        #expect(other.counts(of: .key("k1")) == book.counts(of: .key("k1")))
    }

    @Test("Only pages that changed are written, and again where they could not be stored")
    func changes() {
        var book = UsageBook()
        for number in 0..<1_000 { book.count(.read("k\(number)")) }
        #expect(book.isDirty)
        _ = book.takeChanges()
        let none = book.takeChanges()
        #expect(none.isEmpty)
        book.count(.read("k7"))
        let changes = book.takeChanges()
        #expect(
            Set(changes.numbers).isSubset(of: [
                UsageSubject.all.page, UsageSubject.key("k7").page, UsageSubject.user(1000).page,
            ]))
        #expect(!book.isDirty)
        book.takeBack(changes.numbers)
        let again = book.takeChanges()
        #expect(again.numbers == changes.numbers)
    }

    @Test("Two books of the same subject add up, and more subjects than there is room for count as others")
    func merged() {
        var one = UsageBook()
        one.count(.read("k"))
        var other = UsageBook()
        other.count(.read("k", at: .start + .hour))
        for page in one.takeChanges().written().dropFirst() { _ = other.load(page.bytes) }
        #expect(other.counts(of: .key("k")).reads == 2)
        var many = UsageBook()
        for number in 0..<100 { many.count(.read("k\(number)")) }
        let few = many.reloaded(limits: small { $0.keys = 10 })
        #expect(few.subjectCount <= 11)
        #expect(few.counts(of: .all).reads == 100)
        let told = few.top([.key], by: .reads, limit: 1_000).reduce(0) { $0 + $1.counts.reads }
        #expect(told + few.counts(of: .other(.key)).reads == 100)
    }

    @Test("Names of any sort are kept as they are, and are nothing but names")
    func hostile() {
        var book = UsageBook()
        let names = ["", "\u{0}", "a\"b\\c", "\u{1b}[2J", "é/ü", "../..", String(repeating: "x", count: 1_000)]
        for name in names.dropFirst() { book.count(.read(name)) }
        book.count(
            UsageEvent(time: .start, .read, key: "k", caller: .init(.user(5), name: "\u{1b}]0;\u{7}\n")))
        let other = book.reloaded()
        for name in names.dropFirst() { #expect(other.counts(of: .key(name)).reads == 1) }
        #expect(other.label(.user(5)) == "\u{1b}]0;\u{7}\n")
    }
}
