import Rotation
import RotationSimulation
import Testing

@Suite("Records that were put back while a call was under way are not believed once that is over")
struct PutBackTests {
    private func machine(_ capabilities: RotatorCapabilities) -> RotationMachine {
        RotationMachine(RotationPolicy(timing: .every(30 * day)), capabilities, keyID: [1])
    }

    private func around(_ now: Int64) -> RotationSurroundings {
        RotationSurroundings(now: now, since: 0, isAwaited: false, fresh: [7])
    }

    /// A key whose next credential is being made, and of which somebody says then that a backup was put back.
    private func putBack(_ machine: RotationMachine) throws -> RotationState {
        let start = machine.start(handle: "h0", at: 0)
        let creating = try machine.handle(.rotate(endingOverlap: false), start, around(day))
        #expect(creating.call == .create)
        let said = try machine.handle(.restored(whileCalling: true), creating.state, around(day + 1))
        #expect(said.call == nil && said.effects == [] && said.records == [])
        #expect(said.state.step == .create && said.state.isCalling && said.state.isPutBack)
        return said.state
    }

    @Test("What the call leads to goes on to its rest, and then the current version is tried")
    func afterCalls() throws {
        let machine = machine(RotatorCapabilities(canList: true, marksAttempts: true))
        let made = try machine.handle(
            .created(.done(.init(handle: "h1"))), try putBack(machine), around(day + 2))
        #expect(made.call == .test && made.state.isPutBack)
        let tested = try machine.handle(.tested(.done), made.state, around(day + 3))
        #expect(tested.state.step == .verify && !tested.state.isPutBack && tested.state.current == "h1")
        #expect(tested.state.previous == "h0" && tested.records.contains(.promoted))
        let tried = try machine.handle(.tick, tested.state, around(day + 3))
        #expect(tried.call == .verify)
    }

    @Test("A crash does not lose it", arguments: [false, true])
    func crash(canList: Bool) throws {
        let machine = machine(RotatorCapabilities(canList: canList, marksAttempts: canList))
        let resumed = try machine.handle(.resumed, try putBack(machine), around(day + 2)).state
        #expect(resumed.step == .verify && !resumed.isCalling && !resumed.isPutBack)
        // Without a list nothing would find what the call may have made: it is named.
        #expect(resumed.leftovers.map(\.token) == (canList ? [] : [[7]]))
    }

    @Test("An overlap that was over stays over, and what a person was to look at is not ended")
    func over() throws {
        let machine = machine(RotatorCapabilities(canList: true, marksAttempts: true))
        var state = machine.start(handle: "h1", at: 0)
        (state.step, state.previous, state.retireAfter, state.retireDeadline) = (.retire, "h0", 9 * day, 9 * day)
        let said = try machine.handle(.restored(whileCalling: false), state, around(day)).state
        #expect(said.retireAfter == day && said.retireDeadline == day && said.due == state.due)
        var held = machine.start(handle: "h1", at: 0)
        (held.step, held.error, held.orphans) = (.held, .possibleOrphan, ["h5"])
        #expect(try machine.handle(.restored(whileCalling: false), held, around(day)).state.orphans == [])
    }

    @Test("Where no call is under way it is tried at once, whatever this process was said to wait for")
    func atRest() throws {
        let machine = machine(RotatorCapabilities())
        let state = machine.start(handle: "h0", at: 0)
        for isCalling in [false, true] {
            let said = try machine.handle(.restored(whileCalling: isCalling), state, around(day))
            #expect(said.state.step == .verify && said.state.nextAttempt == day && said.records == [.resumed])
        }
    }
}
