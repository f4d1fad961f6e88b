package import Rotation

/// All moves of the machine from step to step that there can be, found by trying: every kind of provider, every way for
/// a call to end, and everything that people do.
///
/// A state counts as seen where another was like it in all that decides what can happen next.
package struct MachineMap: Sendable {
    package struct Move: Hashable, Sendable {
        package let from: RotationStep
        package let to: RotationStep
        /// What led there, in a few words.
        package let cause: String
    }

    package private(set) var moves: Set<Move> = []
    /// States that an operator cannot get out of with ``WayOut/mostVerbs``, with what the provider answers to all.
    package private(set) var traps: Set<String> = []
    private var seen: Set<Likeness> = []

    /// What of a state decides what can happen next.
    private struct Likeness: Hashable {
        let profile: Int
        let step: RotationStep
        let call: String
        let flags: [Bool]
        let candidates: Int
        let orphans: Int
        let error: RotationFault?
    }

    private struct Place {
        let state: RotationState
        let call: RotationCall?
        let now: Int64
    }

    package init() {
        for (number, profile) in Self.profiles.enumerated() { explore(number, profile) }
    }

    /// Every kind of provider, with and without an overlap.
    private static var profiles: [RotationMachine] {
        let kinds = SimulatedProvider.Kind.allCases.map { SimulatedProvider($0, faults: 0).capabilities }
        return kinds.flatMap { capabilities in
            [0, hour].map { overlap in
                var policy = RotationPolicy(timing: .every(30 * day))
                policy.overlap = overlap
                return RotationMachine(policy, capabilities, keyID: [1])
            }
        }
    }

    /// What kind of provider a profile is of.
    private static func kind(_ profile: Int) -> String { "\(SimulatedProvider.Kind.allCases[profile / 2])" }

    private mutating func explore(_ profile: Int, _ machine: RotationMachine) {
        var places = [Place(state: machine.start(handle: "h0", at: beginning), call: nil, now: beginning)]
        while let place = places.popLast() {
            guard seen.insert(likeness(place, profile)).inserted else { continue }
            for answer in WayOut.Answer.allCases
            where WayOut(machine: machine).verbs(from: place.state, at: place.now, since: beginning, answer) == nil {
                traps.insert("\(answer) for ever in \(place.state.step), provider \(Self.kind(profile))")
            }
            for (event, cause) in Self.events(at: place) {
                // Time enough for whatever waits.
                let now = max(place.now + 1, machine.wake(place.state, since: 0, isAwaited: false) ?? 0)
                let around = RotationSurroundings(
                    now: now, since: beginning, isAwaited: false, fresh: [UInt8(truncatingIfNeeded: now >> 3)])
                guard let transition = try? machine.handle(event, place.state, around) else { continue }
                if transition.state.step != place.state.step {
                    moves.insert(Move(from: place.state.step, to: transition.state.step, cause: cause))
                }
                places.append(Place(state: transition.state, call: transition.call, now: now))
            }
        }
    }

    private func likeness(_ place: Place, _ profile: Int) -> Likeness {
        let state = place.state
        let knowsFirst = state.current == "h0" || state.previous == "h0"
        return Likeness(
            profile: profile, step: state.step, call: place.call.map { "\($0)" } ?? "",
            flags: [
                state.isCalling, state.isDoubted, state.isAborting, state.current.isEmpty, state.previous.isEmpty,
                state.candidate.isEmpty, state.known.isEmpty, state.hasPrevious,
                knowsFirst, state.leftovers.contains { $0.step == .overlap },
            ], candidates: min(state.candidates, 2), orphans: min(state.orphans.count, 2), error: state.error)
    }

    private static func events(at place: Place) -> [(RotationEvent, String)] {
        var events: [(RotationEvent, String)] = [
            (.tick, "time"), (.rotate(endingOverlap: true), "rotate"), (.resume, "resume"), (.abort, "abort"),
            (.rollback, "roll back"), (.stored(handle: "h9"), "stored by hand"),
            (.stored(handle: "h8"), "stored by hand"), (.restored(whileCalling: false), "restored"),
            (.resumed, "crash"),
        ]
        switch place.call {
        case nil: break
        case .propose?:
            events += [
                (.proposed(.done(.init(handle: "h1"))), "chosen"),
                (.proposed(.rejected(.internal, newCandidate: true)), "not chosen"),
            ]
        case .create?:
            events += [
                (.created(.done(.init(handle: "h1"))), "made"),
                (.created(.done(.init(handle: "h1", usability: .unusable(.emptyValue)))), "unusable"),
                (.created(.done(.init(handle: "h0", usability: .repeated))), "the same again"),
                (.created(.done(.init(handle: "h0"))), "a name in service"),
            ]
            events += ends { .created($0) }
        case .test?, .verify?:
            events.append((.tested(.done), "works"))
            events += ends { .tested($0) }
        case .list?:
            events += [
                (.listed(.done([])), "nothing left over"),
                (.listed(.done([ListedCredential(handle: "h7", origin: .thisAttempt)])), "a leftover of ours"),
                (.listed(.done([ListedCredential(handle: "h8", origin: .unknown)])), "a leftover of somebody's"),
            ]
            events += ends { .listed($0) }
        case .retireCandidate?, .retirePrevious?, .retireOrphan?:
            events.append((.retired(.done), "ended"))
            events += ends { .retired($0) }
        }
        return events
    }

    /// The ways in which any call can fail.
    private static func ends<Value>(
        _ event: (RotatorOutcome<Value>) -> RotationEvent
    ) -> [(RotationEvent, String)] {
        [
            (event(.rejected(.refused, newCandidate: true)), "refused"), (event(.doubtful(.timedOut)), "in doubt"),
            (event(.notDone(.rateLimited, retryAfter: nil)), "not done"),
        ]
    }
}

extension MachineMap {
    /// The moves as a Mermaid state diagram. What a restored backup leads to is left out: from any step to `verify`.
    package var mermaid: String {
        var causes: [String: Set<String>] = [:]
        for move in moves where move.cause != "restored" {
            causes["\(move.from) --> \(move.to)", default: []].insert(move.cause)
        }
        let order = RotationStep.allCases.map { "\($0)" }
        func place(_ arrow: String) -> [Int] {
            arrow.split(separator: " ").filter { $0 != "-->" }.map { order.firstIndex(of: String($0)) ?? 0 }
        }
        let lines = causes.sorted { place($0.key).lexicographicallyPrecedes(place($1.key)) }.map { arrow, causes in
            "    \(arrow): \(causes.sorted().joined(separator: ", "))"
        }
        return (["stateDiagram-v2", "    [*] --> idle"] + lines).joined(separator: "\n")
    }
}
