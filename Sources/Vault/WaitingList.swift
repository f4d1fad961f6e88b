internal import Dispatch
internal import IssuedKeys
internal import Synchronization

/// Those who wait for keys to change. What wakes them: a commit that touches one of their keys or their access key, other
/// policies, the seal, and time. They are looked at again then, on one thread, and go on waiting or leave.
///
/// It holds nothing of the open vault, and no thread, timer or task for each.
final class WaitingList: Sendable {
    /// One who waits.
    struct Waiter: Sendable {
        /// The keys that it waits for.
        var paths: [String]
        /// Whom it counts for.
        var caller: String
        /// The caller's access key.
        var issued: IssuedKeyNumber?
        /// When the wait is over, by the steady clock.
        var deadline: Int64
        /// Looks whether it goes on waiting; told whether its time is up, and whether the store has been found to be ours
        /// since it was woken, which is raised where it is found now.
        var look: @Sendable (_ isOver: Bool, _ isOurs: inout Bool) -> Look
    }

    /// What a look gives.
    enum Look: Sendable {
        /// Nothing has changed; to be looked at again at this moment of the steady clock at the latest.
        case waits(until: Int64)
        /// It ends, with these lines for the log; `tell` is called once they are written, or with why they are not.
        case ends(lines: [AuditTrail.Line], tell: @Sendable (VaultError?) -> Void)
    }

    /// One who has been woken.
    struct Woken: Sendable {
        var ticket: UInt64
        var waiter: Waiter
        var isOver: Bool
    }

    private struct Standing {
        var waiter: Waiter
        var isWoken = false
        var isOver = false
    }

    private struct State {
        var standing: [UInt64: Standing] = [:]
        var byPath: [String: Set<UInt64>] = [:]
        var byIssued: [IssuedKeyNumber: Set<UInt64>] = [:]
        var byCaller: [String: Int] = [:]
        /// When to look again, in slots of time; those who have left are passed over.
        var due: [Int64: [UInt64]] = [:]
        /// The last slot that has passed.
        var passed = Int64.min
        var woken: [UInt64] = []
        var last: UInt64 = 0
        var changes: UInt64 = 0
        var isWorking = false
        var most = VaultLimits.waits
        var mostOfOne = VaultLimits.waitsOfOne
        var work: (@Sendable () -> Void)?

        mutating func wake(_ ticket: UInt64) {
            guard let standing = standing[ticket], !standing.isWoken else { return }
            self.standing[ticket]?.isWoken = true
            woken.append(ticket)
        }

        /// Somebody is to be looked at in a slot; at once where that passed while somebody was looked at.
        mutating func put(_ ticket: UInt64, in place: Int64) {
            if place <= passed { return wake(ticket) }
            due[place, default: []].append(ticket)
        }

        /// What has to be started for those who were woken; nil where it runs.
        mutating func starts() -> (@Sendable () -> Void)? {
            guard !woken.isEmpty, !isWorking, let work else { return nil }
            isWorking = true
            return work
        }
    }

    /// Milliseconds of a slot.
    private static let slot: Int64 = 250

    private let state = Mutex(State())
    private let worker = DispatchQueue(label: "keyturn.waits")

