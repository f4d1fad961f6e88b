internal import Policy
internal import Rotation
internal import Sealing
internal import SecretMemory
internal import Synchronization

/// Performs what the rotation machine decides, for one session: takes what is due, has state and effects written down,
/// and makes the calls, outside of all locks and a bounded number at a time.
///
/// A call under way holds what it was lent and nothing of the session, so that a seal waits for no provider.
final class RotationDesk: Sendable {
    /// What a desk needs from the vault around it.
    struct Surroundings: Sendable {
        var now: @Sendable () -> Timestamp
        var random: any RandomSource
        var pause: @Sendable (Int64) async -> Void
        var notices: (@Sendable (RotationNotice) -> Void)?
        var policies: @Sendable () -> PolicySet
        /// Says that something may be due sooner than was said.
        var changed: @Sendable () -> Void
    }

    struct State {
        var isStopped = false
        /// Keys that are being seen to, or wait for their turn.
        var busy: Set<String> = []
        /// Those that wait for a place, the first first.
        var waiting: [String] = []
        /// Calls that verbs asked for, by the key's path.
        var asked: [String: RotationCall] = [:]
        /// Events that are still to be written down: how calls ended, by the key's path.
        var unwritten: [String: Unwritten] = [:]
        /// Places that are taken.
        var running = 0
        /// Keys, or parts of them, that are no longer busy and not yet back in the order of their times.
        var leaving = 0
        var calls: [UInt64: Task<Void, Never>] = [:]
        var lastCall: UInt64 = 0
        /// Those who wait for one key, or for all.
        var resting: [(path: String?, continuation: CheckedContinuation<Void, Never>)] = []

        /// Those who wait no longer, since nothing that they wait for is under way.
        mutating func takeRested() -> [CheckedContinuation<Void, Never>] {
            guard !resting.isEmpty else { return [] }
            let all = resting
            resting = all.filter { !isRest($0.path) }
            return all.filter { isRest($0.path) }.map(\.continuation)
        }

        func isRest(_ path: String?) -> Bool {
            leaving == 0 && path.map { !busy.contains($0) } ?? busy.isEmpty
        }
    }

    /// How a call ended, where that could not be written down yet.
    struct Unwritten: Sendable {
        var event: RotationEvent
        var fields: [RotationField] = []
        var stamp: UInt64?
    }

    /// How long a key is left alone after something about it could not be written down, in milliseconds.
    static let afterFailure: Int64 = 5_000

    let session: Session
    let committer: Committer
    let children: ChildReader
    let rotators: RotatorDirectory
    let around: Surroundings
    let state = Mutex(State())

    init(
        session: Session, committer: Committer, children: ChildReader, rotators: RotatorDirectory,
        around: Surroundings
    ) {
        self.session = session
        self.committer = committer
        self.children = children
        self.rotators = rotators
        self.around = around
    }

    var clocks: Clocks { session.clocks(wall: around.now()) }

    /// When there may be something to do, by the clock that rotations go by; nil: not by time alone.
    var wake: Timestamp? {
        if session.readOnly || state.withLock({ $0.isStopped }) { return nil }
        return session.read { guarded in
            [guarded.index.wakes.first?.time, guarded.index.watches.first?.time, session.expiries.next]
                .compactMap { $0 }.min()
        }
    }

    /// Begins whatever is due, and tells what time alone has brought. Returns at once.
    func tick() {
        guard !session.readOnly, !state.withLock({ $0.isStopped }) else { return }
        for path in state.withLock({ Array($0.unwritten.keys) }) { enter(path) }
        let clocks = clocks
        guard !clocks.isHeld else { return admit() }
        watch(clocks)
        var local: [KeyEntry] = []
        while true {
            let due = session.update { $0.index.wakes.take(upTo: clocks.rotation, most: 256) }
            if due.isEmpty { break }
            for path in due {
                guard let entry = session.key(path), let lane = lane(of: entry, clocks) else { continue }
                if lane == .local { local.append(entry) } else { enter(path) }
            }
            if local.count >= 65_536 { break }
        }
        if !local.isEmpty { rotateLocally(local) }
        admit()
    }

    /// Takes over what the process before had under way: its calls are in doubt.
    func resume() {
        guard !session.readOnly else { return }
        watchIssuedKeys()
        let calling = session.read { guarded in
            guarded.index.dues.paths.filter { guarded.index.keys[$0]?.rotation?.state.isCalling == true }
        }
        state.withLock { state in for path in calling { state.unwritten[path] = Unwritten(event: .resumed) } }
        for path in calling { enter(path) }
        admit()
    }

    /// Looks at a key again whose rotation may go on.
    func reconsider(_ entry: KeyEntry) {
        session.update { $0.index.wakes.set(entry.path.text, 0) }
        around.changed()
    }

    /// Looks again at every key whose previous version is kept for somebody: one of them may have gone.
    func reconsiderAwaited() {
        guard !session.readOnly else { return }
        let awaited = session.read { guarded in
            guarded.index.dues.paths.filter { path in
                guard let rotation = guarded.index.keys[path]?.rotation, rotation.state.step == .overlap,
                    case .whenAcknowledged = rotation.policy.retirement
                else { return false }
                return true
            }
        }
        guard !awaited.isEmpty else { return }
        session.update { guarded in for path in awaited { guarded.index.wakes.set(path, 0) } }
        around.changed()
    }

