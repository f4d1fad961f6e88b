/// What follows from a provider's list, from crashes and from restored backups.
extension RotationRun {
    mutating func listed(_ outcome: RotatorOutcome<[ListedCredential]>) {
        guard state.isCalling, state.step == .snapshot || state.step == .reconcile else { return }
        switch outcome {
        case .done(let list) where state.step == .snapshot: noted(list)
        case .done(let list): compared(list)
        case .rejected(let fault, _): again(fault, isLong: true)
        case .doubtful(let fault): again(fault)
        case .notDone(let fault, let asked): again(fault, after: asked)
        }
    }

    private mutating func noted(_ list: [ListedCredential]) {
        if state.isAborting { return aborted() }
        guard list.count <= RotationLimits.listed,
            list.allSatisfy({ $0.handle.utf8.count <= RotationLimits.handleBytes })
        else { return again(.tooLarge, isLong: true) }
        state.known = list.map(\.handle)
        begin(.create)
    }

    /// Adopting is no choice: a list tells no secrets. What the attempt made is ended, and another is made.
    private mutating func compared(_ list: [ListedCredential]) {
        let named = [state.current, state.previous, state.candidate].filter { !$0.isEmpty } + state.orphans
        let inService = named + stillHonoured
        let isNamed =
            !state.current.isEmpty && (!state.hasPrevious || !state.previous.isEmpty) && !stillHonoured.contains("")
        let others = list.filter { !inService.contains($0.handle) && !state.known.contains($0.handle) }
        var certain = others.filter { $0.origin == .thisAttempt }
        let mine = others.filter { $0.origin == .thisKey }
        if isNamed { certain += mine }
        let unknown = others.filter { $0.origin == .unknown }
        let isOurs = capabilities.isExclusive && (isNamed || !state.known.isEmpty)
        if isOurs { certain += unknown }
        record(.reconciled)
        state.isDoubted = false
        guard certain.count + unknown.count <= RotationLimits.listed else { return hold(.possibleOrphan) }
        if !isOurs, !unknown.isEmpty {
            state.orphans += (certain + unknown).map(\.handle)
            return hold(.possibleOrphan)
        }
        // Without a name for a credential in service, one of this key's may be it.
        if !isNamed, !mine.isEmpty {
            state.orphans += (certain + mine).map(\.handle)
            return hold(.possibleOrphan)
        }
        compareLeftovers(list, ended: certain.map(\.handle))
        let listed = Set(list.map(\.handle))
        state.orphans = state.orphans.filter(listed.contains) + certain.map(\.handle)
        if state.orphans.isEmpty { return cleaned() }
        begin(.clean)
    }

    mutating func resumed() {
        guard state.isCalling else { return }
        state.isCalling = false
        record(.resumed)
        if state.step == .create { return doubt(.interrupted) }
        // Every other call can be made again.
        state.nextAttempt = now
    }

    /// The provider may be ahead of what is written here: nothing is believed before it was asked.
    mutating func restored() {
        record(.resumed)
        state.isPutBack = false
        guard !capabilities.isLocal, !capabilities.needsManualStep else { return resumed() }
        if capabilities.oneSlotOnly, mayHoldCandidate {
            // The candidate may be what works: the current version tells, and until then it is kept.
            state.isCalling = false
            state.isDoubted = true
            // Under the token that is written here, something may have been done since.
            state.token = around.fresh
            enter(.verify)
            state.nextAttempt = now
            return
        }
        leaveDoubts()
        let mayComeLate = mayComeLate
        let candidate = state.candidate
        // Where there is one slot, the candidate has the name of the credential in service.
        let isOther = !candidate.isEmpty && candidate != state.current && candidate != state.previous
        if isOther, state.step == .test || state.step == .discard || capabilities.choosesValue {
            state.orphans.append(candidate)
        }
        if state.isUnderWay { transition.effects.append(.dropPending) }
        if state.step == .retire {
            // An overlap that was over stays over.
            state.retireAfter = min(state.retireAfter, now)
            state.retireDeadline = min(state.retireDeadline, now)
        }
        let due = state.due
        finish()
        state.due = due
        enter(.verify)
        state.isDoubted = mayComeLate
        state.nextAttempt = max(now, earliest)
    }

    /// Whether what was asked for may be done after the provider was asked what it has.
    private var mayComeLate: Bool {
        switch state.step {
        case .create: state.isCalling || state.isDoubted
        case .reconcile: true
        case .verify: state.isDoubted
        default: false
        }
    }

    /// What a person was to look at, or what no list will show, stays a person's.
    private mutating func leaveDoubts() {
        var handles: [String] = []
        if state.step == .held {
            if !capabilities.canList { handles = state.orphans }
            state.orphans = []
        }
        if !capabilities.canList, !capabilities.choosesValue, !state.token.isEmpty,
            state.step == .held ? state.error == .possibleOrphan : mayComeLate
        {
            handles.append("")
        }
        remember(
            handles.map { RotationLeftover(handle: $0, token: state.token, step: state.step, time: state.began) })
    }

    /// Whether the provider's one slot may hold what was proposed.
    private var mayHoldCandidate: Bool {
        switch state.step {
        case .create: state.isCalling || state.isDoubted
        case .test: true
        case .verify: state.isDoubted
        default: false
        }
    }

    mutating func verified(_ outcome: RotatorOutcome<Void>) {
        switch outcome {
        case .done where state.isDoubted && capabilities.oneSlotOnly: currentStands()
        case .done:
            state.known = []
            if capabilities.canList {
                enter(.reconcile)
                state.nextAttempt = now
                state.began = 0
            } else if !state.orphans.isEmpty {
                state.isDoubted = false
                begin(.clean)
            } else {
                state.isDoubted = false
                cleaned()
            }
        case .rejected where state.isDoubted && capabilities.oneSlotOnly: currentIsGone()
        case .rejected: hold(.currentRefused)
        case .doubtful(let fault): again(fault)
        case .notDone(let fault, let asked): again(fault, after: asked)
        }
    }
}
