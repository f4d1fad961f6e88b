/// What follows from a version that somebody stores by hand, and what becomes of those before it.
extension RotationRun {
    /// It counts as a rotation: what it replaces is honoured for the overlap, and then ended.
    mutating func stored(_ handle: String, honouring said: Int64) throws(RotationRefusal) {
        guard !state.isCalling else { throw .underWay }
        let (step, wasDoubted) = (state.step, state.isDoubted)
        switch step {
        case .idle, .overlap, .verify: break
        case .reconcile, .clean, .discard, .held: leaveBehind(keeping: handle)
        case .retire:
            leaveBehind(keeping: handle)
            forgetPrevious()
        // Whatever the provider had in its one place, this is there now.
        case .create where capabilities.oneSlotOnly, .test where capabilities.oneSlotOnly: break
        case .snapshot, .create, .test: throw .underWay
        }
        transition.effects.append(.dropPending)
        state.orphans = step == .verify ? state.orphans.filter { $0 != handle } : []
        replaceCurrent(with: handle, honouring: said)
        state.leftovers.removeAll { !handle.isEmpty && $0.handle == handle }
        state.lastRotated = now
        finish()
        record(.promoted)
        if step == .verify, capabilities.canList {
            // The value is vouched for; what was made since the backup is still to be looked for.
            state.began = 0
            enter(.reconcile)
        } else if state.orphans.isEmpty {
            settle()
            state.entered = now
        } else {
            enter(.clean)
        }
        // What was in doubt may come late.
        if state.step.isCall { state.nextAttempt = wasDoubted ? max(now, earliest) : now }
    }

    /// What was current is the previous one from now on, where the provider can end it.
    private mutating func replaceCurrent(with handle: String, honouring said: Int64) {
        let before = state.current
        state.current = handle
        guard !capabilities.isLocal, !capabilities.needsManualStep, !capabilities.oneSlotOnly else {
            return forgetPrevious()
        }
        let promised = overtakePrevious(by: handle)
        forgetPrevious()
        // The same credential, stored again: nothing of it may be ended.
        guard handle.isEmpty || handle != before else { return state.leaveOvertaken() }
        state.previous = before
        let least = max(promised, said)
        state.retireAfter = max(now + policy.overlap, least)
        state.retireDeadline = max(now + policy.deadline, least)
    }

    /// What was honoured still loses its place: it is named, and ended with what takes that place, which is not ended
    /// before its time.
    ///
    /// - Returns: until when it is honoured; 0: there is none.
    private mutating func overtakePrevious(by handle: String) -> Int64 {
        guard state.hasPrevious else { return 0 }
        let promised = machine.retirement(state, around.isAwaited)
        let isNew = (state.previous.isEmpty || state.previous != handle) && around.likeness != .same
        if isNew { remember([RotationLeftover(handle: state.previous, token: [], step: .overlap, time: now)]) }
        return promised
    }

    /// What lost its place and may be honoured still, by the provider's names: it is ended with what took that place, or
    /// is a person's.
    var stillHonoured: [String] {
        state.leftovers.filter { left in
            guard left.step == .overlap || left.step == .retire else { return false }
            return now < left.time + policy.deadline || left.step == .overlap && state.hasPrevious
        }.map(\.handle)
    }

    /// What lost its place to the version whose overlap is over, by the provider's names: it is to be ended as well.
    ///
    /// It is a person's where the overlap was ended early, and where it could be the current one, which has no name.
    mutating func takeOvertaken() -> [String] {
        guard state.retireAfter <= now, !state.current.isEmpty else { return [] }
        let current = state.current
        let over = state.overtaken.filter { !$0.handle.isEmpty && $0.handle != current }
        state.leftovers.removeAll { over.contains($0) }
        return over.map(\.handle)
    }
}

extension RotationState {
    /// What lost its place, and is not ended with the version that took it, is ended with no other: it is a person's.
    package mutating func leaveOvertaken() {
        for index in leftovers.indices where leftovers[index].step == .overlap { leftovers[index].step = .retire }
    }

    /// What was honoured still when another version took its place as the previous one.
    var overtaken: [RotationLeftover] { leftovers.filter { $0.step == .overlap } }
}
