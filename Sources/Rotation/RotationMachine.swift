/// Decides what happens to one key's rotation, purely: a state and an event give a state, effects and a call.
///
/// Whoever drives it writes state and effects down in one commit before the call is made, gives the call's end as the
/// next event, makes one call at a time for a key, and says `resumed` once after a crash.
package struct RotationMachine: Sendable {
    let times: RotationTimes
    let capabilities: RotatorCapabilities
    var policy: RotationPolicy { times.policy }

    /// - Parameter keyID: the key's id, as bytes: its share of jitter comes from it.
    package init(_ policy: RotationPolicy, _ capabilities: RotatorCapabilities, keyID: [UInt8]) {
        times = RotationTimes(policy, keyID: keyID)
        self.capabilities = capabilities
    }

    /// Whether no credential has to be ended anywhere.
    package var endsNothing: Bool { capabilities.isLocal || capabilities.needsManualStep }

    /// The state of a key whose rotation is set up now.
    package func start(handle: String, at now: Int64) -> RotationState {
        var state = RotationState()
        state.entered = now
        state.lastRotated = now
        state.current = handle
        state.due = times.due(after: now)
        return state
    }

    /// - Throws: ``RotationRefusal`` for a verb that does not fit the state; nothing is changed then.
    package func handle(
        _ event: RotationEvent, _ state: RotationState, _ around: RotationSurroundings
    ) throws(RotationRefusal) -> RotationTransition {
        var run = RotationRun(machine: self, around: around, transition: RotationTransition(state))
        switch event {
        case .tick: run.tick()
        case .resumed: run.resumed()
        case .restored(whileCalling: true) where state.isCalling: run.state.isPutBack = true
        case .restored: run.restored()
        case .proposed(let outcome): run.proposed(outcome)
        case .created(let outcome): run.created(outcome)
        case .tested(let outcome): run.tested(outcome)
        case .retired(let outcome): run.retired(outcome)
        case .listed(let outcome): run.listed(outcome)
        case .rotate(let endingOverlap): try run.rotate(endingOverlap: endingOverlap)
        case .resume: try run.resume()
        case .abort: try run.abort()
        case .rollback: try run.rollback()
        case .stored(let handle, let said): try run.stored(handle, honouring: said)
        case .settingsChanged(let isRescheduled): run.settingsChanged(isRescheduled: isRescheduled)
        }
        if run.state.isPutBack, !run.state.isCalling, run.transition.call == nil { run.restored() }
        return run.transition
    }

    /// When the next `tick` can do something; nil: not by time alone.
    ///
    /// - Parameters:
    ///   - since: when this process began to look after the key.
    ///   - isAwaited: whether somebody still uses the previous version.
    package func wake(_ state: RotationState, since: Int64, isAwaited: Bool) -> Int64? {
        if state.isCalling { return nil }
        switch state.step {
        case .held: return nil
        case .overlap: return retirement(state, isAwaited)
        case .idle:
            guard policy.paused == nil else { return nil }
            if state.candidates > 0 { return state.nextAttempt }
            guard let due = state.due else { return nil }
            if capabilities.needsManualStep, state.error == .manualStep { return nil }
            if due <= since { return max(times.allowed(since + times.turn(since: since)), state.nextAttempt) }
            return max(due, state.nextAttempt)
        default: return state.nextAttempt
        }
    }

    /// When the previous version is retired.
    func retirement(_ state: RotationState, _ isAwaited: Bool) -> Int64 {
        isAwaited ? max(state.retireDeadline, state.retireAfter) : state.retireAfter
    }

    /// What people are shown.
    package func standing(_ state: RotationState, at now: Int64) -> RotationStanding {
        if state.step == .held { return .held }
        if policy.paused != nil, state.step == .idle { return .paused }
        if state.error != nil, state.error != .manualStep { return .failing }
        if isOverdue(state, at: now) { return .overdue }
        switch state.step {
        case .overlap, .retire: return .overlapping
        case .idle:
            if state.candidates > 0 { return .rotating }
            return state.due.map { $0 <= now } ?? false ? .due : .scheduled
        default: return .rotating
        }
    }

    /// Whether a rotation should have been done by now.
    package func isOverdue(_ state: RotationState, at now: Int64) -> Bool {
        state.due.map { $0 + times.grace < now } ?? false
    }
}

/// One event on its way through the machine.
struct RotationRun {
    let machine: RotationMachine
    let around: RotationSurroundings
    var transition: RotationTransition

    var state: RotationState {
        get { transition.state }
        _modify { yield &transition.state }
    }
    var now: Int64 { around.now }
    var capabilities: RotatorCapabilities { machine.capabilities }
    var times: RotationTimes { machine.times }
    var policy: RotationPolicy { machine.policy }

    mutating func record(_ record: RotationRecord) { transition.records.append(record) }

    // MARK: Moving

    /// Enters a step without a call.
    mutating func enter(_ step: RotationStep) {
        if state.step != step { state.entered = now }
        state.step = step
        state.isCalling = false
        state.attempts = 0
        state.nextAttempt = 0
    }

    /// Enters a step and makes its call.
    mutating func begin(_ step: RotationStep) {
        if state.step != step {
            state.entered = now
            state.attempts = 0
        }
        state.step = step
        state.isCalling = true
        state.nextAttempt = 0
        transition.call = call(of: step)
    }

    private func call(of step: RotationStep) -> RotationCall? {
        switch step {
        case .snapshot, .reconcile: .list
        case .create: .create
        case .test: .test
        case .discard: .retireCandidate
        case .clean: state.orphans.first.map { .retireOrphan($0) }
        case .retire: .retirePrevious
        case .verify: .verify
        case .idle, .overlap, .held: nil
        }
    }

    /// The call of this step did not succeed, and is made again later.
    mutating func again(_ fault: RotationFault, after asked: Int64? = nil, isLong: Bool = false) {
        note(fault)
        state.isCalling = false
        state.attempts = min(state.attempts + 1, 1_000)
        let wait =
            isLong
            ? times.backoff(
                state.attempts, from: RotationLimits.longBackoff, cap: RotationLimits.longCap, at: now)
            : times.backoff(state.attempts, from: RotationLimits.firstBackoff, cap: RotationLimits.shortCap, at: now)
        state.nextAttempt = now + max(wait, min(asked ?? 0, RotationLimits.longCap))
    }

    mutating func note(_ fault: RotationFault) {
        state.error = fault
        state.errorStep = state.step
        state.errorTime = now
        record(.failed)
    }

    mutating func hold(_ fault: RotationFault) {
        note(fault)
        enter(.held)
        record(.held)
    }

    /// Goes on with another candidate, soon or after a long wait.
    mutating func anotherCandidate(isLong: Bool) {
        let count = state.candidates
        enter(.idle)
        state.token = []
        state.known = []
        state.candidate = ""
        state.isDoubted = false
        if state.isAborting { return aborted() }
        let isLong = isLong || count >= RotationLimits.quickCandidates
        let wait =
            isLong
            ? times.backoff(
                max(1, count - RotationLimits.quickCandidates + 1), from: RotationLimits.longBackoff,
                cap: RotationLimits.longCap, at: now)
            : times.backoff(count, from: RotationLimits.firstBackoff, cap: RotationLimits.shortCap, at: now)
        state.nextAttempt = now + wait
    }

    /// The rotation is over: the next one is due in its time.
    mutating func finish() {
        state.candidates = 0
        state.token = []
        state.known = []
        state.candidate = ""
        state.isDoubted = false
        state.isAborting = false
        state.error = nil
        state.due = times.due(after: state.lastRotated)
    }
}
