/// Where a derivation is asked for.
package enum DerivationLane: Int, CaseIterable, Sendable {
    /// The operator's own socket; always served first.
    case operatorSocket
    /// Everywhere else.
    case network
}

/// Who derives now and who waits: one at a time, first come first served, the operator's lane before the other, and no
/// more waiting in a lane than it has room for. Pure; ``DerivationGate`` drives it.
struct DerivationLine<Ticket: Sendable>: Sendable {
    enum Entry { case starts, waits, refused }

    private let room: Int
    private var isBusy = false
    private var waiting: [[(number: UInt64, ticket: Ticket)]]

    /// - Parameter room: how many may wait in each lane.
    init(room: Int) {
        self.room = room
        waiting = DerivationLane.allCases.map { _ in [] }
    }

    mutating func enter(_ lane: DerivationLane, number: UInt64, ticket: Ticket) -> Entry {
        guard isBusy else {
            isBusy = true
            return .starts
        }
        guard waiting[lane.rawValue].count < room else { return .refused }
        waiting[lane.rawValue].append((number, ticket))
        return .waits
    }

    /// The one that derived is done; the next one's ticket, where somebody waits.
    mutating func leave() -> Ticket? {
        for lane in waiting.indices where !waiting[lane].isEmpty { return waiting[lane].removeFirst().ticket }
        isBusy = false
        return nil
    }

    /// Somebody no longer waits; its ticket, where it did.
    mutating func withdraw(_ number: UInt64) -> Ticket? {
        for lane in waiting.indices {
            if let index = waiting[lane].firstIndex(where: { $0.number == number }) {
                return waiting[lane].remove(at: index).ticket
            }
        }
        return nil
    }
}
