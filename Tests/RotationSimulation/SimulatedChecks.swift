internal import Rotation

/// What has to be true after each step, whatever befell.
extension SimulatedKey {
    func check(_ what: @autoclosure () -> String) throws(Violation) {
        try versions(what)
        try currentWorks(what)
        try noOrphan(what)
        try previousWorks(what)
        try promiseIsKept(what)
        try neverSilent(what)
        try canBeLeft(what)
    }

    func fail(_ why: String, _ what: () -> String) -> Violation {
        Violation(
            description:
                "\(why), after \(what()): \(provider.kind), \(records.state), current \(records.current): \(records.currentValue), pending \(records.pendingValue as Any), previous \(records.previousValue as Any), provider \(provider.live.mapValues(\.value)), policy \(records.policy), time \(now - beginning)"
        )
    }

    /// Exactly one version is current, and no version has two stages.
    private func versions(_ what: () -> String) throws(Violation) {
        let staged = [records.current, records.previous, records.pending].compactMap { $0 }
        guard staged.allSatisfy({ records.values[$0] != nil }), Set(staged).count == staged.count else {
            throw fail("the stages are wrong", what)
        }
        guard records.pending != nil else { return }
        switch records.state.step {
        case .test, .discard, .held: return
        case .create where provider.capabilities.choosesValue: return
        case .verify where provider.capabilities.oneSlotOnly && records.state.isDoubted: return
        default: throw fail("a pending version that no step is about", what)
        }
    }

    var isOffline: Bool { provider.kind == .local || provider.kind == .manual }

    /// The current version works at the provider, or the state says why not.
    private func currentWorks(_ what: () -> String) throws(Violation) {
        guard !isOffline, !provider.works(records.currentValue) else { return }
        let state = records.state
        switch state.step {
        // In place: the old one ends when the new one is set.
        case .create, .test: if provider.kind == .oneSlot { return }
        case .verify: return
        case .held: if state.error == .currentRefused || wasRestored { return }
        default: break
        }
        throw fail("the current version does not work", what)
    }

    /// Nothing works at the provider that the state does not account for.
    private func noOrphan(_ what: () -> String) throws(Violation) {
        guard !isOffline else { return }
        let state = records.state
        if !state.orphans.isEmpty, state.step == .idle || state.step == .overlap {
            throw fail("orphans that nobody ends", what)
        }
        // Only what the state knows of is ended in its time.
        let previous = state.hasPrevious ? records.previousValue : nil
        let used = Set([records.currentValue, previous, records.pendingValue].compactMap { $0 })
        for (handle, credential) in provider.live where !used.contains(credential.value) {
            if state.orphans.contains(handle) || state.candidate == handle { continue }
            // A person made it, and a person ends it.
            if credential.token == nil { continue }
            if state.leftovers.contains(where: { $0.isOf(handle, credential.token) }) { continue }
            if state.step == .create, state.isCalling || state.isDoubted, credential.token == state.token { continue }
            if state.step == .reconcile || state.step == .verify || state.step == .held { continue }
            if wasRestored {
                // Without a list nobody can know what came after the backup; and one that does not tell whose a
                // credential is, or which the current one is, gives no leave to end it.
                let tells = provider.capabilities.canList && provider.kind != .listing && !state.current.isEmpty
                if !tells || state.step == .clean { continue }
            }
            throw fail("an orphan \(handle)", what)
        }
    }

    /// The previous version is honoured through the overlap.
    private func previousWorks(_ what: () -> String) throws(Violation) {
        guard !isOffline, !wasRestored, records.state.step == .overlap, now < records.state.retireAfter,
            let value = records.previousValue, value != dead
        else { return }
        guard provider.works(value) else { throw fail("the previous version ended early", what) }
    }

    /// A rotation that is late says so.
    private func neverSilent(_ what: () -> String) throws(Violation) {
        let state = records.state
        let standing = machine.standing(state, at: now)
        if state.error != nil, state.error != .manualStep, records.policy.paused == nil || state.step != .idle {
            guard standing == .failing || standing == .held else { throw fail("an error is not shown", what) }
        }
        guard let since, records.policy.paused == nil, !state.isCalling, state.step != .held else { return }
        if provider.kind == .manual, state.error == .manualStep { return }
        if records.policy.timing == .whenAsked, state.step == .idle, state.candidates == 0 { return }
        guard let wake = machine.wake(state, since: since, isAwaited: isAwaited) else {
            throw fail("nothing will ever happen", what)
        }
        if state.step == .idle, state.candidates == 0, let due = state.due {
            guard wake <= max(due, since, now) + 2 * day else { throw fail("the next rotation is put off", what) }
        } else if state.step != .overlap {
            guard wake <= now + 2 * day else { throw fail("the next attempt is put off", what) }
        }
    }

    /// Whatever the provider answers from now on, an operator can be rid of the rotation.
    private func canBeLeft(_ what: () -> String) throws(Violation) {
        guard let since, records.state.step.isCall || records.state.step == .held else { return }
        // One answer after the other; ``MachineMap`` tries all of them in each state.
        let answer = WayOut.Answer.allCases[steps % WayOut.Answer.allCases.count]
        // When the next one is due bears on nothing here.
        var policy = records.policy
        policy.timing = .whenAsked
        let machine = RotationMachine(policy, provider.capabilities, keyID: [])
        guard WayOut(machine: machine).verbs(from: records.state, at: now, since: since, answer) != nil else {
            throw fail("no verb leads out of it, where all that is answered is \(answer)", what)
        }
    }

