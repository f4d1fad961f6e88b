import Testing

@testable import Vault

@Suite("Work on all processors")
struct ParallelWorkTests {
    @Test("Results come in the order of their numbers", arguments: [0, 1, 2, 7, 1_000])
    func order(_ count: Int) {
        #expect(ParallelWork.map(count) { $0 * 3 } == (0..<count).map { $0 * 3 })
    }

    @Test(
        "What is sorted in parts is as if sorted at once, and what is alike keeps its order",
        arguments: [0, 1, 5, 4_095, 8_192, 8_193, 50_000])
    func sorts(_ count: Int) {
        struct Item: Equatable {
            var key: Int
            var number: Int
        }
        var random = SeededGenerator(seed: UInt64(count))
        let items = (0..<count).map { Item(key: Int(random.next() % 500), number: $0) }
        let sorted = ParallelWork.sorted(items) { $0.key < $1.key }
        #expect(sorted == items.sorted { ($0.key, $0.number) < ($1.key, $1.number) })
    }
}
