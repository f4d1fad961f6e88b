internal import Synchronization

/// Slows down who presents wrong access keys in the form: after ten in a row from one address, further wrong ones are
/// told to wait for a minute. A right one gets in all the same, since an address may be shared with whoever tries. An
/// access key cannot be guessed; this is to have them stop.
final class SignInThrottle: Sendable {
    static let most = 10
    static let pause: Int64 = 60_000
    /// Addresses that are remembered. All others share one count.
    static let addresses = 1_024

    private struct Count {
        var failures = 0
        var last: Int64 = 0
    }

    private let counts = Mutex<[String: Count]>([:])

    /// Seconds in which wrong access keys are told to wait; nil: they are not.
    func wait(_ address: String, at now: Int64) -> Int? {
        counts.withLock { counts in
            guard let count = counts[address] ?? Self.shared(counts), count.failures >= Self.most else { return nil }
            let left = count.last + Self.pause - now
            return left > 0 ? Int((left + 999) / 1000) : nil
        }
    }

    func failed(_ address: String, at now: Int64) {
        counts.withLock { counts in
            counts = counts.filter { now - $0.value.last < Self.pause }
            let name = counts[address] != nil || counts.count < Self.addresses ? address : Self.others
            counts[name, default: Count()].failures += 1
            counts[name]?.last = now
        }
    }

    func succeeded(_ address: String) { counts.withLock { $0[address] = nil } }

    private static let others = "others"
    private static func shared(_ counts: [String: Count]) -> Count? {
        counts.count > addresses ? counts[others] : nil
    }
}