    /// No candidate becomes current before it was seen to work.
    func checkTested(_ value: Int, _ event: RotationEvent) throws(Violation) {
        guard provider.kind != .local, tested != value else { return }
        throw fail("a candidate is current without a test", { "\(event)" })
    }

    /// Before a call: its token is no other candidate's, and the provider is not asked without end.
    mutating func checkCall(_ call: RotationCall) throws(Violation) {
        if call == .create, spent.contains(records.state.token) {
            throw fail("a token is used for two candidates", { "\(call)" })
        }
        guard !isOffline, call != .propose else { return }
        asked.append(real)
        if asked.count > 60 {
            let first = asked.removeFirst()
            guard real - first > hour else { throw fail("the provider is asked 60 times in an hour", { "\(call)" }) }
        }
    }

    /// What counts as ended does not work any more, and the previous version is not ended before its time.
    func checkEnded(
        _ transition: RotationTransition, _ event: RotationEvent, _ before: SimulatedRecords
    ) throws(Violation) {
        if transition.records.contains(.discarded), let value = before.pendingValue, provider.holds(value) {
            throw fail("a refused candidate is left at the provider", { "\(event)" })
        }
        if transition.records.contains(.retired), !isOffline, let value = before.previousValue, provider.holds(value) {
            throw fail("the previous version is left at the provider", { "\(event)" })
        }
        guard before.state.step == .overlap, transition.state.step != .overlap else { return }
        switch event {
        case .rotate, .stored, .restored: return
        default: break
        }
        guard now >= before.end(isAwaited: isAwaited) else { throw fail("the overlap ends early", { "\(event)" }) }
    }

    /// A rotation begins when it is due, inside its window, and not where it was missed and is to be left out.
    func checkBeginning(_ event: RotationEvent, _ before: RotationState) throws(Violation) {
        if records.policy.paused != nil, records.state.candidates > before.candidates {
            throw fail("a candidate is begun in a pause", { "\(event)" })
        }
        guard before.candidates == 0, records.state.candidates > 0 || records.state.step != .idle, !records.wasAsked,
            before.step == .idle
        else { return }
        switch event {
        case .tick, .proposed: break
        default: return
        }
        guard let due = before.due, due <= now else { throw fail("a rotation begins early", { "\(event)" }) }
        // A driver is a second late, and a proposal takes a few.
        if let window = records.policy.window, !window.contains(now), !window.contains(now - 10 * second) {
            throw fail("a rotation begins outside its window", { "\(event)" })
        }
        let grace = RotationTimes(records.policy, keyID: keyID).grace
        if records.policy.missed == .next, let since, since - due > grace {
            throw fail("a rotation that was missed is made up for", { "\(event)" })
        }
    }

    /// No rotation is early.
    mutating func promoted(_ event: RotationEvent, _ before: RotationState) throws(Violation) {
        rotations += 1
        if case .stored = event { return wasRestored = false }
        let state = records.state
        if state.step == .overlap {
            let overlap = records.policy.overlap
            var deadline = overlap
            if case .whenAcknowledged(let latest) = records.policy.retirement { deadline = latest }
            guard state.retireAfter == now + overlap, state.retireDeadline == now + deadline else {
                throw fail("the overlap is not what was asked for", { "\(event)" })
            }
        }
        defer { records.wasAsked = false }
        if records.wasAsked { return }
        switch records.policy.timing {
        case .every(let interval):
            guard now >= before.lastRotated + interval else { throw fail("rotated early", { "\(before)" }) }
        case .schedule(let schedule):
            guard let time = schedule.next(after: before.lastRotated), time <= now else {
                throw fail("rotated early", { "\(before)" })
            }
        case .whenAsked: throw fail("rotated unasked", { "\(before)" })
        }
    }

    /// A rotation that was due has been done, or left out with a record.
    func checkDue(
        _ transition: RotationTransition, _ event: RotationEvent, _ before: RotationState
    ) throws(Violation) {
        if case .settingsChanged(isRescheduled: false) = event, transition.state.due != before.due,
            !transition.records.contains(.skipped)
        {
            throw fail("an edit moves what is due", { "\(event)" })
        }
        guard let due = before.due, due <= now, transition.state.due != due else { return }
        let reasons: Set<RotationRecord> = [.promoted, .skipped, .aborted, .rolledBack]
        if !reasons.isDisjoint(with: transition.records) { return }
        if case .restored = event { return }
        throw fail("a rotation is left out without a record", { "\(event)" })
    }
}

extension RotationLeftover {
    /// Whether it stands for a credential: by its name, by the attempt that made it, or, where nothing is known of it,
    /// for any of the key's.
    fileprivate func isOf(_ handle: String, _ token: [UInt8]?) -> Bool {
        self.handle.isEmpty ? self.token.isEmpty || self.token == token : self.handle == handle
    }
}
