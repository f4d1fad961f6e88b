internal import Audit
internal import Policy
internal import Rotation
internal import Sealing
internal import SecretMemory
internal import Synchronization

/// One key's rotation from an event to the next call, and from the call's end on.
extension RotationDesk {
    /// Goes on with a key that has got a place.
    func see(to path: String) async {
        if let left = state.withLock({ $0.unwritten.removeValue(forKey: path) }) {
            return await go(on: path, left.event, fields: left.fields, stamp: left.stamp)
        }
        if let call = takeAsked(path) { return await make(call, path) }
        await go(on: path, .tick)
    }

    /// Writes down what an event leads to, and makes the call that follows.
    private func go(on path: String, _ event: RotationEvent, fields: [RotationField] = [], stamp: UInt64? = nil) async {
        let advance: RotationAdvance?
        do throws(VaultError) {
            if case .tick = event, let call = proposal(path) { return await make(call, path) }
            advance = try await write(path, event, fields, stamp)
        } catch {
            keep(event, fields, stamp, path, error)
            return leave(path, failed: error.code != .conflict)
        }
        guard let advance else { return leave(path) }
        announce(advance)
        guard let call = advance.call else { return leave(path) }
        await make(call, path)
    }

    /// An end that could not be written down is not forgotten while the session lasts: the next tick tries again.
    private func keep(
        _ event: RotationEvent, _ fields: [RotationField], _ stamp: UInt64?, _ path: String, _ error: VaultError
    ) {
        if case .tick = event { return }
        if case .proposed = event { return }
        guard error.code != .conflict, error.code != .sealed else { return }
        state.withLock { state in
            guard !state.isStopped else { return }
            state.unwritten[path] = Unwritten(event: event, fields: fields, stamp: stamp)
        }
    }

    /// Whether what is due begins with a proposal, which changes nothing and needs no record before it.
    private func proposal(_ path: String) -> RotationCall? {
        guard let entry = session.key(path),
            let transition = tickAlone(entry, rotators.rotator(of: entry).capabilities),
            transition.call == .propose, transition.effects.isEmpty, transition.records.isEmpty
        else { return nil }
        return .propose
    }

    /// What a tick would lead to, without writing anything.
    func tickAlone(_ entry: KeyEntry, _ capabilities: RotatorCapabilities) -> RotationTransition? {
        guard let rotation = entry.rotation else { return nil }
        let clocks = clocks
        guard !clocks.isHeld, rotation.earliest(isDormant: entry.isDormant(at: clocks.now)) != nil else { return nil }
        let surroundings = RotationSurroundings(
            now: clocks.rotation, since: session.since, isAwaited: session.awaits(entry, at: clocks.now),
            fresh: freshToken())
        return try? rotation.machine(capabilities, entry.keyIDBytes).handle(.tick, rotation.state, surroundings)
    }

