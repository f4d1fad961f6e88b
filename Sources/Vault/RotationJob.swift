internal import Policy
internal import Rotation
internal import SecretMemory
internal import Synchronization

/// One call to a rotator, with all that it is lent, and nothing else of the vault.
struct RotationJob: Sendable {
    var path: String
    var call: RotationCall
    var rotator: any Rotator
    var context: RotationContext
    /// The credential that is tested or ended.
    var credential: Candidate
    /// What tells that the key is still as it was when the call was made.
    var stamp: UInt64
    var patience: Int64

    /// How a call ended, as the machine hears of it, and the fields that it brought.
    struct End: Sendable {
        var event: RotationEvent
        var fields: [RotationField] = []
    }

    /// Makes the call; one that takes longer than the rotator's patience is cancelled, and in doubt.
    func run(_ pause: @escaping @Sendable (Int64) async -> Void) async -> End {
        let first = FirstEnd()
        let call = Task { first.settle(await perform()) }
        let patience = patience
        let late = lateEnd
        let clock = Task {
            await pause(patience)
            if !Task.isCancelled { first.settle(late) }
        }
        let end = await withTaskCancellationHandler {
            await first.value()
        } onCancel: {
            call.cancel()
            clock.cancel()
        }
        call.cancel()
        clock.cancel()
        return end
    }

    /// The call of a rotator that asks nobody.
    func propose() async -> End { made(await rotator.propose(context)) { .proposed($0) } }

    private func perform() async -> End {
        switch call {
        case .propose: await propose()
        case .create: made(await rotator.create(context)) { .created($0) }
        case .test, .verify: End(event: .tested(await rotator.test(credential, context)))
        case .list: End(event: .listed(await rotator.list(context)))
        case .retireCandidate, .retirePrevious, .retireOrphan:
            End(event: .retired(await rotator.retire(credential, context)))
        }
    }

    private var lateEnd: End { ended(by: .timedOut, mayHaveHappened: call != .propose) }

    /// The end of a call that brought nothing.
    func ended(by fault: RotationFault, mayHaveHappened: Bool) -> End {
        End(event: call.end(fault, mayHaveHappened: mayHaveHappened))
    }

    private func made(
        _ outcome: RotatorOutcome<Candidate>, _ event: (RotatorOutcome<RotationEvent.Made>) -> RotationEvent
    ) -> End {
        switch outcome {
        case .done(let candidate):
            let made = RotationEvent.Made(handle: candidate.handle, usability: usability(candidate.fields))
            return End(event: event(.done(made)), fields: candidate.fields)
        case .rejected(let fault, let newCandidate):
            return End(event: event(.rejected(fault, newCandidate: newCandidate)))
        case .doubtful(let fault): return End(event: event(.doubtful(fault)))
        case .notDone(let fault, let after): return End(event: event(.notDone(fault, retryAfter: after)))
        }
    }

    private func usability(_ fields: [RotationField]) -> RotationEvent.Made.Usability {
        guard !fields.isEmpty, fields.allSatisfy({ $0.value.count > 0 }) else { return .unusable(.emptyValue) }
        do throws(VaultError) {
            try KeyChecks.check(fields.map { SecretField(name: $0.name, value: $0.value) })
        } catch {
            return .unusable(error.code == .tooLarge ? .tooLarge : .badReply)
        }
        let used = [context.current, context.previous].compactMap { $0?.fields }
        return used.contains { $0.likeness(to: fields) == .same } ? .repeated : .usable
    }
}

extension RotationCall {
    /// The event of a call that did not come to its end, or that could not be made.
    func end(_ fault: RotationFault, mayHaveHappened: Bool) -> RotationEvent {
        func outcome<Value>(_: Value.Type) -> RotatorOutcome<Value> {
            mayHaveHappened ? .doubtful(fault) : .notDone(fault, retryAfter: nil)
        }
        return switch self {
        case .propose: .proposed(outcome(RotationEvent.Made.self))
        case .create: .created(outcome(RotationEvent.Made.self))
        case .test, .verify: .tested(outcome(Void.self))
        case .list: .listed(outcome([ListedCredential].self))
        case .retireCandidate, .retirePrevious, .retireOrphan: .retired(outcome(Void.self))
        }
    }
}

/// The first of several ends, for one who waits.
private final class FirstEnd: Sendable {
    private struct State {
        var end: RotationJob.End?
        var waiting: CheckedContinuation<RotationJob.End, Never>?
    }
    private let state = Mutex(State())

    func settle(_ end: RotationJob.End) {
        let waiting = state.withLock { state -> CheckedContinuation<RotationJob.End, Never>? in
            guard state.end == nil else { return nil }
            state.end = end
            return state.waiting.take()
        }
        waiting?.resume(returning: end)
    }

    func value() async -> RotationJob.End {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state in
                if state.end == nil { state.waiting = continuation }
                return state.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }
}
