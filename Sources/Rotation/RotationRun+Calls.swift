/// What follows from time and from the end of calls.
extension RotationRun {
    mutating func tick() {
        guard let wake = machine.wake(state, since: around.since, isAwaited: around.isAwaited), wake <= now else {
            return
        }
        switch state.step {
        case .idle: start()
        case .overlap: retire()
        case .held: return
        default: begin(state.step)
        }
    }

    /// A rotation, or its next candidate, is due.
    private mutating func start() {
        if state.candidates == 0, let due = state.due {
            if policy.missed == .next, max(around.since, due) - due > times.grace { return skip(due) }
            if capabilities.needsManualStep {
                state.error = .manualStep
                return record(.due)
            }
            // What came before it, such as an overlap, may have lasted longer than the window.
            let allowed = times.allowed(now)
            guard allowed <= now else {
                state.nextAttempt = allowed
                return
            }
        }
        attempt()
    }

    private mutating func skip(_ due: Int64) {
        let next = times.skipping(from: due, to: now)
        state.due = next.due
        state.skipped += next.skipped
        state.nextAttempt = 0
        record(.skipped)
    }

    /// Makes a candidate, under a token of its own.
    mutating func attempt() {
        guard !capabilities.needsManualStep else {
            state.error = .manualStep
            state.due = min(state.due ?? now, now)
            return record(.due)
        }
        state.token = around.fresh
        state.began = now
        if capabilities.choosesValue {
            // Nothing changes by a proposal: it needs no record before it.
            transition.call = .propose
            return
        }
        state.candidates = min(state.candidates + 1, 1_000)
        record(.began)
        let list = capabilities.canList && !capabilities.marksAttempts && !capabilities.isIdempotent
        begin(list ? .snapshot : .create)
    }

    mutating func proposed(_ outcome: RotatorOutcome<RotationEvent.Made>) {
        guard state.step == .idle, !state.isCalling else { return }
        state.candidates = min(state.candidates + 1, 1_000)
        state.token = around.fresh
        state.began = now
        switch outcome {
        case .done(let made):
            guard case .usable = made.usability, made.handle.utf8.count <= RotationLimits.handleBytes else {
                note(made.fault)
                return anotherCandidate(isLong: false)
            }
            record(.began)
            transition.effects.append(.storePending)
            state.candidate = made.handle
            if capabilities.isLocal { return promote() }
            begin(.create)
        case .rejected(let fault, let newCandidate):
            note(fault)
            anotherCandidate(isLong: !newCandidate)
        case .doubtful(let fault), .notDone(let fault, _):
            note(fault)
            anotherCandidate(isLong: false)
        }
    }

    mutating func created(_ outcome: RotatorOutcome<RotationEvent.Made>) {
        guard state.step == .create, state.isCalling else { return }
        switch outcome {
        case .done(let made) where capabilities.choosesValue: madeChosen(made)
        case .done(let made): madeByProvider(made)
        case .doubtful(let fault): doubt(fault)
        case .notDone(let fault, _) where state.isAborting && state.isDoubted && capabilities.oneSlotOnly:
            askCurrent(fault)
        case .notDone(let fault, let asked):
            again(fault, after: asked)
            if state.isAborting, !state.isDoubted { dropAndEnd() }
        case .rejected(let fault, let newCandidate):
            // What was in doubt may have happened all the same.
            if state.isDoubted { return refusedInDoubt(fault) }
            note(fault)
            if capabilities.choosesValue { transition.effects.append(.dropPending) }
            anotherCandidate(isLong: !newCandidate)
        }
    }

    /// This attempt changed nothing; one before it may have.
    private mutating func refusedInDoubt(_ fault: RotationFault) {
        if capabilities.oneSlotOnly { return askCurrent(fault) }
        if !capabilities.choosesValue { return lookFor(fault) }
        note(fault)
        begin(.discard)
    }

    private mutating func madeChosen(_ made: RotationEvent.Made) {
        record(.created)
        state.isDoubted = false
        if !made.handle.isEmpty { state.candidate = made.handle }
        begin(.test)
    }

    private mutating func madeByProvider(_ made: RotationEvent.Made) {
        let isKnown = !made.handle.isEmpty && (made.handle == state.current || made.handle == state.previous)
        guard made.handle.utf8.count <= RotationLimits.handleBytes else { return doubt(.badReply) }
        let wasDoubted = state.isDoubted
        state.isDoubted = false
        switch made.usability {
        case .repeated where wasDoubted: lookFor(.repeatedValue)
        case .repeated:
            // It is the credential in service: nothing is to be ended.
            note(.repeatedValue)
            anotherCandidate(isLong: false)
        case .usable where isKnown:
            // A new value under the name of a credential in service: ending either could end both.
            transition.effects.append(.storePending)
            state.candidate = made.handle
            hold(.badReply)
        case .unusable(let fault) where made.handle.isEmpty || isKnown:
            doubt(fault)
        case .unusable(let fault):
            note(fault)
            state.candidate = made.handle
            begin(.discard)
        case .usable:
            record(.created)
            state.candidate = made.handle
            transition.effects.append(.storePending)
            begin(.test)
        }
    }

