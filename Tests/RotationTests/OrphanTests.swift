import Rotation
import Testing

@Suite("What nobody uses is ended at the provider, all of it")
struct OrphanTests {
    private static let hour: Int64 = 3_600_000

    /// A machine whose provider lists credentials and says which are a key's own.
    private var machine: RotationMachine {
        var policy = RotationPolicy(timing: .every(30 * 24 * Self.hour))
        policy.overlap = Self.hour
        return RotationMachine(policy, RotatorCapabilities(canList: true, marksAttempts: true), keyID: [1])
    }

    private func around(_ now: Int64) -> RotationSurroundings {
        RotationSurroundings(now: now, since: 0, isAwaited: false, fresh: [7])
    }

    /// The machine after a creation in doubt, whose list tells of three that were made for this attempt.
    private func cleaning() throws -> RotationTransition {
        var state = machine.start(handle: "h0", at: 0)
        state.step = .reconcile
        state.isCalling = true
        state.candidates = 1
        state.error = .timedOut
        let list = ["h0", "h1", "h2", "h3"].map {
            ListedCredential(handle: $0, origin: $0 == "h0" ? .thisKey : .thisAttempt)
        }
        return try machine.handle(.listed(.done(list)), state, around(Self.hour))
    }

    @Test("Of several left over each is ended in its turn before anything else begins")
    func several() throws {
        var transition = try cleaning()
        for (number, handle) in ["h1", "h2", "h3"].enumerated() {
            #expect(transition.state.step == .clean && transition.state.isCalling)
            #expect(transition.call == .retireOrphan(handle))
            transition = try machine.handle(.retired(.done), transition.state, around(Self.hour + Int64(number)))
            #expect(transition.records == [.orphanEnded])
        }
        #expect(transition.state.orphans == [] && transition.call == nil)
        #expect(transition.state.step == .idle && transition.state.candidates == 1)
    }

    @Test("One that cannot be ended now is tried again, with the others behind it")
    func again() throws {
        let first = try machine.handle(.retired(.done), try cleaning().state, around(Self.hour))
        let failed = try machine.handle(.retired(.doubtful(.timedOut)), first.state, around(Self.hour))
        #expect(failed.state.orphans == ["h2", "h3"] && failed.call == nil && !failed.state.isCalling)
        let next = try machine.handle(.tick, failed.state, around(failed.state.nextAttempt))
        #expect(next.call == .retireOrphan("h2"))
    }

    @Test("Where they cannot be ended, an abort that is said again leaves them by name")
    func left() throws {
        let failed = try machine.handle(.retired(.doubtful(.timedOut)), try cleaning().state, around(Self.hour))
        let asked = try machine.handle(.abort, failed.state, around(Self.hour))
        #expect(asked.call == .retireOrphan("h1") && asked.state.isAborting && asked.records == [])
        let again = try machine.handle(.retired(.doubtful(.timedOut)), asked.state, around(Self.hour))
        let ended = try machine.handle(.abort, again.state, around(Self.hour))
        #expect(ended.state.step == .idle && ended.state.candidates == 0 && ended.state.orphans == [])
        #expect(ended.state.leftovers.map(\.handle) == ["h1", "h2", "h3"])
        #expect(ended.records == [.orphanLeft, .aborted] && ended.call == nil)
        let seen = try machine.handle(.resume, ended.state, around(Self.hour))
        #expect(seen.state.leftovers == [] && seen.records == [.resumed])
        #expect(throws: RotationRefusal.notUnderWay) {
            try machine.handle(.resume, seen.state, around(Self.hour))
        }
    }

    @Test("What somebody stores is not left behind, though it was to be ended")
    func adopted() throws {
        let failed = try machine.handle(.retired(.doubtful(.timedOut)), try cleaning().state, around(Self.hour))
        let stored = try machine.handle(.stored(handle: "h2"), failed.state, around(Self.hour))
        #expect(stored.state.current == "h2" && stored.state.step == .overlap && stored.state.previous == "h0")
        #expect(stored.state.leftovers.map(\.handle) == ["h1", "h3"])
        #expect(throws: RotationRefusal.underWay) {
            try machine.handle(.stored(handle: "h2"), try cleaning().state, around(Self.hour))
        }
    }

    @Test("What is remembered as left does not grow without end, and the newest are kept")
    func bounded() throws {
        var state = machine.start(handle: "h0", at: 0)
        for number in 0..<100 {
            state.step = .clean
            state.orphans = ["x\(number)"]
            state = try machine.handle(.stored(handle: "h0"), state, around(Self.hour)).state
        }
        #expect(state.leftovers.count == 64 && state.leftovers.last?.handle == "x99")
    }

    @Test("One that the provider refuses to end is named to people, and the others with it")
    func refused() throws {
        let refused = try machine.handle(
            .retired(.rejected(.refused, newCandidate: false)), try cleaning().state, around(Self.hour))
        #expect(refused.state.step == .held && refused.state.orphans == ["h1", "h2", "h3"])
        #expect(refused.state.error == .possibleOrphan && refused.records.contains(.held))
    }
}
