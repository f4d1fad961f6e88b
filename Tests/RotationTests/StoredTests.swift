import Rotation
import RotationSimulation
import Testing

@Suite("What a version that somebody stores replaces is honoured for the overlap, and then ended")
struct StoredTests {
    private static func machine(
        _ capabilities: RotatorCapabilities = RotatorCapabilities(canList: true, marksAttempts: true),
        _ change: (inout RotationPolicy) -> Void = { _ in }
    ) -> RotationMachine {
        var policy = RotationPolicy(timing: .every(30 * day))
        policy.overlap = hour
        change(&policy)
        return RotationMachine(policy, capabilities, keyID: [1])
    }

    private let machine = StoredTests.machine()

    private func around(_ now: Int64, isAwaited: Bool = false, likeness: RotationLikeness = .different)
        -> RotationSurroundings
    {
        RotationSurroundings(now: now, since: 0, isAwaited: isAwaited, fresh: [7], likeness: likeness)
    }

    /// A key whose first credential was replaced by hand after a day.
    private func stored(_ handle: String = "h1", _ machine: RotationMachine? = nil) throws -> RotationTransition {
        let machine = machine ?? self.machine
        return try machine.handle(.stored(handle: handle), machine.start(handle: "h0", at: 0), around(day))
    }

    @Test("It is the previous one through the overlap, and is ended at the provider after it")
    func overlap() throws {
        let first = try stored()
        #expect(first.state.step == .overlap && first.state.current == "h1" && first.state.previous == "h0")
        #expect(first.state.retireAfter == day + hour && first.state.orphans == [] && first.state.leftovers == [])
        #expect(first.call == nil && first.records == [.promoted] && first.state.lastRotated == day)
        let early = try machine.handle(.tick, first.state, around(day + hour - 1))
        #expect(early.state == first.state && early.call == nil)
        let due = try machine.handle(.tick, first.state, around(day + hour))
        #expect(due.call == .retirePrevious)
        let ended = try machine.handle(.retired(.done), due.state, around(day + hour))
        #expect(ended.effects == [.endPrevious] && ended.records == [.retired] && ended.state.step == .idle)
        #expect(ended.state.due == 31 * day)
    }

    @Test("Those who use it are waited for, until the deadline")
    func awaited() throws {
        let machine = Self.machine { $0.retirement = .whenAcknowledged(deadline: 2 * day) }
        let state = try stored("h1", machine).state
        #expect(try machine.handle(.tick, state, around(2 * day, isAwaited: true)).call == nil)
        #expect(try machine.handle(.tick, state, around(2 * day)).call == .retirePrevious)
        #expect(try machine.handle(.tick, state, around(3 * day, isAwaited: true)).call == .retirePrevious)
    }

    @Test("It can be gone back to as long as it is honoured")
    func rollback() throws {
        let back = try machine.handle(.rollback, try stored().state, around(day + 1))
        #expect(back.state.current == "h0" && back.state.previous == "h1")
    }

    @Test("One that was honoured still is named, works until its time, and is ended with what took its place")
    func overtaken() throws {
        let second = try machine.handle(.stored(handle: "h2"), try stored().state, around(day + hour / 2))
        #expect(second.state.step == .overlap && second.state.previous == "h1" && second.state.orphans == [])
        #expect(second.state.leftovers.map(\.handle) == ["h0"] && second.records.contains(.orphanLeft))
        #expect(second.call == nil && second.state.retireAfter == day + hour / 2 + hour)
        let due = try machine.handle(.tick, second.state, around(second.state.retireAfter))
        #expect(due.call == .retirePrevious)
        let next = try machine.handle(.retired(.done), due.state, around(second.state.retireAfter))
        #expect(next.call == .retireOrphan("h0") && next.state.leftovers == [])
        let over = try machine.handle(.retired(.done), next.state, around(second.state.retireAfter))
        #expect(over.state.step == .idle && over.state.orphans == [] && over.records == [.orphanEnded])
    }