    /// The creation may have happened.
    mutating func doubt(_ fault: RotationFault) {
        if capabilities.choosesValue {
            return probe(fault)
        }
        if capabilities.isIdempotent, now - state.began < RotationLimits.tokenLife {
            state.isDoubted = true
            return again(fault)
        }
        lookFor(fault)
    }

    /// The provider's list tells whether the creation happened.
    private mutating func lookFor(_ fault: RotationFault) {
        guard capabilities.canList else { return hold(.possibleOrphan) }
        enter(.reconcile)
        again(fault, after: RotationLimits.reconcileDelay)
    }

    /// Testing the proposal tells whether it is in force.
    mutating func probe(_ fault: RotationFault) {
        let attempts = state.attempts
        state.isDoubted = true
        enter(.test)
        state.attempts = attempts
        again(fault)
    }

    mutating func tested(_ outcome: RotatorOutcome<Void>) {
        guard state.isCalling else { return }
        if state.step == .verify { return verified(outcome) }
        guard state.step == .test else { return }
        switch outcome {
        case .done:
            record(.tested)
            // Where the provider has one slot, the old credential is gone: an abort comes too late.
            if state.isAborting, !capabilities.oneSlotOnly { return begin(.discard) }
            promote()
        case .doubtful(let fault): again(fault)
        case .notDone(let fault, let asked): again(fault, after: asked)
        case .rejected(let fault, _) where state.isAborting && capabilities.oneSlotOnly: askCurrent(fault)
        case .rejected(let fault, _) where state.isDoubted || capabilities.oneSlotOnly:
            // It is not in force, or no longer: it is set again, for the provider may hold neither.
            let attempts = state.attempts
            enter(.create)
            state.attempts = attempts
            state.isDoubted = true
            again(fault)
        case .rejected(let fault, _):
            note(fault)
            begin(.discard)
        }
    }

    mutating func promote() {
        let isOneSlot = capabilities.oneSlotOnly
        let candidate = state.candidate
        let before = state.current
        record(.promoted)
        state.lastRotated = now
        finish()
        state.current = candidate
        // What has the name of the one in service was replaced by it.
        state.leftovers.removeAll { !$0.handle.isEmpty && $0.handle == candidate }
        if isOneSlot || policy.deadline == 0 {
            transition.effects.append(.promote(previousUntil: now))
            state.previous = before
            if isOneSlot || capabilities.isLocal {
                forgetPrevious()
                return enter(.idle)
            }
        } else {
            transition.effects.append(.promote(previousUntil: now + policy.deadline))
            state.previous = before
        }
        enter(.overlap)
        state.retireAfter = now + policy.overlap
        state.retireDeadline = now + policy.deadline
    }

    // MARK: Ending credentials

    /// The overlap is over.
    mutating func retire() {
        if machine.endsNothing { return previousEnded() }
        switch around.likeness {
        case .different: begin(.retire)
        // Ending what was stored again would end what is in service.
        case .same: previousEnded(isInService: true)
        case .unclear:
            remember([RotationLeftover(handle: state.previous, token: [], step: .retire, time: now)])
            previousEnded(isInService: true)
        }
    }

    /// - Parameter isInService: whether its credential goes on as the current version, or may.
    private mutating func previousEnded(isInService: Bool = false) {
        transition.effects.append(.endPrevious)
        if !isInService { record(.retired) }
        let over = takeOvertaken()
        state.leaveOvertaken()
        forgetPrevious()
        state.error = nil
        state.isAborting = false
        guard !over.isEmpty else { return enter(.idle) }
        state.orphans = over
        begin(.clean)
    }

    mutating func forgetPrevious() {
        state.previous = ""
        state.retireAfter = 0
        state.retireDeadline = 0
    }

    mutating func retired(_ outcome: RotatorOutcome<Void>) {
        guard state.isCalling else { return }
        switch (state.step, outcome) {
        case (.retire, .done): previousEnded()
        case (.discard, .done):
            record(.discarded)
            transition.effects.append(.dropPending)
            if state.isAborting { return aborted() }
            anotherCandidate(isLong: false)
        case (.clean, .done):
            record(.orphanEnded)
            state.orphans.removeFirst()
            if !state.orphans.isEmpty { return begin(.clean) }
            cleaned()
        case (.retire, .rejected(let fault, _)): again(fault, isLong: true)
        case (.discard, .rejected):
            if !state.candidate.isEmpty { state.orphans.append(state.candidate) }
            transition.effects.append(.dropPending)
            hold(.possibleOrphan)
        case (.clean, .rejected): hold(.possibleOrphan)
        case (.retire, .doubtful(let fault)), (.discard, .doubtful(let fault)), (.clean, .doubtful(let fault)):
            again(fault)
        case (.retire, .notDone(let fault, let asked)), (.discard, .notDone(let fault, let asked)),
            (.clean, .notDone(let fault, let asked)):
            again(fault, after: asked)
        default: return
        }
    }

    /// Nothing is left that nobody uses.
    mutating func cleaned() {
        if state.isAborting { return aborted() }
        if state.candidates > 0 { return anotherCandidate(isLong: false) }
        state.error = nil
        settle()
    }

    /// Waits for what comes next: the end of an overlap, or the next rotation.
    mutating func settle() { enter(state.hasPrevious ? .overlap : .idle) }
}
