internal import IssuedKeys
internal import Sealing
internal import Synchronization

/// Issued keys by the hour in which people are to be told that they expire. Small, for there may be very many of them:
/// an hour is all that is kept of a moment, and what became of a key since is looked up when that has come.
final class IssuedExpiries: Sendable {
    private static let hour: Int64 = 3_600_000

    /// By the hour since 1970 whose beginning is not before the moment.
    private let hours = Mutex<[Int64: [IssuedKeyNumber]]>([:])

    /// When there is something to look up next; nil: never.
    var next: Timestamp? { hours.withLock { $0.keys.min() }.map { $0 * Self.hour } }

    /// Remembers a key, unless its moment is not after `told`: such a key was told of, or ended too soon after it was
    /// made to be told of.
    func add(_ entry: IssuedEntry, after told: Timestamp) {
        guard let hour = Self.hour(of: entry), hour * Self.hour > told else { return }
        hours.withLock { $0[hour, default: []].append(entry.number) }
    }

    /// Those whose moment has come, the first first.
    func take(upTo now: Timestamp) -> [IssuedKeyNumber] {
        hours.withLock { hours in
            let due = hours.keys.filter { $0 * Self.hour <= now }.sorted()
            // One that was made while the others were loaded was added twice.
            return due.flatMap { Set(hours.removeValue(forKey: $0) ?? []).sorted() }
        }
    }

    private static func hour(of entry: IssuedEntry) -> Int64? {
        // What a rotation made, too, where the next one has not ended it by then.
        guard let expires = entry.standing.expires else { return nil }
        let moment = expires - VaultLimits.expiryNotice
        return moment / hour + (moment % hour > 0 ? 1 : 0)
    }
}
