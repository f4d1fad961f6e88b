internal import FoundationEssentials
internal import Rotation
internal import Sealing

/// How one key is rotated and where that stands, read once from each sealing of its head.
final class KeyRotation: Sendable {
    let policy: RotationPolicy
    let state: RotationState

    /// - Returns: nil where the key is not rotated.
    init?(_ head: StoredKeyHead) {
        guard head.hasRotation, !head.rotation.rotator.isEmpty else { return nil }
        state = RotationState(head.rotationState)
        // What was written was checked; nothing that cannot be read is ever due.
        policy =
            (try? RotationPolicy(head.rotation.input, pausedSince: Int64(head.rotation.paused)))
            ?? RotationPolicy(timing: .whenAsked)
    }

    /// The machine, as one that its rotator has told what it can do, or for questions that no rotator bears on.
    func machine(_ capabilities: RotatorCapabilities, _ keyID: [UInt8]) -> RotationMachine {
        RotationMachine(policy, capabilities, keyID: keyID)
    }

    /// A moment before which nothing happens by itself; the machine may say a later one. Nil: nothing does.
    ///
    /// - Parameter isDormant: whether the key is not in use, so that nothing new is begun.
    func earliest(isDormant: Bool) -> Timestamp? {
        if state.isCalling { return nil }
        switch state.step {
        case .held: return nil
        case .overlap: return state.retireAfter
        case .idle:
            guard policy.paused == nil, !isDormant else { return nil }
            if state.candidates > 0 { return state.nextAttempt }
            guard let due = state.due, state.error != .manualStep else { return nil }
            return max(due, state.nextAttempt)
        default: return state.nextAttempt
        }
    }

    /// Whether somebody may want to look.
    var isTroubled: Bool { state.step == .held || state.error != nil }
}

extension KeyEntry {
    /// The next moment after `moment` at which somebody is to be told what time alone brings; nil: there is none.
    func watch(after moment: Timestamp) -> Timestamp? {
        guard summary.deleted == 0 else { return nil }
        let expiry = summary.expires == 0 ? nil : max(Timestamp(summary.expires) - VaultLimits.expiryNotice, 0)
        return [expiry, overdue].compactMap { $0 }.filter { $0 > moment }.min()
    }

    /// From when on the rotation should have been done.
    var overdue: Timestamp? {
        guard let rotation, rotation.policy.paused == nil, let due = rotation.state.due else { return nil }
        return due + RotationTimes(rotation.policy, keyID: []).grace + 1
    }

    var keyIDBytes: [UInt8] { keyID.bytes.bytes }

    /// Whether nothing new is begun for the key: it is in the trash, or has expired.
    func isDormant(at now: Timestamp) -> Bool { state(at: now) != .active }

    func standing(_ clocks: Clocks) -> RotationStanding? {
        guard let rotation else { return nil }
        if clocks.isHeld { return .held }
        return rotation.machine(RotatorCapabilities(), keyIDBytes).standing(rotation.state, at: clocks.rotation)
    }

    func rotationReport(_ clocks: Clocks) -> RotationReport? {
        guard let rotation, let standing = standing(clocks) else { return nil }
        let (state, head) = (rotation.state, self.head)
        let isManual = state.error == .manualStep
        var report = RotationReport(
            settings: head.rotation.input, standing: standing, step: state.step, due: state.due,
            nextAttempt: state.nextAttempt == 0 || state.isCalling ? nil : state.nextAttempt,
            lastRotated: state.lastRotated, attempts: state.attempts, candidates: state.candidates,
            error: clocks.isHeld ? .clockAdvanced : state.error,
            errorStep: state.error == nil || isManual || clocks.isHeld ? nil : state.errorStep,
            errorTime: state.error == nil || isManual || clocks.isHeld ? nil : state.errorTime,
            orphans: state.orphans, isAborting: state.isAborting,
            leftovers: state.leftovers.map { CredentialLeft($0, keyID: keyIDText) }, skipped: state.skipped,
            retireAfter: state.hasPrevious ? state.retireAfter : nil,
            retireDeadline: state.hasPrevious ? state.retireDeadline : nil,
            pending: head.pending == 0 ? nil : head.pending, author: head.rotation.author,
            pausedSince: rotation.policy.paused, consumers: [])
        report.consumers = usage.consumers.map { id, use in
            RotationConsumer(
                caller: id.caller, name: nil, instance: id.instance, version: use.version, seen: use.seen,
                holdsBack: holdsBack(use))
        }.sorted { ($0.caller, $0.instance) < ($1.caller, $1.instance) }
        return report
    }

    /// Whether the previous version is kept for somebody who fetched this one last.
    func holdsBack(_ use: ConsumerBook.Use) -> Bool {
        guard let rotation, case .whenAcknowledged = rotation.policy.retirement else { return false }
        return summary.previous != 0 && use.version == summary.previous && rotation.state.hasPrevious
    }
}

extension CredentialLeft {
    init(_ left: RotationLeftover, keyID: String) {
        self.init(
            handle: left.handle.isEmpty ? nil : left.handle, mark: RotationMark.text(keyID: keyID, token: left.token),
            step: left.step, time: left.time)
    }

    /// What names it best.
    package var name: String { handle ?? mark }
}

/// What time it is: for what is served and written down, and for rotations, whose clock is not believed far ahead.
struct Clocks: Sendable {
    /// What the clock says.
    var wall: Timestamp
    var now: Timestamp
    /// The same, or the last moment that was believed.
    var rotation: Timestamp
    /// Whether the clock is too far ahead to be believed.
    var isHeld: Bool
}