    /// Stops: calls under way are cancelled, and nothing waits for them.
    func stop() {
        let (calls, rested) = state.withLock { state in
            state.isStopped = true
            state.waiting = []
            state.asked = [:]
            state.unwritten = [:]
            state.busy = []
            defer { state.calls = [:] }
            return (Array(state.calls.values), state.takeRested())
        }
        for call in calls { call.cancel() }
        for waiting in rested { waiting.resume() }
    }

    /// Returns once nothing is under way: at one key, or at all.
    func rest(_ path: String? = nil) async {
        await withCheckedContinuation { continuation in
            let isRest = state.withLock { state in
                let isRest = state.isStopped || state.isRest(path)
                if !isRest { state.resting.append((path, continuation)) }
                return isRest
            }
            if isRest { continuation.resume() }
        }
    }

    // MARK: What is due

    private enum Lane { case local, outside }

    /// Where a key that was due is rotated; nil where it is not its time, and then it is woken again.
    private func lane(of entry: KeyEntry, _ clocks: Clocks) -> Lane? {
        guard let rotation = entry.rotation else { return nil }
        let rotator = rotators.rotator(of: entry)
        guard let wake = wake(of: entry, rotation, rotator.capabilities, clocks) else { return nil }
        guard wake <= clocks.rotation else {
            session.update { $0.index.wakes.set(entry.path.text, wake) }
            return nil
        }
        return rotator.capabilities.isLocal || rotator.capabilities.needsManualStep ? .local : .outside
    }

    /// When the machine can do something; where somebody is waited for, an hour from now at the latest.
    func wake(
        of entry: KeyEntry, _ rotation: KeyRotation, _ capabilities: RotatorCapabilities, _ clocks: Clocks
    ) -> Timestamp? {
        if rotation.earliest(isDormant: entry.isDormant(at: clocks.now)) == nil { return nil }
        let isAwaited = session.awaits(entry, at: clocks.now)
        let wake = rotation.machine(capabilities, entry.keyIDBytes)
            .wake(rotation.state, since: session.since, isAwaited: isAwaited)
        guard isAwaited, let wake, wake > clocks.rotation else { return wake }
        return min(wake, clocks.rotation + 3_600_000)
    }

    // MARK: Places

    /// Has a call made that a verb led to, as soon as there is a place for it.
    func begin(_ path: String, _ call: RotationCall) {
        state.withLock { if !$0.isStopped { $0.asked[path] = call } }
        enter(path)
        admit()
    }

    /// The key waits for its turn, unless it is seen to already.
    private func enter(_ path: String) {
        state.withLock { state in
            guard !state.isStopped, state.busy.insert(path).inserted else { return }
            state.waiting.append(path)
        }
    }

    /// Sees to those who wait, as far as there are places.
    func admit() {
        while true {
            let path = state.withLock { state -> String? in
                guard !state.isStopped, state.running < VaultLimits.rotationCalls, !state.waiting.isEmpty else {
                    return nil
                }
                state.running += 1
                return state.waiting.removeFirst()
            }
            guard let path else { return }
            start { [weak self] in await self?.see(to: path) }
        }
    }

    /// What a verb asked for at this key, once.
    func takeAsked(_ path: String) -> RotationCall? { state.withLock { $0.asked.removeValue(forKey: path) } }

    /// The key is not seen to any more.
    ///
    /// - Parameter failed: whether that was for want of the store or the audit log: then it is left alone for a while.
    func leave(_ path: String, failed: Bool = false) {
        let isAsked = state.withLock { state in
            state.leaving += 1
            guard state.busy.remove(path) != nil else { return false }
            state.running = max(0, state.running - 1)
            let isAsked = state.asked[path] != nil
            if isAsked {
                state.busy.insert(path)
                state.waiting.append(path)
            }
            return isAsked
        }
        if !isAsked { wakeAgain([path], notBefore: failed ? clocks.rotation + Self.afterFailure : 0) }
        admit()
        left()
    }

    /// What was left is back in the order of its times.
    func left() {
        let rested = state.withLock { state in
            state.leaving -= 1
            return state.takeRested()
        }
        for waiting in rested { waiting.resume() }
    }

    /// Puts keys back into the order of their times.
    func wakeAgain(_ paths: [String], notBefore: Timestamp = 0) {
        session.update { guarded in
            for path in paths {
                guard let entry = guarded.index.keys[path], let rotation = entry.rotation else { continue }
                let wake = rotation.earliest(isDormant: entry.summary.deleted != 0)
                guarded.index.wakes.set(path, wake.map { max($0, notBefore) })
            }
        }
        around.changed()
    }

    /// Runs `body` in a task that a seal cancels.
    func start(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.lastCall += 1
            let number = state.lastCall
            state.calls[number] = Task { [weak self] in
                await body()
                self?.forget(number)
            }
        }
    }

    private func forget(_ number: UInt64) { state.withLock { _ = $0.calls.removeValue(forKey: number) } }
}
