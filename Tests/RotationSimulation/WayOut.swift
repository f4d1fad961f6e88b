internal import Rotation

/// What an operator has to do at worst to be rid of a rotation: whatever the provider answers, and be it the same for ever.
struct WayOut {
    /// How a provider that is of no use any more ends every call.
    enum Answer: CaseIterable, Sendable {
        /// 5xx, time-outs, replies that cannot be read.
        case doubtful
        /// 429, refused connections, lists that cannot be read.
        case notDone
        /// 401, 403.
        case rejected
    }

    /// No operator has to say more than that.
    static let mostVerbs = 3

    let machine: RotationMachine

    /// The verbs until nothing is under way any more, or a value can be stored by hand; nil: there is no way out.
    ///
    /// - Parameter since: when the process began to look after the key.
    func verbs(from start: RotationState, at moment: Int64, since: Int64, _ answer: Answer) -> Int? {
        var state = start
        var now = moment
        var verbs = 0
        while true {
            if state.isCalling {
                guard let ended = next(end(of: state.step, answer), state, now, since) else { return nil }
                state = ended
                // The failure of one call may lead to another.
                if state.isCalling { continue }
            }
            if state.step == .overlap || state.step == .idle && state.candidates == 0 { return verbs }
            guard verbs < Self.mostVerbs else { return nil }
            verbs += 1
            // What cannot be given up takes a value by hand.
            guard let asked = next(.abort, state, now, since) else {
                return next(.stored(handle: "by hand"), state, now, since) == nil ? nil : verbs
            }
            state = asked
            // Time passes until what the verb led to has been tried.
            if !state.isCalling, state.step.isCall, let wake = machine.wake(state, since: since, isAwaited: false) {
                now = max(now, wake)
                state = next(.tick, state, now, since) ?? state
            }
        }
    }

    private func next(_ event: RotationEvent, _ state: RotationState, _ now: Int64, _ since: Int64) -> RotationState? {
        let around = RotationSurroundings(now: now, since: since, isAwaited: false, fresh: [1])
        return (try? machine.handle(event, state, around))?.state
    }

    private func end(of step: RotationStep, _ answer: Answer) -> RotationEvent {
        func outcome<Value>() -> RotatorOutcome<Value> {
            switch answer {
            case .doubtful: .doubtful(.timedOut)
            case .notDone: .notDone(.badReply, retryAfter: nil)
            case .rejected: .rejected(.forbidden, newCandidate: false)
            }
        }
        return switch step {
        case .create: .created(outcome())
        case .test, .verify: .tested(outcome())
        case .snapshot, .reconcile: .listed(outcome())
        default: .retired(outcome())
        }
    }
}
