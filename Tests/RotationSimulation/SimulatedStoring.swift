internal import Rotation

/// Versions that people store by hand, and what has to become of those in whose place they come.
extension SimulatedKey {
    /// Stores a version by hand, and now and then another soon after it.
    mutating func storeSeveral() throws(Violation) {
        try store()
        while chance.happens(40) {
            real += chance.below(chance.pick([hour, day]))
            try store()
        }
    }

    /// Stores a version by hand, after making it at the provider by hand; what is replaced is left to the machine.
    mutating func store() throws(Violation) {
        switch records.state.step {
        case _ where records.state.isCalling: return
        case .idle, .held, .overlap, .verify, .reconcile, .clean, .discard: break
        case .create, .test:
            guard provider.capabilities.oneSlotOnly else { return }
        default: return
        }
        guard let since else { return }
        takeTime()
        let made = madeByHand()
        let isNamed = provider.capabilities.choosesValue || chance.happens(50)
        let handle = isNamed ? made.handle : knownHandle(of: made.value)
        // Who is told to look does, and who put a backup back does too.
        let looks = wasRestored || records.state.step == .held
        if looks { handOver() }
        let before = records
        let around = surroundings(since)
        // Now and then the very time that the settings say.
        let times = [now + 1 + chance.below(4 * day), now + records.policy.longestOverlap]
        let event = RotationEvent.stored(handle: handle, honouring: chance.happens(30) ? chance.pick(times) : 0)
        if let transition = try? machine.handle(event, records.state, around) {
            try commit(transition, made.value, event, before)
        }
        if looks { endWhatNobodyUses() }
    }

    /// What the vault calls a value that does not tell its name: that of a version in service which has it.
    private func knownHandle(of value: Int) -> String {
        let state = records.state
        if value == records.currentValue { return state.current }
        return state.hasPrevious && value == records.previousValue ? state.previous : ""
    }

    /// A credential that a person has: mostly a new one, and now and then the current or the previous one again.
    private mutating func madeByHand() -> (value: Int, handle: String) {
        let again: Int? =
            switch chance.below(10) {
            case 0: records.currentValue
            case 1: records.previousValue
            default: nil
            }
        if let again, let handle = provider.handle(of: again) { return (again, handle) }
        lastValue += 1
        return (lastValue, provider.makeByHand(lastValue, at: real))
    }

    /// What was current is the previous version, and what was that is named; neither is ended by storing another.
    mutating func checkStored(
        _ transition: RotationTransition, _ event: RotationEvent, _ before: SimulatedRecords
    ) throws(Violation) {
        switch event {
        case .stored: break
        case .rotate where transition.state.step != before.state.step: return promised = nil
        default: return
        }
        guard !isOffline, provider.kind != .oneSlot else { return }
        let state = transition.state
        guard transition.call == nil else { throw fail("storing calls the provider", { "\(event)" }) }
        let replaced = before.currentValue
        dead = provider.works(replaced) ? nil : replaced
        if provider.holds(replaced), replaced != records.currentValue {
            guard records.previousValue == replaced, state.hasPrevious,
                state.retireAfter >= now + records.policy.overlap
            else { throw fail("what was replaced is lost sight of", { "\(event)" }) }
        }
        guard before.state.hasPrevious, let value = before.previousValue, value != replaced,
            value != records.currentValue, let handle = provider.handle(of: value)
        else { return }
        guard state.leftovers.contains(where: { $0.handle == handle || $0.handle.isEmpty }) else {
            throw fail("what was honoured still is lost sight of", { "\(event)" })
        }
        let end = before.end(isAwaited: isAwaited)
        guard !state.hasPrevious || state.retireAfter >= end else {
            throw fail("what was honoured still ends early", { "\(event)" })
        }
        // The other of two roles gets another password in its turn.
        guard provider.kind != .twoRoles, !wasRestored else { return }
        promised = (value, state.hasPrevious ? end : min(end, now + records.policy.longestOverlap))
    }

    /// What lost its place while it was honoured works until its time.
    func promiseIsKept(_ what: () -> String) throws(Violation) {
        guard let promised, now < promised.until, !provider.works(promised.value) else { return }
        throw fail("what was honoured still ended early", what)
    }
}

extension SimulatedRecords {
    /// When the previous version's overlap ends: with what was set, or with what whoever stored the current one said.
    func end(isAwaited: Bool) -> Int64 {
        max(isAwaited ? max(state.retireAfter, state.retireDeadline) : state.retireAfter, said)
    }
}

extension RotationPolicy {
    /// How long the previous version is honoured at most.
    var longestOverlap: Int64 {
        if case .whenAcknowledged(let deadline) = retirement { return deadline }
        return overlap
    }
}
