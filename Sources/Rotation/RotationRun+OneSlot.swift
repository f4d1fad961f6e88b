/// A provider with one slot, of which nobody knows whether it holds the candidate or still the current version.
extension RotationRun {
    /// The candidate was refused, or is not wanted any more: whether the current version works tells whether it may go.
    mutating func askCurrent(_ fault: RotationFault) {
        let attempts = state.attempts
        state.isDoubted = true
        enter(.verify)
        state.attempts = attempts
        again(fault, after: RotationLimits.reconcileDelay)
    }

    /// The current version works, so the candidate is not in force: it is dropped.
    mutating func currentStands() {
        transition.effects.append(.dropPending)
        anotherCandidate(isLong: false)
    }

    /// The current version does not work: the candidate may be what does, and is not given up.
    mutating func currentIsGone() {
        state.isAborting = false
        probe(.currentRefused)
    }

    /// Gives up the candidate once the current version was seen to work.
    mutating func abortInDoubt() throws(RotationRefusal) {
        guard capabilities.oneSlotOnly, state.isDoubted, state.step != .verify || !state.isAborting else {
            throw .underWay
        }
        guard state.error != .currentRefused else { throw .currentRefused }
        enter(.verify)
        state.isAborting = true
        // An effect may come late.
        state.nextAttempt = max(now, earliest)
    }
}
