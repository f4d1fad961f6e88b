/// What follows from what people do.
extension RotationRun {
    mutating func rotate(endingOverlap: Bool) throws(RotationRefusal) {
        guard !state.isCalling else { throw .underWay }
        // A pause holds for people as for time: who wants a rotation ends the pause first.
        guard policy.paused == nil else { throw .paused }
        switch state.step {
        case .idle:
            state.due = min(state.due ?? now, now)
            attempt()
        case .overlap:
            guard endingOverlap else { throw .overlapping }
            // The rotation follows as soon as the previous version is retired.
            state.due = min(state.due ?? now, now)
            retire()
        default: throw .underWay
        }
    }

    /// Tries again at once, or goes on with what was held: the operator has looked at what was named.
    mutating func resume() throws(RotationRefusal) {
        guard !state.isCalling else { throw .underWay }
        switch state.step {
        case .held:
            record(.resumed)
            if state.error == .currentRefused {
                enter(.verify)
                return begin(.verify)
            }
            transition.effects.append(.dropPending)
            state.orphans = []
            state.leftovers = []
            state.candidate = ""
            state.error = nil
            state.isAborting = false
            state.candidates = 0
            settle()
            if state.step == .idle, policy.paused == nil { attempt() }
        case .idle where state.candidates > 0:
            guard policy.paused == nil else { throw .paused }
            record(.resumed)
            state.candidates = 0
            attempt()
        case .idle, .overlap: try seenTo()
        default:
            record(.resumed)
            state.attempts = 0
            beginAgain()
        }
    }

    /// Makes the step's call at once; but a list that is to show a late effect is not asked before that can be in it.
    private mutating func beginAgain() {
        guard earliest <= now else { return state.nextAttempt = earliest }
        begin(state.step)
    }

    /// When the step's call can tell what it is asked for.
    var earliest: Int64 {
        let isLate = state.step == .reconcile || state.step == .verify && state.isDoubted
        return isLate ? state.entered + RotationLimits.reconcileDelay : now
    }

    /// Gives up the rotation that is under way: at once, or when the call that was made is over.
    ///
    /// What may be at the provider is looked for and ended first. Where that has failed since somebody asked for the
    /// end, asking again ends it all the same.
    mutating func abort() throws(RotationRefusal) {
        switch state.step {
        case .idle:
            guard state.candidates > 0 else { throw .notUnderWay }
            aborted()
        case .held:
            // Nothing would say any more that the current version does not work.
            guard state.error != .currentRefused else { throw .currentRefused }
            transition.effects.append(.dropPending)
            aborted()
        case .overlap: throw .notUnderWay
        case .retire:
            // The previous version is left as it is at the provider.
            guard !state.isCalling else { throw .underWay }
            leaveBehind()
            state.orphans = []
            record(.aborted)
            transition.effects.append(.endPrevious)
            forgetPrevious()
            state.error = nil
            enter(.idle)
        case _ where state.isCalling:
            state.isAborting = true
        case .snapshot: aborted()
        case .create:
            // What is in doubt is cleared up first; otherwise nothing has happened.
            guard state.isDoubted else { return dropAndEnd() }
            if capabilities.oneSlotOnly { return try abortInDoubt() }
            if isInVain { return abandon() }
            beginAborting()
            state.nextAttempt = now
        case .test:
            if capabilities.oneSlotOnly { return try abortInDoubt() }
            begin(.discard)
            state.isAborting = true
        case .verify: try abortInDoubt()
        case .discard, .reconcile, .clean:
            if isInVain { return abandon() }
            beginAborting()
            beginAgain()
        }
    }

    private mutating func beginAborting() {
        state.isAborting = true
        state.attempts = 0
    }

    /// Whether the end was asked for before, and clearing up has failed since.
    private var isInVain: Bool { state.isAborting && state.attempts > 0 && earliest <= now }

    /// Ends a rotation that cannot be cleared up.
    private mutating func abandon() {
        leaveBehind()
        transition.effects.append(.dropPending)
        aborted()
    }

    mutating func dropAndEnd() {
        if capabilities.choosesValue { transition.effects.append(.dropPending) }
        aborted()
    }

    /// The rotation is given up: the next one is due in its time from now.
    mutating func aborted() {
        record(.aborted)
        finish()
        state.orphans = []
        state.due = times.due(after: now)
        settle()
    }

    /// Goes back to the previous version while it is honoured.
    mutating func rollback() throws(RotationRefusal) {
        guard !capabilities.oneSlotOnly else { throw .cannotRollBack }
        guard state.step == .overlap, now < max(state.retireAfter, state.retireDeadline) else { throw .notHonoured }
        (state.current, state.previous) = (state.previous, state.current)
        // What was overtaken before is not ended sooner for that.
        let least = state.overtaken.isEmpty ? 0 : state.retireAfter
        state.entered = now
        state.retireAfter = max(now + policy.overlap, least)
        state.retireDeadline = max(now + policy.deadline, least)
        state.due = times.due(after: now)
        transition.effects.append(.exchange(previousUntil: state.retireDeadline))
        record(.rolledBack)
    }

    /// - Parameter isRescheduled: whether other times are meant. Else what is due stays due when it was: an abort, or a
    ///   rotation that was left out, has put it off.
    mutating func settingsChanged(isRescheduled: Bool) {
        let isRescheduled = isRescheduled || state.due == nil
        if isRescheduled, state.candidates == 0 { state.due = times.due(after: state.lastRotated) }
        guard state.step == .idle, state.candidates == 0 else { return }
        state.error = nil
        state.nextAttempt = 0
        // What was missed while it was paused is treated as after a seal.
        if let due = state.due, due <= now {
            if policy.missed == .next, now - due > times.grace {
                let next = times.skipping(from: due, to: now)
                state.due = next.due
                state.skipped += next.skipped
                record(.skipped)
            } else {
                state.nextAttempt = times.allowed(now + times.turn(since: now))
            }
        }
    }
}

extension RotationEvent.Made {
    var fault: RotationFault {
        switch usability {
        case .usable: .badReply
        case .repeated: .repeatedValue
        case .unusable(let fault): fault
        }
    }
}
