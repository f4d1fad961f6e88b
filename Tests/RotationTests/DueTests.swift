import Rotation
import RotationSimulation
import Testing

@Suite("An edit that is about something else does not move what is due")
struct DueTests {
    private func machine(_ change: (inout RotationPolicy) -> Void = { _ in }) -> RotationMachine {
        var policy = RotationPolicy(timing: .every(30 * day))
        change(&policy)
        return RotationMachine(policy, RotatorCapabilities(), keyID: [1])
    }

    private func around(_ now: Int64, since: Int64 = 0) -> RotationSurroundings {
        RotationSurroundings(now: now, since: since, isAwaited: false, fresh: [7])
    }

    @Test("What was aborted is due in its time from then, whatever is edited, paused or unpaused")
    func aborted() throws {
        let machine = machine()
        var state = machine.start(handle: "h0", at: 0)
        state.candidates = 1
        state.due = 30 * day
        state = try machine.handle(.abort, state, around(31 * day)).state
        #expect(state.due == 61 * day)
        let edited = try machine.handle(.settingsChanged(isRescheduled: false), state, around(32 * day)).state
        #expect(edited.due == 61 * day)
        #expect(machine.wake(edited, since: 0, isAwaited: false) == 61 * day)
    }

    @Test("Another schedule counts from the last rotation")
    func rescheduled() throws {
        let state = machine().start(handle: "h0", at: 0)
        let often = machine { $0.timing = .every(10 * day) }
        let edited = try often.handle(.settingsChanged(isRescheduled: true), state, around(5 * day)).state
        #expect(edited.due == 10 * day)
        let late = try often.handle(.settingsChanged(isRescheduled: true), state, around(20 * day)).state
        #expect(late.due == 10 * day && late.nextAttempt >= 20 * day)
    }

    @Test(
        "It does so too while a version before is ended, or the provider is asked",
        arguments: [.overlap, .retire, .clean, .verify] as [RotationStep])
    func rescheduledUnderWay(step: RotationStep) throws {
        var state = machine().start(handle: "h0", at: 0)
        state.step = step
        let often = machine { $0.timing = .every(10 * day) }
        let edited = try often.handle(.settingsChanged(isRescheduled: true), state, around(5 * day)).state
        #expect(edited.due == 10 * day && edited.step == step)
    }

    @Test("What was left out is left out once")
    func skipped() throws {
        let machine = machine { $0.missed = .next }
        let start = machine.start(handle: "h0", at: 0)
        let skipped = try machine.handle(.tick, start, around(200 * day, since: 199 * day + hour))
        #expect(skipped.records == [.skipped] && skipped.state.skipped == 6 && skipped.state.due == 210 * day)
        let edited = try machine.handle(
            .settingsChanged(isRescheduled: false), skipped.state, around(201 * day, since: 199 * day))
        #expect(edited.records == [] && edited.state.skipped == 6 && edited.state.due == 210 * day)
    }

    @Test("What became due in a pause follows when that ends")
    func paused() throws {
        let paused = machine { $0.paused = day }
        let state = paused.start(handle: "h0", at: 0)
        let unpaused = try machine().handle(.settingsChanged(isRescheduled: false), state, around(100 * day)).state
        #expect(unpaused.due == 30 * day && unpaused.nextAttempt >= 100 * day)
    }

    @Test("A key for which nothing is due gets its time from its schedule")
    func never() throws {
        var state = machine().start(handle: "h0", at: 0)
        state.due = nil
        #expect(try machine().handle(.settingsChanged(isRescheduled: false), state, around(day)).state.due == 30 * day)
    }

    @Test("A version that is honoured does not keep another schedule from counting")
    func overlapping() throws {
        let often = machine { $0.timing = .every(10 * day) }
        var state = machine().start(handle: "h0", at: 0)
        state.step = .overlap
        state.due = 50 * day
        #expect(try often.handle(.settingsChanged(isRescheduled: true), state, around(day)).state.due == 10 * day)
        #expect(try often.handle(.settingsChanged(isRescheduled: false), state, around(day)).state.due == 50 * day)
    }
}