    @Test("What takes the place of one that somebody is waited for is not ended before the deadline of that")
    func promised() throws {
        let machine = Self.machine { $0.retirement = .whenAcknowledged(deadline: 2 * day) }
        let state = try stored("h1", machine).state
        let second = try machine.handle(.stored(handle: "h2"), state, around(day + 1, isAwaited: true)).state
        #expect(second.retireAfter == 3 * day)
        let free = try machine.handle(.stored(handle: "h2"), state, around(day + 1)).state
        #expect(free.retireAfter == day + 1 + hour)
    }

    @Test("An overlap that was ended early leaves those before it to people")
    func early() throws {
        let second = try machine.handle(.stored(handle: "h2"), try stored().state, around(day + 1))
        let asked = try machine.handle(.rotate(endingOverlap: true), second.state, around(day + 2))
        let ended = try machine.handle(.retired(.done), asked.state, around(day + 3))
        #expect(ended.state.step == .idle && ended.call == nil)
        #expect(ended.state.leftovers.map(\.handle) == ["h0"])
        // It is not ended with the overlap of another version either.
        #expect(ended.state.leftovers.map(\.step) == [.retire])
        let again = try machine.handle(.stored(handle: "h1"), try stored().state, around(day + 1))
        #expect(again.state.step == .idle && again.state.leftovers.map(\.step) == [.retire])
    }

    @Test(
        "Where the version before cannot be ended, or a person was to look, a value by hand names what that was about")
    func named() throws {
        let over = try machine.handle(.tick, try stored().state, around(2 * day)).state
        let failing = try machine.handle(.retired(.doubtful(.timedOut)), over, around(2 * day)).state
        let next = try machine.handle(.stored(handle: "h2"), failing, around(2 * day + 1))
        #expect(next.state.step == .overlap && next.state.previous == "h1" && next.state.current == "h2")
        #expect(next.state.leftovers.map(\.handle) == ["h0"] && next.records == [.orphanLeft, .promoted])
        #expect(throws: RotationRefusal.underWay) { try machine.handle(.stored(handle: "h2"), over, around(2 * day)) }

        var held = machine.start(handle: "h0", at: 0)
        (held.step, held.error, held.orphans, held.token) = (.held, .possibleOrphan, ["h7"], [5])
        let stored = try machine.handle(.stored(handle: "h1"), held, around(day)).state
        #expect(stored.leftovers.map(\.handle) == ["h7"] && stored.orphans == [])
        held.orphans = []
        let unnamed = try machine.handle(.stored(handle: "h1"), held, around(day)).state
        #expect(unnamed.leftovers.map(\.handle) == [""] && unnamed.leftovers.map(\.token) == [[5]])
    }

    @Test("What became a person's keeps until its time, whatever a list shows")
    func handedOver() throws {
        let again = try machine.handle(.stored(handle: "h1"), try stored().state, around(day + 1)).state
        #expect(again.leftovers.map(\.handle) == ["h0"] && !again.hasPrevious)
        func compared(at now: Int64, _ state: RotationState) throws -> RotationState {
            var state = state
            (state.step, state.isCalling) = (.reconcile, true)
            let list = ["h0", "h1"].map { ListedCredential(handle: $0, origin: .thisKey) }
            return try machine.handle(.listed(.done(list)), state, around(now)).state
        }
        #expect(try compared(at: day + 2, again).orphans == [])
        #expect(try compared(at: 3 * day, again).orphans == ["h0"])
        // Of one without a name nobody knows which it is.
        var unnamed = again
        unnamed.leftovers[0].handle = ""
        #expect(try compared(at: day + 2, unnamed).step == .held)
    }

