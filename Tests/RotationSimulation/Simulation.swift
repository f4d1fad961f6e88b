/// The lives of keys, from seeds.
package enum Simulation {
    package struct Sum: Sendable {
        package var keys = 0
        package var rotations = 0
        /// Calls at providers.
        package var calls = 0
        package var steps = 0
        /// Moves of the machine that were seen, as `step --event--> step`.
        package var moves: Set<String> = []

        package init() {}

        package mutating func add(_ other: Sum) {
            keys += other.keys
            rotations += other.rotations
            calls += other.calls
            steps += other.steps
            moves.formUnion(other.moves)
        }
    }

    /// A key that broke a promise, and how to see it again.
    package struct Broken: Error, CustomStringConvertible {
        package let seed: UInt64
        package let key: Int
        let violation: Violation
        /// What the key went through last, where it was asked for.
        package let history: [String]

        package var description: String {
            "seed \(seed), key \(key): \(violation); replay with KEYTURN_SIMULATION_KEY=\(seed)/\(key)"
        }
    }

    /// Ten years.
    package static let years: Int64 = 3_653 * day

    /// Runs keys of one seed, each for `length` milliseconds.
    ///
    /// - Parameter isTraced: whether ``Broken/history`` is wanted.
    /// - Throws: ``Broken`` for the first that broke a promise.
    package static func run(_ seed: UInt64, keys: Range<Int>, length: Int64 = years, isTraced: Bool = false)
        throws(Broken) -> Sum
    {
        var sum = Sum()
        for number in keys {
            var chance = Chance(seed)
            for _ in 0..<number { _ = chance.next() }
            var key = SimulatedKey(seed: chance.next() ^ UInt64(number))
            if isTraced { key.history = [] }
            do throws(Violation) { try key.run(until: beginning + length) } catch {
                throw Broken(seed: seed, key: number, violation: error, history: key.history?.suffix(40) ?? [])
            }
            sum.keys += 1
            sum.rotations += key.rotations
            sum.calls += key.calls
            sum.steps += key.steps
            sum.moves.formUnion(key.seen.map(\.description))
        }
        return sum
    }
}
