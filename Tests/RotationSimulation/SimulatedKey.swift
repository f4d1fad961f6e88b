internal import Rotation

/// What a simulation found wrong.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

/// One key in a vault: its versions, its state, and the machine. A copy of it is a backup.
struct SimulatedRecords {
    var state: RotationState
    var policy: RotationPolicy
    /// Values by version, with one current.
    var values: [Int: Int]
    var current: Int
    var previous: Int?
    var pending: Int?
    var nextVersion: Int
    var mark: Int64
    var confirmed: Int64 = 0
    /// Somebody has asked for the next rotation.
    var wasAsked = false
    /// Until when whoever stored the current version wanted the one before honoured; 0: nothing was said.
    var said: Int64 = 0

    var currentValue: Int { values[current] ?? -1 }
    var previousValue: Int? { previous.flatMap { values[$0] } }
    var pendingValue: Int? { pending.flatMap { values[$0] } }
    /// Whether somebody stored the previous value again.
    var likeness: RotationLikeness { previousValue == currentValue ? .same : .different }
}

/// One key, its provider and all that can befall the two, for years, from one seed.
struct SimulatedKey {
    var chance: Chance
    var provider: SimulatedProvider
    var records: SimulatedRecords
    var backups: [SimulatedRecords] = []
    let keyID: [UInt8]
    /// The time that nobody can change, and what the host's clock is ahead of it.
    var real = beginning
    var offset: Int64 = 0
    /// When the process at work began to look after the key; nil while the vault is sealed.
    var since: Int64?
    var lastValue = 1
    /// What befalls from outside breaks promises that the machine cannot keep: until when.
    var wasRestored = false
    var isAwaited = false
    /// The machine of ``records``' policy: made anew where that changes.
    private(set) var machine: RotationMachine
    var rotations = 0
    var steps = 0
    var calls = 0
    /// What happened, where somebody wants to read it.
    var history: [String]?
    /// Every move from step to step that was seen.
    var seen: Set<RotationMove> = []
    /// The value that passed its test, and may be promoted.
    var tested: Int?
    /// Tokens of candidates that are over: none of them is used again.
    var spent: Set<[UInt8]> = []
    /// When the provider was asked last, the latest at the end.
    var asked: [Int64] = []
    /// What lost its place to a version that was stored while it was honoured, and until when it is.
    var promised: (value: Int, until: Int64)?
    /// What worked no more when another version was stored in its place.
    var dead: Int?

    init(seed: UInt64) {
        chance = Chance(seed)
        let kind = chance.pick(SimulatedProvider.Kind.allCases)
        provider = SimulatedProvider(kind, faults: chance.pick([0, 5, 20, 60]))
        if provider.capabilities.canList, chance.happens(20) {
            provider.listEnds = beginning + chance.below(1_500 * day)
        }
        keyID = chance.token()
        let policy = Self.policy(&chance)
        let handle = provider.makeByHand(1, at: beginning)
        machine = RotationMachine(policy, provider.capabilities, keyID: keyID)
        let known = chance.happens(70) || kind == .oneSlot || kind == .twoRoles
        records = SimulatedRecords(
            state: machine.start(handle: known ? handle : "", at: beginning), policy: policy, values: [1: 1],
            current: 1, nextVersion: 2, mark: beginning)
        since = beginning
    }

    /// How far what befalls is apart at most: now and then things come thick and fast.
    private static let pauses = [10 * second, minute, hour] + [Int64](repeating: 90 * day, count: 9)

    static func policy(_ chance: inout Chance) -> RotationPolicy {
        let schedules = ["0 3 1 * *", "30 2 * * 0", "0 0 29 2 *", "15 4 1,15 * mon", "0 12 */10 * *"]
        let intervals = [30 * day, 60 * day, 90 * day, 7 * day, 400 * day, chance.below(200 * day) + 2 * day]
        var policy: RotationPolicy
        if chance.happens(60) {
            policy = RotationPolicy(timing: .every(chance.pick(intervals)))
        } else if chance.happens(90), let schedule = try? CronSchedule(parsing: chance.pick(schedules)) {
            policy = RotationPolicy(timing: .schedule(schedule))
        } else {
            policy = RotationPolicy(timing: .whenAsked)
        }
        policy.overlap = chance.pick([0, hour, day, 2 * day])
        policy.missed = chance.happens(50) ? .now : .next
        if chance.happens(30) {
            policy.retirement = .whenAcknowledged(deadline: policy.overlap + chance.below(day) + 1)
        }
        policy.jitter = chance.pick([0, minute, 6 * hour])
        if policy.interval.map({ policy.overlap + day > $0 }) ?? false { policy.overlap = 0 }
        if chance.happens(30) {
            policy.window = RotationWindow(from: Int(chance.below(700)), until: 720 + Int(chance.below(720)))
        }
        return policy
    }

    mutating func policyChanged() {
        machine = RotationMachine(records.policy, provider.capabilities, keyID: keyID)
    }

    var clock: (now: Int64, isHeld: Bool) {
        ClockGuard.time(wall: real + offset, mark: records.mark, confirmed: records.confirmed)
    }
    var now: Int64 { clock.now }

    /// Lives until `end`.
    mutating func run(until end: Int64) throws(Violation) {
        try check("the beginning")
        var nextEvent = real + chance.below(60 * day)
        while real < end {
            steps += 1
            guard steps < 200_000 else { throw fail("it never comes to rest", { "so many steps" }) }
            let held = clock.isHeld
            let wake = since.flatMap { machine.wake(records.state, since: $0, isAwaited: isAwaited) }
            let ready = held ? nil : wake.map { max(real, $0 - offset) }
            if let ready, ready < nextEvent {
                // A driver is never quite in time.
                real = ready + chance.below(second)
                try drive(.tick)
            } else {
                real = max(real, nextEvent)
                nextEvent = real + 1 + chance.below(chance.pick(Self.pauses))
                try befall()
            }
        }
    }

