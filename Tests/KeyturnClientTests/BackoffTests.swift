import KeyturnClient
import Testing

@Suite("Asking again")
struct BackoffTests {
    @Test("Pauses grow to their bound, and begin anew after an answer")
    func grows() {
        var backoff = Backoff(first: 250, longest: 2000)
        #expect((0..<5).map { _ in backoff.next(chance: 0) } == [250, 500, 1000, 2000, 2000])
        backoff.reset()
        #expect(backoff.next(chance: 0) == 250)
    }

    @Test("Chance adds up to half; what the vault asks for is the least, up to a minute")
    func bounds() {
        var backoff = Backoff(first: 100)
        #expect(backoff.next(chance: 1) == 150)
        #expect(backoff.next(retryAfter: 10, chance: 0) == 10_000)
        #expect(backoff.next(retryAfter: 86_400, chance: 1) == 90_000)
        #expect(backoff.next(retryAfter: -5, chance: -1) == 800)
    }

    @Test("A thousand clients that begin together come back spread over half a pause")
    func spread() {
        let pauses = (0..<1000).map { _ in
            var backoff = Backoff()
            return backoff.next(retryAfter: 2)
        }
        // Ten tenths of the second after the two that were asked for: a tenth with none of a thousand is no chance.
        let tenths = Set(pauses.map { ($0 - 2000) / 100 })
        #expect(tenths.isSuperset(of: 0..<10) && pauses.allSatisfy { (2000...3000).contains($0) })
    }
}
