import FoundationEssentials
import RotationSimulation
import Testing

/// Ten years of many keys, from a seed.
///
/// `KEYTURN_SIMULATION_SEEDS=1-5000` runs those seeds with 10 keys each, or with as many as `KEYTURN_SIMULATION_KEYS`
/// says; `KEYTURN_SIMULATION_KEY=S/K` replays key K of seed S. `swift run -c release SimulateRotations 1-5000` is many
/// times quicker; `SimulateRotations 1-1 1000` is the thousand keys of one seed (see CONTRIBUTING.md).
@Suite("Rotations through ten years of accidents")
struct SimulationTests {
    private static func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    /// One key after the other. Other tests have deadlines to keep, and get their turn between two keys.
    private func run(_ seed: UInt64, _ keys: Range<Int>) async -> Simulation.Sum {
        var sum = Simulation.Sum()
        for key in keys {
            await Task.yield()
            do throws(Simulation.Broken) { sum.add(try Simulation.run(seed, keys: key..<key + 1)) } catch {
                Issue.record("\(error)")
            }
        }
        return sum
    }

    @Test("Two hundred keys of one seed keep every promise for ten years")
    func together() async {
        let sum = await withTaskGroup(of: Simulation.Sum.self) { group in
            for first in stride(from: 0, to: 200, by: 20) {
                group.addTask { await run(1, first..<first + 20) }
            }
            var sum = Simulation.Sum()
            for await part in group { sum.add(part) }
            return sum
        }
        #expect(sum.keys == 200 && sum.rotations > 10_000)
    }

    @Test("Other seeds keep them for ten years", arguments: 2...11)
    func seeds(seed: UInt64) async {
        #expect(await run(seed, 0..<10).rotations > 100)
    }

    @Test("The seeds that were asked for keep them", .enabled(if: environment("KEYTURN_SIMULATION_SEEDS") != nil))
    func asked() async {
        let ends = (Self.environment("KEYTURN_SIMULATION_SEEDS") ?? "").split(separator: "-").compactMap { UInt64($0) }
        guard let first = ends.first, let last = ends.last, first <= last else { return #expect(Bool(false), "1-5000") }
        let keys = Self.environment("KEYTURN_SIMULATION_KEYS").flatMap { Int($0) } ?? 10
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<2 as Range<UInt64> {
                group.addTask { for seed in first...last where seed % 2 == worker { _ = await run(seed, 0..<keys) } }
            }
        }
    }

    @Test("One key again", .enabled(if: environment("KEYTURN_SIMULATION_KEY") != nil))
    func replay() async {
        let parts = (Self.environment("KEYTURN_SIMULATION_KEY") ?? "").split(separator: "/").compactMap { UInt64($0) }
        guard parts.count == 2 else { return #expect(Bool(false), "KEYTURN_SIMULATION_KEY is SEED/KEY") }
        _ = await run(parts[0], Int(parts[1])..<Int(parts[1]) + 1)
    }
}
