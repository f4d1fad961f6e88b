internal import ArgumentParser
internal import KeyturnClient

/// What deriving the key of a new slot is to cost.
struct CostOptions: ParsableArguments {
    @Flag(help: "Measure first, and let a derivation take about 1.5 seconds on this machine.")
    var calibrate = false

    @Option(
        help: """
            Memory for deriving a key, in KiB: 65536 to 2097152 (default: 262144 for the first passphrase, later what \
            the slot has that is replaced, or else that whose passphrase is asked for).
            """)
    var memoryKib: Int?

    @Option(help: "Passes over that memory: 3 to 10 (default: 3, later as said above).")
    var iterations: Int?

    @Option(help: "Lanes of that memory: 1 to 8 (default: 4, later as said above).")
    var parallelism: Int?

    var cost: DerivationCost {
        DerivationCost(memoryKib: memoryKib, iterations: iterations, parallelism: parallelism, calibrates: calibrate)
    }
}