    @Test("A list does not have anything ended that is honoured still")
    func listed() throws {
        var state = try machine.handle(.stored(handle: "h2"), try stored().state, around(day + 1)).state
        state.step = .reconcile
        state.isCalling = true
        let list = ["h0", "h1", "h2", "h3"].map { ListedCredential(handle: $0, origin: .thisKey) }
        let compared = try machine.handle(.listed(.done(list)), state, around(day + 2))
        #expect(compared.state.orphans == ["h3"] && compared.call == .retireOrphan("h3"))
        #expect(compared.state.leftovers.map(\.handle) == ["h0"])
        // Without a name for the previous one, it could be any of them.
        state.previous = ""
        let unnamed = try machine.handle(.listed(.done(list)), state, around(day + 2))
        #expect(unnamed.state.step == .held && unnamed.call == nil)
    }

    @Test("The same credential, stored again, is not ended: by its name, or by its fields where it has none")
    func sameAgain() throws {
        let named = try stored("h0")
        #expect(named.state.step == .idle && !named.state.hasPrevious && named.state.current == "h0")
        let unnamed = try stored("")
        #expect(unnamed.state.step == .overlap)
        let ended = try machine.handle(.tick, unnamed.state, around(2 * day, likeness: .same))
        #expect(ended.call == nil && ended.effects == [.endPrevious] && ended.records == [])
        #expect(ended.state.step == .idle && !ended.state.hasPrevious)
        let asked = try machine.handle(.rotate(endingOverlap: true), unnamed.state, around(day + 1, likeness: .same))
        #expect(asked.call == nil && asked.state.step == .idle)
        // What is stored after it does not find anything in its place that would be left.
        let third = try machine.handle(.stored(handle: ""), unnamed.state, around(day + 1, likeness: .same))
        #expect(third.state.leftovers == [])
    }

    @Test("What may be the same credential is not ended, and is named")
    func unclear() throws {
        let state = try stored("").state
        let over = try machine.handle(.tick, state, around(day + hour, likeness: .unclear))
        #expect(over.call == nil && over.effects == [.endPrevious] && over.records == [.orphanLeft])
        #expect(over.state.step == .idle && over.state.leftovers.map(\.handle) == ["h0"])
        let next = try machine.handle(.stored(handle: "h2"), state, around(day + 1, likeness: .unclear)).state
        #expect(next.leftovers.map(\.handle) == ["h0"])
    }

    @Test("A longer time that is said with the version is kept, and a shorter one ends nothing sooner")
    func said() throws {
        let machine = Self.machine { $0.retirement = .whenAcknowledged(deadline: 3 * day) }
        let start = machine.start(handle: "h0", at: 0)
        // The deadline itself may be what was said.
        for said in [4 * day, 5 * day] {
            let state = try machine.handle(.stored(handle: "h1", honouring: said), start, around(day)).state
            #expect(state.step == .overlap && state.retireAfter == said && state.retireDeadline == said)
            #expect(try machine.handle(.tick, state, around(said - 1)).call == nil)
            #expect(try machine.handle(.tick, state, around(said)).call == .retirePrevious)
            // What is stored meanwhile does not take that back.
            let next = try machine.handle(.stored(handle: "h2"), state, around(day + 1)).state
            #expect(next.retireAfter == said)
        }
        let short = try machine.handle(.stored(handle: "h1", honouring: day + 1), start, around(day)).state
        #expect(short.retireAfter == day + hour && short.retireDeadline == 4 * day)
    }

    @Test("Where nothing is ended one by one, nothing is kept: one slot, a person, or Keyturn itself")
    func nothingToEnd() throws {
        for capabilities in [
            RotatorCapabilities(choosesValue: true, oneSlotOnly: true), RotatorCapabilities(needsManualStep: true),
            RotatorCapabilities(choosesValue: true, isLocal: true),
        ] {
            let state = try stored("h1", Self.machine(capabilities)).state
            #expect(state.step == .idle && !state.hasPrevious && state.current == "h1")
        }
    }

    @Test("A value that is stored where the provider refuses the current one replaces that as well")
    func held() throws {
        var state = machine.start(handle: "h0", at: 0)
        state.step = .held
        state.error = .currentRefused
        let stored = try machine.handle(.stored(handle: "h1"), state, around(day)).state
        #expect(stored.step == .overlap && stored.previous == "h0" && stored.error == nil)
    }
}
