/// How long things took, in a fixed number of classes.
package struct Histogram: Equatable, Sendable {
    /// The upper ends of the classes in microseconds, ascending; a last class without an end follows.
    package let bounds: [Int64]
    /// By class, the last one too; not added up.
    package private(set) var counts: [UInt64]
    /// Microseconds in all.
    package private(set) var sum: UInt64 = 0

    package init(bounds: [Int64]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// From a tenth of a millisecond to ten seconds.
    package static let standard = Histogram(bounds: [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_500_000, 10_000_000,
    ])

    /// How many in all.
    package var count: UInt64 { counts.reduce(0, +) }

    /// Counts one that took that many microseconds; less than none is none.
    package mutating func observe(_ microseconds: Int64) {
        let time = max(0, microseconds)
        counts[bounds.firstIndex { time <= $0 } ?? bounds.count] += 1
        sum &+= UInt64(time)
    }
}
