internal import Storage
internal import Synchronization

/// Slows down guesses at the passphrase that come over the network: after each wrong one, the next is refused for
/// twice as long, from 1 second up to 5 minutes. Kept in the store, so that a restart forgives nothing; it never
/// applies to the operator's socket.
final class UnsealBackoff: Sendable {
    /// Where it is kept: a row of its own outside the seal.
    static let key = RecordKey([0xF0])
    private static let longest: Int64 = 300_000

    private struct Saved {
        var failures: UInt32 = 0
        var until: Timestamp = 0
    }

    private let store: any RecordStore
    private let saved: Mutex<Saved>

    init(store: any RecordStore, saved bytes: [UInt8]?) {
        self.store = store
        var start = Saved()
        if let bytes, bytes.count == 12 {
            start.failures = bytes[0..<4].reduce(0) { $0 << 8 | UInt32($1) }
            start.until = Timestamp(bitPattern: bytes[4..<12].reduce(0) { $0 << 8 | UInt64($1) })
        }
        self.saved = Mutex(start)
    }

    /// Refuses an attempt that comes too soon.
    ///
    /// - Throws: `slow_down` with the seconds to wait, at most 300 whatever the clock did since.
    func check(at now: Timestamp) throws(VaultError) {
        let wait = saved.withLock { saved -> Int64 in
            // A clock that was put back does not make the wait longer than it can be.
            saved.until = min(saved.until, now + Self.longest)
            return saved.until - now
        }
        guard wait > 0 else { return }
        let seconds = Int((wait + 999) / 1000)
        throw VaultError(
            .slowDown,
            "too many wrong passphrases; try again in \(seconds) s, or use the operator's socket, which is never slowed",
            retryAfter: seconds)
    }

    /// Counts a wrong passphrase.
    func failed(at now: Timestamp) {
        let next = saved.withLock { saved -> Saved in
            saved.failures = min(saved.failures + 1, 1_000)
            saved.until = now + min(1000 << Int64(min(saved.failures - 1, 20)), Self.longest)
            return saved
        }
        keep(next)
    }

    /// Forgets, after a right one.
    func succeeded() {
        let had = saved.withLock { saved -> Bool in
            defer { saved = Saved() }
            return saved.failures > 0
        }
        if had { try? store.commit(RecordBatch(expectations: [], puts: [], deletes: [Self.key], erasesTraces: false)) }
    }

    /// A store that cannot be written does not make the wait shorter in this process.
    private func keep(_ saved: Saved) {
        var bytes: [UInt8] = []
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: saved.failures >> UInt32(shift)))
        }
        let until = UInt64(bitPattern: saved.until)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: until >> UInt64(shift)))
        }
        try? store.commit(RecordBatch(expectations: [], puts: [(Self.key, bytes)], deletes: [], erasesTraces: false))
    }
}