    func freshToken() -> [UInt8] {
        WipedBytes(count: 16) { (span: inout MutableRawSpan) in around.random.fill(&span) }.withBytes { bytes in
            (0..<16).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }

    /// Commits one event of one key; nil where the key is not there any more, or is not as it was.
    private func write(
        _ path: String, _ event: RotationEvent, _ fields: [RotationField], _ stamp: UInt64?
    ) async throws(VaultError) -> RotationAdvance? {
        let rotators = rotators
        return try await committer.commit(.rotations) { (staging) throws(VaultError) -> RotationAdvance? in
            guard let entry = staging.key(path), entry.isAsked(event, stamp) else { return nil }
            let capabilities = rotators.rotator(of: entry).capabilities
            if case .tick = event, try !staging.isDue(entry, capabilities) { return nil }
            return try staging.advance(entry, event, capabilities, fields: fields)
        }
    }

    /// Makes a call: here where it cannot be made at all, and else in a task that holds nothing of the session.
    private func make(_ call: RotationCall, _ path: String) async {
        guard let entry = session.key(path), let rotation = entry.rotation else { return leave(path) }
        let job: RotationJob
        do throws(RotationObstacle) {
            job = try prepare(call, entry, rotation, rotators.rotator(of: entry))
        } catch {
            return await go(on: path, call.end(error.fault, mayHaveHappened: false), stamp: entry.stamp(of: call))
        }
        let pause = around.pause
        start { [weak self] in
            let end = await job.run(pause)
            await self?.finish(job, end)
        }
    }

    private func finish(_ job: RotationJob, _ end: RotationJob.End) async {
        await go(on: job.path, end.event, fields: end.fields, stamp: job.stamp)
    }

    /// Lends a call what it needs.
    func prepare(
        _ call: RotationCall, _ entry: KeyEntry, _ rotation: KeyRotation, _ rotator: any Rotator
    ) throws(RotationObstacle) -> RotationJob {
        let clocks = clocks
        let state = rotation.state
        let reach = rotator.reach
        if reach != RotatorReach() { try checkAuthority(reach, entry, clocks) }
        let keyring = session.keyring
        do throws(VaultError) {
            var others: [String: [RotationField]] = [:]
            for path in reach.keys {
                guard let other = session.key(path), other.state(at: clocks.now) == .active else {
                    throw VaultError(.notFound, "")
                }
                others[path] = try children.fields(other.summary.current, of: other, keyring)
            }
            let head = entry.head
            func candidate(_ version: UInt32, _ handle: String) throws(VaultError) -> Candidate {
                Candidate(handle: handle, fields: try children.fields(version, of: entry, keyring))
            }
            let current = try candidate(head.current, state.current)
            let previous = head.previous == 0 ? nil : try candidate(head.previous, state.previous)
            let pending = head.pending == 0 ? nil : try candidate(head.pending, state.candidate)
            let credential =
                switch call {
                case .test, .retireCandidate: pending ?? Candidate(handle: state.candidate, fields: [])
                case .retirePrevious: previous ?? Candidate(handle: state.previous, fields: [])
                case .retireOrphan(let handle): Candidate(handle: handle, fields: [])
                case .verify, .propose, .create, .list: current
                }
            let context = RotationContext(
                keyPath: entry.path.text, keyID: entry.keyIDText,
                token: state.token.isEmpty ? freshToken() : state.token, began: state.began, now: clocks.rotation,
                current: current, previous: previous, proposed: pending, others: others)
            return RotationJob(
                path: entry.path.text, call: call, rotator: rotator, context: context, credential: credential,
                stamp: entry.stamp(of: call), patience: rotator.capabilities.patience)
        } catch {
            throw RotationObstacle(fault: error.code == .notFound ? .missingField : .internal)
        }
    }

    /// Asks the policies in force, in the name of whoever wrote the settings.
    private func checkAuthority(
        _ reach: RotatorReach, _ entry: KeyEntry, _ clocks: Clocks
    ) throws(RotationObstacle) {
        guard isPermitted(reach, entry, clocks) else { throw RotationObstacle(fault: .notPermitted) }
    }

    func isPermitted(_ reach: RotatorReach, _ entry: KeyEntry, _ clocks: Clocks) -> Bool {
        let set = around.policies()
        guard
            let policies = RotationAuthor(entry.head.rotation).policies(
                set, at: clocks.now, issued: { session.issued($0) })
        else { return false }
        return reach.isPermitted(policies, set)
    }
}

/// Why a call could not be made: nothing has happened.
struct RotationObstacle: Error {
    var fault: RotationFault
}

extension KeyEntry {
    /// What a call that is made now is held against when it ends: an attempt that is written down by its token, a
    /// proposal by the key's last change.
    func stamp(of call: RotationCall) -> UInt64 {
        guard let rotation, call != .propose else { return head.updated }
        return rotation.state.token.reduce(UInt64(rotation.state.step.rawValue)) {
            ($0 &* 0x100_0000_01B3) ^ UInt64($1)
        }
    }

    /// Whether an event is about the key as it is.
    func isAsked(_ event: RotationEvent, _ stamp: UInt64?) -> Bool {
        guard let stamp, let rotation else { return rotation != nil }
        if case .proposed = event { return !rotation.state.isCalling && head.updated == stamp }
        return rotation.state.isCalling && self.stamp(of: .create) == stamp
    }
}
