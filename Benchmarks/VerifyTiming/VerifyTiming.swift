internal import Glibc
internal import IssuedKeys
internal import SecretMemory
internal import Vault

/// Whether the time of a verification tells an id that is there from one that is not.
///
///     VerifyTiming [COUNT]
///
/// Verifies wrong keys of several kinds in random order, COUNT times each (100,000 unless said), in one process and on one
/// thread, where nothing hides a difference, and compares the times by Welch's t and by Mann and Whitney's U. |t| or |z|
/// above 4.5 is a difference that can be seen. Two kinds that are the same show what chance does, and a kind that is
/// turned away earlier shows that a difference would be found.
///
/// A key is looked up by the keyed hash of its whole text, and its id by nothing. So a wrong secret and an unknown id are
/// each one miss in the same table, at places that are as random for the one as for the other: they take the same steps and
/// touch the same memory. A wrong checksum is told sooner, as it may be: whoever sees the text can tell without asking.
@main
enum VerifyTiming {
    static func main() async throws {
        let count = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 0 : 100_000
        guard count >= 1_000, CommandLine.arguments.count <= 2 else {
            print("usage: VerifyTiming [COUNT], of 1000 or more")
            exit(2)
        }
        let shop = try await Shop(keys: 2_000)
        // The texts of all kinds lie among one another in memory.
        var texts = (0..<4).map { _ in [WipedBytes]() }
        for key in shop.keys {
            for kind in texts.indices.shuffled() {
                texts[kind].append(
                    try kind == 0 ? shop.forged(key) : kind == 3 ? shop.mistyped() : shop.unknown())
            }
        }
        let names = ["wrong secret", "unknown id", "unknown id again", "wrong checksum"]
        let kinds = zip(names, texts).map { Kind($0, $1) }
        // The first thousands warm caches up and are thrown away.
        _ = try measure(kinds, shop, 2_000)
        let times = try measure(kinds, shop, count)
        for (kind, times) in zip(kinds, times) {
            let sorted = times.sorted()
            print(
                "\(kind.name): median \(sorted[sorted.count / 2]) ns, nine in ten under \(sorted[sorted.count * 9 / 10]) ns"
            )
        }
        for (a, b) in [(0, 1), (1, 2), (1, 3)] {
            let found = Comparison(times[a], times[b])
            print(
                "\(kinds[a].name) against \(kinds[b].name): t \(short(found.t)), z \(short(found.z)), "
                    + "medians \(short(found.medians)) ns apart")
        }
    }

    /// One kind of wrong key.
    private struct Kind {
        let name: String
        let texts: [WipedBytes]

        init(_ name: String, _ texts: [WipedBytes]) {
            self.name = name
            self.texts = texts
        }
    }

    /// Nanoseconds of each verification, by kind. Which kind comes next is chance.
    private static func measure(_ kinds: [Kind], _ shop: Shop, _ count: Int) throws -> [[Int64]] {
        var order = kinds.indices.flatMap { Array(repeating: $0, count: count) }
        order.shuffle()
        var times = kinds.map { _ in [Int64]() }
        for index in times.indices { times[index].reserveCapacity(count) }
        for (step, kind) in order.enumerated() {
            let texts = kinds[kind].texts
            let query = VerifyQuery(key: texts[(step &* 7_919) % texts.count])
            let began = nanoseconds()
            let answer = try shop.vault.verifyNow(shop.gateway, query)
            let took = nanoseconds() - began
            guard answer?.code == .notFound else { throw NotWrong() }
            times[kind].append(took)
        }
        return times
    }

    private struct NotWrong: Error {}

    private static func nanoseconds() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static func short(_ number: Double) -> String { "\((number * 100).rounded() / 100)" }
}
