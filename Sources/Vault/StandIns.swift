internal import IssuedKeys
internal import Synchronization

/// Keys that are looked up in the place of one that is not there.
final class StandIns: Sendable {
    private let most: Int
    private let numbers = Mutex<[IssuedKeyNumber]>([])

    /// - Parameter most: so many that they are in the processor's caches as seldom as the keys that are there.
    init(most: Int = 65_536) { self.most = most }

    /// - Parameter entry: is not taken where it was brought in: such a key is not found by its id.
    /// - Returns: whether there is room for more.
    @discardableResult
    func add(_ entry: IssuedEntry) -> Bool {
        numbers.withLock { numbers in
            if numbers.count < most, !entry.isImported { numbers.append(entry.number) }
            return numbers.count < most
        }
    }

    /// Forgets the one that ``one(for:)`` gave.
    func remove(_ number: IssuedKeyNumber, for presented: PresentedKey) {
        numbers.withLock { numbers in
            guard !numbers.isEmpty, case let place = Self.place(presented, numbers.count), numbers[place] == number
            else { return }
            numbers.swapAt(place, numbers.count - 1)
            numbers.removeLast()
        }
    }

    /// The same one for the same id each time, whatever secret comes with it: what was just looked at is quicker, be the
    /// id there or not. Nil where no key is there at all.
    func one(for presented: PresentedKey) -> IssuedKeyNumber? {
        numbers.withLock { numbers in numbers.isEmpty ? nil : numbers[Self.place(presented, numbers.count)] }
    }

    private static func place(_ presented: PresentedKey, _ count: Int) -> Int {
        let word = presented.number.map { UInt64(truncatingIfNeeded: $0.hashValue) } ?? presented.hash.word
        return Int(word % UInt64(count))
    }
}

extension Session {
    /// The issued key that was presented, whole; nil where it is none.
    ///
    /// An id that is there with a wrong secret takes the time of an id that is not. Two keys are looked up each time, and
    /// one of them is there: the one that is named and an id that nobody has, or the one that is named, in vain, and
    /// another that stands in for it. The hash is compared with that of the one that is there.
    func issued(_ presented: PresentedKey) -> IssuedEntry? {
        let standIn = standIns.one(for: presented)
        let nobodys = presented.number?.nobodys
        let (named, other) = read { guarded in
            let named = guarded.index.issued(presented.number, or: presented.hash)
            return (named, guarded.index.issued(named == nil ? standIn : nobodys, or: presented.hash))
        }
        // The issuer of a stand-in may have gone.
        if named == nil, other == nil, let standIn { standIns.remove(standIn, for: presented) }
        let isIt = presented.hash.matches((named ?? other)?.hash)
        return isIt ? named : nil
    }
}
