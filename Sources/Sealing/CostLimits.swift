/// What Argon2id is told to spend.
package struct DerivationCosts: Hashable, Sendable {
    package var memoryKiB: UInt32
    package var iterations: UInt32
    package var parallelism: UInt32

    package init(memoryKiB: UInt32, iterations: UInt32, parallelism: UInt32) {
        self.memoryKiB = memoryKiB
        self.iterations = iterations
        self.parallelism = parallelism
    }

    /// 256 MiB, three passes, four lanes.
    package static let standard = DerivationCosts(memoryKiB: 256 << 10, iterations: 3, parallelism: 4)
}

/// Which costs a slot may ask for. A slot is read from an untrusted store, and these are checked before any work.
package struct CostLimits: Sendable {
    private let memoryKiB: ClosedRange<UInt32>
    private let iterations: ClosedRange<UInt32>
    private let parallelism: ClosedRange<UInt32>
    /// With exactly this much memory fewer passes will do.
    private let fewerPasses: (memoryKiB: UInt32, iterations: ClosedRange<UInt32>)?

    /// Limits of one's own: for tests, whose derivations are cheap. The program has ``standard`` and no setting for it.
    package init(
        memoryKiB: ClosedRange<UInt32>, iterations: ClosedRange<UInt32>, parallelism: ClosedRange<UInt32>,
        fewerPasses: (memoryKiB: UInt32, iterations: ClosedRange<UInt32>)? = nil
    ) {
        self.memoryKiB = memoryKiB
        self.iterations = iterations
        self.parallelism = parallelism
        self.fewerPasses = fewerPasses
    }

    /// 64 MiB to 2 GiB; 3 to 10 passes, or 1 to 10 at exactly 2 GiB; 1 to 8 lanes.
    package static let standard = CostLimits(
        memoryKiB: (64 << 10)...(2 << 20), iterations: 3...10, parallelism: 1...8,
        fewerPasses: (memoryKiB: 2 << 20, iterations: 1...10))

    /// Throws ``SealingError/costsRefused(_:)`` for the first cost that is out of its range.
    package func check(_ costs: DerivationCosts) throws(SealingError) {
        guard memoryKiB.contains(costs.memoryKiB) else { throw .costsRefused(.memory) }
        let fewer = fewerPasses.flatMap { $0.memoryKiB == costs.memoryKiB ? $0.iterations : nil }
        guard (fewer ?? iterations).contains(costs.iterations) else { throw .costsRefused(.iterations) }
        guard parallelism.contains(costs.parallelism) else { throw .costsRefused(.parallelism) }
    }
}