    // MARK: The driver

    /// Takes the machine from one event to rest, or to a crash.
    mutating func drive(_ event: RotationEvent) throws(Violation) {
        var event = event
        var value = 0
        while let since {
            let before = records
            let around = surroundings(since)
            let transition: RotationTransition
            do throws(RotationRefusal) {
                transition = try machine.handle(event, records.state, around)
            } catch {
                guard records.state == before.state else { throw fail("a refusal changed the state", { "\(event)" }) }
                return
            }
            try commit(transition, value, event, before)
            guard let call = transition.call else { return }
            if chance.happens(2) { return try crash() }
            if chance.happens(1) { try sayRestored() }
            try checkCall(call)
            let end = perform(call)
            calls += 1
            real += chance.below(5 * second)
            if chance.happens(2) { return try crash() }
            (event, value) = end
        }
    }

    mutating func surroundings(_ since: Int64) -> RotationSurroundings {
        RotationSurroundings(
            now: now, since: since, isAwaited: isAwaited, fresh: chance.token(), likeness: records.likeness)
    }

    /// What one transition does to the records, at once or not at all.
    ///
    mutating func commit(
        _ transition: RotationTransition, _ value: Int, _ event: RotationEvent, _ before: SimulatedRecords
    ) throws(Violation) {
        var after = records
        after.state = transition.state
        for effect in transition.effects {
            switch effect {
            case .storePending:
                after.values[after.nextVersion] = value
                after.pending = after.nextVersion
                after.nextVersion += 1
            case .dropPending: after.pending = nil
            case .promote:
                guard let pending = after.pending else { throw fail("nothing to promote", { "\(event)" }) }
                try checkTested(after.values[pending] ?? -1, event)
                after.previous = after.current
                after.current = pending
                after.pending = nil
                after.said = 0
            case .endPrevious:
                after.previous = nil
                after.said = 0
            case .exchange:
                guard let previous = after.previous else { throw fail("nothing to go back to", { "\(event)" }) }
                after.previous = after.current
                after.current = previous
                after.said = 0
            }
        }
        // Somebody ended the overlap.
        if case .rotate = event, before.state.step == .overlap, after.state.step != .overlap { after.said = 0 }
        if case .stored(_, let said) = event {
            after.previous = after.current
            after.said = said
            after.values[after.nextVersion] = value
            after.current = after.nextVersion
            after.nextVersion += 1
        }
        let staged = [after.current, after.previous, after.pending]
        if after.values.count > 3 { after.values = after.values.filter { staged.contains($0.key) } }
        // A proposal is made without a record before it.
        if transition.call != .propose || !transition.effects.isEmpty { after.mark = now }
        if before.state.token != after.state.token, !before.state.token.isEmpty { spent.insert(before.state.token) }
        try checkEnded(transition, event, before)
        records = after
        provider.advance(to: real)
        history?.append(
            "\(real - beginning) \(event): \(before.state.step) -> \(after.state.step), \(transition.records.map(\.rawValue)), "
                + "call \(transition.call.map { "\($0)" } ?? "none"), provider \(provider.live.mapValues(\.value))")
        seen.insert(RotationMove(from: before.state.step, to: after.state.step, event))
        try checkBeginning(event, before.state)
        try checkStored(transition, event, before)
        if transition.records.contains(.promoted) { try promoted(event, before.state) }
        try checkDue(transition, event, before.state)
        try check("\(event)")
    }

    private mutating func perform(_ call: RotationCall) -> (RotationEvent, Int) {
        let (state, time) = (records.state, real)
        provider.advance(to: time)
        switch call {
        case .propose:
            lastValue += 1
            let handle =
                provider.kind == .twoRoles
                ? (state.current == "a" ? "b" : "a") : provider.kind == .oneSlot ? "slot" : ""
            if chance.happens(provider.faults / 4) { return (.proposed(.rejected(.internal, newCandidate: true)), 0) }
            return (.proposed(.done(.init(handle: handle))), lastValue)
        case .create:
            lastValue += 1
            let proposed = records.pendingValue.map { (handle: state.candidate, value: $0) }
            let made = provider.create(
                token: state.token, proposed: provider.capabilities.choosesValue ? proposed : nil,
                current: records.currentValue, fresh: lastValue, at: time, &chance)
            return (.created(made.outcome), made.value)
        case .test:
            let outcome = provider.test(records.pendingValue ?? -1, at: time, &chance)
            if case .done = outcome { tested = records.pendingValue }
            return (.tested(outcome), 0)
        case .verify: return (.tested(provider.verify(records.currentValue, at: time, &chance)), 0)
        case .list: return (.listed(provider.list(token: state.token, at: time, &chance)), 0)
        case .retireCandidate:
            return (.retired(provider.retire(state.candidate, value: records.pendingValue, at: time, &chance)), 0)
        case .retirePrevious:
            return (.retired(provider.retire(state.previous, value: records.previousValue, at: time, &chance)), 0)
        case .retireOrphan(let handle):
            return (.retired(provider.retire(handle, value: nil, at: time, &chance)), 0)
        }
    }
}

/// A move from one step to another.
struct RotationMove: Hashable, Comparable, CustomStringConvertible {
    var from: RotationStep
    var to: RotationStep
    var event: String

    init(from: RotationStep, to: RotationStep, _ event: RotationEvent) {
        self.from = from
        self.to = to
        self.event = event.name
    }

    var description: String { "\(from) --\(event)--> \(to)" }
    static func < (a: RotationMove, b: RotationMove) -> Bool { a.description < b.description }
}
