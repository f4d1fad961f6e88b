/// Chooses the memory cost for new slots on this machine.
package enum Calibration {
    /// The memory costs that are chosen among, in KiB.
    private static let steps: [UInt32] = [64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048].map { $0 << 10 }

    /// The most memory whose derivation should take no more than 1.5 seconds and which is at most a quarter of what the
    /// process may use; passes and lanes stay as they are by default. Never less than the default for being slow, only
    /// for lack of memory.
    ///
    /// - Parameters:
    ///   - milliseconds: how long a derivation at ``DerivationCosts/standard`` took; time grows with memory in
    ///     proportion.
    ///   - usableKiB: how much memory the process may use.
    /// - Throws: ``SealingError/notEnoughMemory`` where a quarter is less than the least that is accepted, 64 MiB.
    package static func costs(milliseconds: UInt64, usableKiB: UInt64) throws(SealingError) -> DerivationCosts {
        let standard = DerivationCosts.standard
        let affordable = steps.filter { UInt64($0) <= usableKiB / 4 }
        let chosen = affordable.last {
            $0 <= standard.memoryKiB
                || (milliseconds <= 1500 && milliseconds * UInt64($0) <= 1500 * UInt64(standard.memoryKiB))
        }
        guard let chosen else { throw .notEnoughMemory }
        return DerivationCosts(
            memoryKiB: chosen, iterations: standard.iterations, parallelism: standard.parallelism)
    }

    /// The costs to measure with first: the default ones, or what a quarter of the memory allows.
    ///
    /// - Throws: as ``costs(milliseconds:usableKiB:)`` does.
    package static func affordableCosts(usableKiB: UInt64) throws(SealingError) -> DerivationCosts {
        try costs(milliseconds: .max, usableKiB: usableKiB)
    }
}