    /// - Parameter action: called on the worker's thread where some were woken; it takes them until none are left.
    func onWoken(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.work = action } }

    func limit(to most: Int, ofOne: Int) {
        state.withLock { state in
            state.most = most
            state.mostOfOne = ofOne
        }
    }

    /// How many wait.
    var count: Int { state.withLock { $0.standing.count } }

    /// How often something changed that may wake somebody.
    var changes: UInt64 { state.withLock { $0.changes } }

    /// Somebody begins to wait who has looked already.
    ///
    /// - Parameters:
    ///   - moment: when to look again, by the steady clock.
    ///   - seen: ``changes`` before the look; where there were more since, it is looked at again at once.
    /// - Throws: ``VaultError``: `rate_limited` where the caller waits too often, `overloaded` where too many wait.
    func enter(_ waiter: Waiter, until moment: Int64, seen: UInt64) throws(VaultError) -> UInt64 {
        let (ticket, starts) = try state.withLock {
            (state: inout State) throws(VaultError) -> (UInt64, (@Sendable () -> Void)?) in
            guard state.byCaller[waiter.caller, default: 0] < state.mostOfOne else {
                throw VaultError(
                    .rateLimited, "this caller has \(state.mostOfOne) requests that wait already", retryAfter: 5)
            }
            guard state.standing.count < state.most else {
                throw VaultError(.overloaded, "too many requests wait already; ask again without `wait`", retryAfter: 5)
            }
            state.last += 1
            let ticket = state.last
            state.standing[ticket] = Standing(waiter: waiter)
            for path in waiter.paths { state.byPath[path, default: []].insert(ticket) }
            if let issued = waiter.issued { state.byIssued[issued, default: []].insert(ticket) }
            state.byCaller[waiter.caller, default: 0] += 1
            state.put(ticket, in: Self.place(moment))
            if state.changes != seen { state.wake(ticket) }
            return (ticket, state.starts())
        }
        start(starts)
        return ticket
    }

    /// Somebody was looked at and goes on waiting.
    func stay(_ ticket: UInt64, until moment: Int64) {
        state.withLock { state in
            guard state.standing[ticket] != nil else { return }
            state.put(ticket, in: Self.place(moment))
        }
    }

    func leave(_ ticket: UInt64) {
        state.withLock { state in
            guard let waiter = state.standing.removeValue(forKey: ticket)?.waiter else { return }
            for path in waiter.paths { state.byPath.drop(ticket, at: path) }
            if let issued = waiter.issued { state.byIssued.drop(ticket, at: issued) }
            let left = state.byCaller[waiter.caller, default: 1] - 1
            state.byCaller[waiter.caller] = left == 0 ? nil : left
        }
    }

    // MARK: What wakes

    /// Keys and issued keys are not what they were.
    func changed(paths: some Sequence<String>, issued: some Sequence<IssuedKeyNumber>) {
        wake { state in
            state.changes += 1
            for path in paths { for ticket in state.byPath[path] ?? [] { state.wake(ticket) } }
            for number in issued { for ticket in state.byIssued[number] ?? [] { state.wake(ticket) } }
        }
    }

    /// Anything may be another than it was.
    func changed() {
        wake { state in
            state.changes += 1
            for ticket in state.standing.keys { state.wake(ticket) }
        }
    }

    /// Time has passed.
    func tend(at now: Int64) {
        wake { state in
            let current = now / Self.slot
            state.passed = max(state.passed, current)
            guard !state.standing.isEmpty else { return state.due = [:] }
            for place in state.due.keys.filter({ $0 <= current }) {
                for ticket in state.due.removeValue(forKey: place) ?? [] {
                    guard let standing = state.standing[ticket] else { continue }
                    if standing.waiter.deadline <= now { state.standing[ticket]?.isOver = true }
                    state.wake(ticket)
                }
            }
        }
    }

    /// One waits no longer.
    func end(_ ticket: UInt64) {
        wake { state in
            state.standing[ticket]?.isOver = true
            state.wake(ticket)
        }
    }

    private func wake(_ body: (inout State) -> Void) {
        start(
            state.withLock { state in
                body(&state)
                return state.starts()
            })
    }

    private func start(_ work: (@Sendable () -> Void)?) { if let work { worker.async(execute: work) } }

    /// Some of those who were woken, in the order in which they were; none where the work is done.
    func takeWoken(most: Int) -> [Woken] {
        state.withLock { state in
            let taken = state.woken.prefix(most)
            state.woken.removeFirst(taken.count)
            if taken.isEmpty { state.isWorking = false }
            return taken.compactMap { ticket in
                state.standing[ticket]?.isWoken = false
                return state.standing[ticket].map { Woken(ticket: ticket, waiter: $0.waiter, isOver: $0.isOver) }
            }
        }
    }

    /// The first slot that begins at `moment` or after it.
    private static func place(_ moment: Int64) -> Int64 { (moment + slot - 1) / slot }
}

extension Dictionary where Value == Set<UInt64> {
    fileprivate mutating func drop(_ ticket: UInt64, at key: Key) {
        self[key]?.remove(ticket)
        if self[key]?.isEmpty == true { self[key] = nil }
    }
}
