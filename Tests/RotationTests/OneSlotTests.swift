import Rotation
import RotationSimulation
import Testing

@Suite("One slot of which nobody knows what it holds is asked before anything is given up")
struct OneSlotTests {
    private let machine = RotationMachine(
        RotationPolicy(timing: .every(30 * day)), RotatorCapabilities(choosesValue: true, oneSlotOnly: true),
        keyID: [1])

    private func next(_ event: RotationEvent, _ state: RotationState) throws -> RotationTransition {
        let around = RotationSurroundings(
            now: max(state.nextAttempt, state.errorTime, hour), since: 0, isAwaited: false, fresh: [7])
        return try machine.handle(event, state, around)
    }

    /// A candidate whose creation was in doubt, and that its test does not find in force.
    private func doubted() throws -> RotationState {
        let asked = try next(.rotate(endingOverlap: false), machine.start(handle: "slot", at: 0))
        #expect(asked.call == .propose)
        let proposed = try next(.proposed(.done(.init(handle: "slot"))), asked.state)
        #expect(proposed.call == .create && proposed.effects == [.storePending])
        let lost = try next(.created(.doubtful(.timedOut)), proposed.state).state
        #expect(lost.step == .test && lost.isDoubted)
        let tested = try next(.tested(.rejected(.testFailed, newCandidate: true)), try next(.tick, lost).state).state
        #expect(tested.step == .create && tested.isDoubted)
        return tested
    }

    /// The same, refused for good when it was set again.
    private func refused() throws -> RotationTransition {
        try next(.created(.rejected(.refused, newCandidate: true)), try next(.tick, try doubted()).state)
    }

    @Test("A candidate that the provider refuses is dropped once the current value was seen to work: another is made")
    func refusedCandidate() throws {
        let refused = try refused()
        #expect(refused.state.step == .verify && refused.effects == [] && refused.state.error == .refused)
        // An effect may come late.
        #expect(refused.state.nextAttempt >= refused.state.entered + 60_000)
        let asked = try next(.tick, refused.state)
        #expect(asked.call == .verify)
        let stands = try next(.tested(.done), asked.state)
        #expect(stands.effects == [.dropPending] && stands.state.step == .idle && stands.state.candidates == 1)
        #expect(!stands.state.isDoubted && stands.state.candidate == "" && stands.state.current == "slot")
        let again = try next(.tick, stands.state)
        #expect(again.call == .propose)
        #expect(try next(.abort, stands.state).records == [.aborted])
    }

    @Test("A backup that is put back does not have a candidate dropped that may be in force")
    func restored() throws {
        let restored = try next(.restored(whileCalling: false), try doubted())
        #expect(restored.state.step == .verify && restored.effects == [] && restored.state.candidate == "slot")
        let asked = try next(.tick, restored.state)
        let gone = try next(.tested(.rejected(.testFailed, newCandidate: true)), asked.state)
        #expect(gone.state.step == .test && gone.effects == [])
    }

    @Test("After a backup that was put back, no token is used again")
    func restoredToken() throws {
        let doubted = try doubted()
        let around = RotationSurroundings(now: day, since: day, isAwaited: false, fresh: [8])
        #expect(doubted.token == [7])
        #expect(try machine.handle(.restored(whileCalling: false), doubted, around).state.token == [8])
    }

    @Test("Where the current value does not work either, the candidate is kept and tried")
    func currentRefused() throws {
        let asked = try next(.tick, try refused().state)
        let gone = try next(.tested(.rejected(.testFailed, newCandidate: true)), asked.state)
        #expect(gone.state.step == .test && gone.effects == [] && gone.state.error == .currentRefused)
        #expect(throws: RotationRefusal.currentRefused) { try next(.abort, gone.state) }
        let found = try next(.tested(.done), try next(.tick, gone.state).state)
        #expect(found.records.contains(.promoted) && found.state.current == "slot")
    }

    @Test("An abort asks whether the current value works, and gives the candidate up if so", arguments: [false, true])
    func abort(isBeforeTest: Bool) throws {
        var state = try doubted()
        if isBeforeTest {
            // The same while the test waits for another try.
            state.step = .test
        }
        let asked = try next(.abort, state)
        #expect(asked.state.step == .verify && asked.state.isAborting && asked.effects == [] && asked.call == nil)
        #expect(throws: RotationRefusal.underWay) { try next(.abort, asked.state) }
        let stands = try next(.tested(.done), try next(.tick, asked.state).state)
        #expect(stands.effects == [.dropPending] && stands.records == [.aborted])
        #expect(stands.state.step == .idle && stands.state.candidates == 0 && !stands.state.isAborting)
    }

    @Test("An abort that comes while the candidate is tried does not have it set again")
    func abortWhileTesting() throws {
        let creating = try next(.tick, try doubted()).state
        let calling = try next(.tick, try next(.created(.doubtful(.timedOut)), creating).state)
        #expect(calling.call == .test)
        let asked = try next(.abort, calling.state)
        #expect(asked.state.isAborting && asked.call == nil)
        let ended = try next(.tested(.rejected(.testFailed, newCandidate: true)), asked.state).state
        #expect(ended.step == .verify && ended.isAborting)
    }

    @Test("What was set for certain cannot be given up")
    func tooLate() throws {
        let proposed = try next(
            .proposed(.done(.init(handle: "slot"))),
            try next(.rotate(endingOverlap: false), machine.start(handle: "slot", at: 0)).state)
        let made = try next(.created(.done(.init(handle: "slot"))), proposed.state)
        let waits = try next(.tested(.doubtful(.timedOut)), made.state).state
        #expect(waits.step == .test && !waits.isDoubted)
        #expect(throws: RotationRefusal.underWay) { try next(.abort, waits) }
    }

    @Test("A value by hand ends all of it")
    func stored() throws {
        let stored = try next(.stored(handle: "slot"), try refused().state)
        #expect(stored.effects == [.dropPending] && stored.state.step == .idle && stored.state.error == nil)
    }
}
