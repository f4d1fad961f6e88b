import Glibc
import RotationSimulation

/// `swift run -c release SimulateRotations FIRST-LAST [KEYS]` runs those seeds with 10 keys each, or as many as are
/// said, through ten years; `SimulateRotations SEED/KEY` runs one key again. Exits with 1 where a promise was broken.
@main
struct SimulateRotations {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        let first = arguments.first ?? "1-100"
        let again = first.split(separator: "/").compactMap { UInt64($0) }
        if again.count == 2 { return finish([await seed(again[0], Int(again[1])..<Int(again[1]) + 1, isTraced: true)]) }
        let ends = first.split(separator: "-").compactMap { UInt64($0) }
        guard let low = ends.first, let high = ends.last, low <= high,
            let keys = arguments.count > 1 ? arguments.last.flatMap({ Int($0) }) : 10
        else {
            print("usage: SimulateRotations FIRST-LAST [KEYS] | SEED/KEY")
            exit(2)
        }
        let workers = UInt64(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let results = await withTaskGroup(of: [Result<Simulation.Sum, Simulation.Broken>].self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var results: [Result<Simulation.Sum, Simulation.Broken>] = []
                    for number in low...high where number % workers == worker {
                        results.append(await seed(number, 0..<keys))
                    }
                    return results
                }
            }
            var all: [Result<Simulation.Sum, Simulation.Broken>] = []
            for await results in group { all += results }
            return all
        }
        finish(results)
    }

    private static func seed(
        _ seed: UInt64, _ keys: Range<Int>, isTraced: Bool = false
    ) async -> Result<Simulation.Sum, Simulation.Broken> {
        do throws(Simulation.Broken) { return .success(try Simulation.run(seed, keys: keys, isTraced: isTraced)) } catch
        {
            for line in error.history { print(line) }
            print(error)
            return .failure(error)
        }
    }

    private static func finish(_ results: [Result<Simulation.Sum, Simulation.Broken>]) {
        var sum = Simulation.Sum()
        var broken = 0
        for result in results {
            switch result {
            case .success(let one): sum.add(one)
            case .failure: broken += 1
            }
        }
        print(
            "\(results.count) seeds, \(sum.keys) keys, \(sum.rotations) rotations, \(sum.calls) calls, "
                + "\(sum.steps) steps, \(sum.moves.count) moves, \(broken) broken")
        exit(broken == 0 ? 0 : 1)
    }
}
