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

    @Test("One that the provider refuses to end is named to people, and the others with it")
    func refused() throws {
        let refused = try machine.handle(
            .retired(.rejected(.refused, newCandidate: false)), try cleaning().state, around(Self.hour))
        #expect(refused.state.step == .held && refused.state.orphans == ["h1", "h2", "h3"])
        #expect(refused.state.error == .possibleOrphan && refused.records.contains(.held))
    }
}
