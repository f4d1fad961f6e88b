import FoundationEssentials
import Rotation
import Testing

/// Ten years of many keys, from a seed.
///
/// `KEYTURN_SIMULATION_SEEDS=1-5000` runs those seeds with 10 keys each, or with as many as `KEYTURN_SIMULATION_KEYS`
/// says; `KEYTURN_SIMULATION_KEY=S/K` replays key K of seed S.
@Suite("Rotations through ten years of accidents")
struct SimulationTests {
    static let years: Int64 = 3_653 * day

    static func key(_ seed: UInt64, _ number: Int) -> SimulatedKey {
        var chance = Chance(seed)
        for _ in 0..<number { _ = chance.next() }
        return SimulatedKey(seed: chance.next() ^ UInt64(number))
    }

    /// Runs the keys of one seed.
    static func run(_ seed: UInt64, keys: Range<Int>, years: Int64 = years) -> (
        rotations: Int, steps: Int, seen: Set<RotationMove>
    ) {
        var sum = (rotations: 0, steps: 0, seen: Set<RotationMove>())
        for number in keys {
            var key = key(seed, number)
            do throws(Violation) {
                try key.run(until: beginning + years)
            } catch {
                Issue.record(
                    "seed \(seed), key \(number): \(error); replay with KEYTURN_SIMULATION_KEY=\(seed)/\(number)")
                return sum
            }
            sum.rotations += key.rotations
            sum.steps += key.steps
            sum.seen.formUnion(key.seen)
        }
        return sum
    }

    private static func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    @Test("A thousand keys of one seed keep every promise")
    func thousand() {
        let sum = Self.run(1, keys: 0..<1_000, years: 366 * day)
        #expect(sum.rotations > 2_000)
    }

    @Test("Other seeds keep them for ten years", arguments: 2...11)
    func seeds(seed: UInt64) {
        #expect(Self.run(seed, keys: 0..<10).rotations > 100)
    }

    @Test("The seeds that were asked for keep them", .enabled(if: environment("KEYTURN_SIMULATION_SEEDS") != nil))
    func asked() async {
        let ends = (Self.environment("KEYTURN_SIMULATION_SEEDS") ?? "").split(separator: "-").compactMap { UInt64($0) }
        guard let first = ends.first, let last = ends.last, first <= last else { return #expect(Bool(false), "1-5000") }
        let keys = Self.environment("KEYTURN_SIMULATION_KEYS").flatMap { Int($0) } ?? 10
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<2 as Range<UInt64> {
                group.addTask {
                    for seed in first...last where seed % 2 == worker { _ = Self.run(seed, keys: 0..<keys) }
                }
            }
        }
    }

    @Test("One key again", .enabled(if: environment("KEYTURN_SIMULATION_KEY") != nil))
    func replay() {
        let parts = (Self.environment("KEYTURN_SIMULATION_KEY") ?? "").split(separator: "/").compactMap { UInt64($0) }
        guard parts.count == 2 else { return #expect(Bool(false), "KEYTURN_SIMULATION_KEY is SEED/KEY") }
        _ = Self.run(parts[0], keys: Int(parts[1])..<Int(parts[1]) + 1)
    }
}
