package import Usage
internal import Synchronization

/// What the engine counts about itself since the process began: numbers alone, no names.
final class EngineCounters: Sendable {
    private let numbers = Mutex(EngineNumbers())

    var now: EngineNumbers { numbers.withLock { $0 } }

    func committed(_ microseconds: Int64, failed: Bool) {
        numbers.withLock { numbers in
            if failed { numbers.failedCommits += 1 }
            numbers.lastCommitFailed = failed
            numbers.commits.observe(microseconds)
        }
    }

    func enrolmentReused() { numbers.withLock { $0.enrolmentReuses += 1 } }

    func derived(_ microseconds: Int64) { numbers.withLock { $0.derivations.observe(microseconds) } }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000_000) }
}

package struct EngineNumbers: Sendable {
    /// Batches given to the store, those that failed included.
    package var commits = Histogram.standard
    package var failedCommits: UInt64 = 0
    /// Whether the last of them failed: the next one may not.
    package var lastCommitFailed = false
    /// Enrolment codes that were presented again after they had been exchanged.
    package var enrolmentReuses: UInt64 = 0
    package var derivations = Histogram(bounds: [50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000])
}
