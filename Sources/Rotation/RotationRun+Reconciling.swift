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
        let inService = [state.current, state.previous, state.candidate].filter { !$0.isEmpty } + state.orphans
        let others = list.filter { !inService.contains($0.handle) && !state.known.contains($0.handle) }
        var certain = others.filter { $0.origin == .thisAttempt }
        let mine = others.filter { $0.origin == .thisKey }
        if !state.current.isEmpty { certain += mine }
        let unknown = others.filter { $0.origin == .unknown }
        if capabilities.isExclusive, !state.current.isEmpty || !state.known.isEmpty { certain += unknown }
        record(.reconciled)
        state.isDoubted = false
        guard certain.count + unknown.count <= RotationLimits.listed else { return hold(.possibleOrphan) }
        if !capabilities.isExclusive || (state.current.isEmpty && state.known.isEmpty), !unknown.isEmpty {
            state.orphans += (certain + unknown).map(\.handle)
            return hold(.possibleOrphan)
        }
        // Without a name for the current credential, one of this key's may be it.
        if state.current.isEmpty, !mine.isEmpty {
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
        guard !capabilities.isLocal, !capabilities.needsManualStep else { return resumed() }
        let candidate = state.candidate
        // Where there is one slot, the candidate has the name of the credential in service.
        let isOther = !candidate.isEmpty && candidate != state.current && candidate != state.previous
        if isOther, state.step == .test || state.step == .discard || capabilities.choosesValue {
            state.orphans.append(candidate)
        }
        if state.isUnderWay { transition.effects.append(.dropPending) }
        finish()
        enter(.verify)
        state.nextAttempt = now
    }

    mutating func verified(_ outcome: RotatorOutcome<Void>) {
        switch outcome {
        case .done:
            state.known = []
            if capabilities.canList {
                enter(.reconcile)
                state.nextAttempt = now
                state.began = 0
            } else if !state.orphans.isEmpty {
                begin(.clean)
            } else {
                cleaned()
            }
        case .rejected: hold(.currentRefused)
        case .doubtful(let fault): again(fault)
        case .notDone(let fault, let asked): again(fault, after: asked)
        }
    }
}
