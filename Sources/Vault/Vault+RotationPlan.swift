internal import Audit
package import Policy
internal import Rotation
internal import Sealing

extension Vault {
    /// What a rotation of a key would do and when. Nothing is done. Needs `inspect` on the key.
    ///
    /// - Throws: ``VaultError``: `not_found`, `in_trash`, `conflict` where the key has no rotation.
    package func planRotation(_ requester: Requester, _ path: ResourcePath) throws(VaultError) -> RotationPlan {
        var admitted = try admit(requester, .inspect, .key(path), as: "plan_rotation")
        return try audited(&admitted) { (admitted) throws(VaultError) in
            guard let entry = admitted.session.key(path.text) else {
                throw VaultError(.notFound, "there is no key at this path")
            }
            guard entry.summary.deleted == 0 else {
                throw VaultError(.inTrash, "the key is in the trash; restore or destroy it first")
            }
            guard let rotation = entry.rotation else { throw VaultError.noRotation }
            return plan(entry, rotation, admitted)
        }
    }

    private func plan(_ entry: KeyEntry, _ rotation: KeyRotation, _ admitted: Admitted) -> RotationPlan {
        let (session, clocks) = (admitted.session, admitted.clocks)
        let rotator = rotators.rotator(of: entry)
        let begins = clocks.isHeld ? nil : begin(entry, rotation, rotator.capabilities, clocks)
        let times = RotationTimes(rotation.policy, keyID: entry.keyIDBytes)
        var later: [Timestamp] = []
        var last = begins ?? rotation.state.lastRotated
        while later.count < 5, begins != nil, let next = times.due(after: last) {
            later.append(next)
            last = next
        }
        let shown = session.shown(entry, clocks)
        return RotationPlan(
            path: entry.path, rotator: entry.head.rotation.rotator,
            standing: shown.rotation?.standing ?? .held, isPaused: rotation.policy.paused != nil,
            begins: begins,
            steps: steps(rotation.policy, rotator.capabilities, from: begins ?? clocks.rotation), later: later,
            hosts: rotator.reach.hosts, issuers: rotator.reach.issuers, keys: rotator.reach.keys,
            isPermitted: admitted.open.rotations.isPermitted(rotator.reach, entry, clocks),
            consumers: shown.rotation?.consumers ?? [])
    }

    /// When the next rotation would begin by itself.
    private func begin(
        _ entry: KeyEntry, _ rotation: KeyRotation, _ capabilities: RotatorCapabilities, _ clocks: Clocks
    ) -> Timestamp? {
        let since = (try? opened())?.session.since ?? 0
        guard rotation.policy.paused == nil, !entry.isDormant(at: clocks.now), rotation.state.step != .held,
            let due = rotation.state.due
        else { return nil }
        guard rotation.state.step == .idle else { return max(due, clocks.rotation) }
        let wake = rotation.machine(capabilities, entry.keyIDBytes)
            .wake(rotation.state, since: since, isAwaited: false)
        return wake.map { max($0, clocks.rotation) }
    }

    private func steps(
        _ policy: RotationPolicy, _ capabilities: RotatorCapabilities, from start: Timestamp
    ) -> [RotationPlan.Step] {
        func step(_ name: String, call: Bool, at time: Timestamp? = nil) -> RotationPlan.Step {
            RotationPlan.Step(name: name, isCall: call, time: time)
        }
        var steps: [RotationPlan.Step] = []
        if capabilities.needsManualStep { return [step("store", call: false, at: start)] }
        if capabilities.choosesValue {
            steps.append(step("propose", call: false))
        } else if capabilities.canList, !capabilities.marksAttempts, !capabilities.isIdempotent {
            steps.append(step("snapshot", call: true))
        }
        if !capabilities.isLocal { steps += [step("create", call: true), step("test", call: true)] }
        steps.append(step("promote", call: false))
        steps[0].time = start
        if capabilities.oneSlotOnly { return steps }
        if policy.overlap > 0 || policy.retirement != .afterOverlap { steps.append(step("overlap", call: false)) }
        let end = start + policy.overlap
        if !capabilities.isLocal || end > start { steps.append(step("retire", call: !capabilities.isLocal, at: end)) }
        return steps
    }
}
