internal import Rotation

/// What befalls a key and its vault, and what an operator does about it.
extension SimulatedKey {
    mutating func befall() throws(Violation) {
        switch chance.below(14) {
        case 0: try seal(for: chance.pick([minute, day, 40 * day, 200 * day]))
        case 1: try crash()
        case 2: offset -= chance.below(90 * day)
        case 3:
            // What the provider has taken on is done by the time that this clock says.
            provider.advance(to: .max)
            offset += chance.below(chance.happens(20) ? 2_000 * day : 20 * day)
        case 4: provider.outageUntil = real + chance.below(10 * day)
        case 5: backups.append(records)
        case 6:
            if chance.happens(30) { return try sayRestored() }
            if let backup = backups.last { try restore(backup) }
        case 7:
            records.wasAsked = true
            try drive(.rotate(endingOverlap: chance.happens(50)))
        case 8: try giveUp()
        // Nobody goes back to what does not work.
        case 9: if records.previousValue == nil || records.previousValue != dead { try drive(.rollback) }
        case 10: try pauseOrGoOn()
        case 11: isAwaited.toggle()
        case 12: try storeSeveral()
        default: try lookAfter()
        }
        // Somebody comes sooner or later.
        if chance.happens(60) { try lookAfter() }
    }

    /// The process goes without a word, and another opens the vault.
    mutating func crash() throws(Violation) {
        since = nil
        real += chance.below(hour)
        try unseal()
    }

    private mutating func seal(for length: Int64) throws(Violation) {
        since = nil
        real += length
        try unseal()
    }

    private mutating func unseal() throws(Violation) {
        since = now
        try drive(.resumed)
    }

    /// The store is put back; the provider is not.
    private mutating func restore(_ backup: SimulatedRecords) throws(Violation) {
        records = backup
        policyChanged()
        wasRestored = true
        promised = nil
        since = now
        try drive(.restored(whileCalling: false))
    }

    /// Somebody says that a backup was put back, while a call is under way; or for no reason.
    mutating func sayRestored() throws(Violation) {
        guard let since else { return }
        let before = records
        let event = RotationEvent.restored(whileCalling: true)
        guard let transition = try? machine.handle(event, records.state, surroundings(since)) else { return }
        try commit(transition, 0, event, before)
    }

    private mutating func giveUp() throws(Violation) {
        let wasRetiring = records.state.step == .retire
        let wasHeld = records.state.step == .held
        if wasHeld { takeTime() }
        if wasRetiring || wasHeld { handOver() }
        try drive(.abort)
        if wasRetiring || wasHeld, !records.state.isCalling { endWhatNobodyUses() }
    }

    private mutating func pauseOrGoOn() throws(Violation) {
        records.policy.paused = records.policy.paused == nil ? now : nil
        policyChanged()
        try drive(.settingsChanged(isRescheduled: false))
    }

    /// An operator reads what is shown, and does what the documents say.
    private mutating func lookAfter() throws(Violation) {
        if clock.isHeld { records.confirmed = real + offset }
        if records.policy.paused != nil { try pauseOrGoOn() }
        if provider.kind == .manual, records.state.error == .manualStep { try store() }
        try leave()
        try endLeftovers()
        if records.state.step == .held {
            records.wasAsked = true
            takeTime()
            endWhatNobodyUses(alsoNamed: true)
            if records.state.error == .currentRefused { return try store() }
            try drive(.resume)
        }
    }

    /// Somebody who sees the same step fail again and again gives the rotation up, and stores a value where that does
    /// not do it.
    private mutating func leave() throws(Violation) {
        guard records.state.step.isCall, records.state.attempts > 3, !clock.isHeld else { return }
        for _ in 0..<WayOut.mostVerbs where records.state.step.isCall && !records.state.isCalling {
            let before = records.state
            try giveUp()
            if records.state == before { return try store() }
            // What the verb led to is tried.
            for _ in 0..<3 where records.state.isAborting && records.state.attempts == 0 {
                let wake = since.flatMap { machine.wake(records.state, since: $0, isAwaited: isAwaited) }
                real = max(real, wake.map { $0 - offset } ?? real)
                try drive(.tick)
            }
        }
    }

    /// Somebody ends at the provider what was named as left behind, and says so.
    private mutating func endLeftovers() throws(Violation) {
        let state = records.state
        guard !state.leftovers.isEmpty, state.step == .overlap || state.step == .idle && state.candidates == 0 else {
            return
        }
        // What is ended by itself after its overlap is mostly left to that.
        if state.leftovers.allSatisfy({ $0.step == .overlap }), chance.happens(70) { return }
        takeTime()
        endWhatNobodyUses(alsoNamed: true)
        try drive(.resume)
        guard clock.isHeld || since == nil || records.state.leftovers.isEmpty else {
            throw fail("what was seen to is named for ever", { "resume" })
        }
    }

    /// Somebody who looks at a provider takes longer than it does to finish what it was asked for.
    mutating func takeTime() { provider.advance(to: .max) }

    /// What works at the provider beside the versions that stay is a person's to end from here on.
    mutating func handOver() {
        for handle in provider.live.keys { provider.live[handle]?.token = nil }
    }

    /// Ends at the provider what the records do not name, as somebody does who was told of it.
    mutating func endWhatNobodyUses(alsoNamed: Bool = false) {
        let used = Set([records.currentValue, records.previousValue, records.pendingValue].compactMap { $0 })
        let named = alsoNamed ? [] : Set(records.state.orphans)
        provider.live = provider.live.filter { used.contains($0.value.value) || named.contains($0.key) }
        promised = nil
    }
}

extension RotationEvent {
    var name: String {
        switch self {
        case .tick: "time"
        case .resumed: "resumed"
        case .restored: "restored"
        case .proposed: "proposed"
        case .created: "created"
        case .tested: "tested"
        case .retired: "retired"
        case .listed: "listed"
        case .rotate: "rotate"
        case .resume: "resume"
        case .abort: "abort"
        case .rollback: "rollback"
        case .stored: "stored"
        case .settingsChanged: "settings"
        }
    }
}
