internal import Audit
internal import Policy
internal import Rotation
internal import Sealing

/// Rotation settings that have been checked and that their author may have.
enum CheckedRotation: Sendable {
    case set(RotationSettingsInput, RotationAuthor, any Rotator)
    case remove
}

extension Staging {
    /// Sets up, changes or ends a key's rotation.
    ///
    /// - Parameters:
    ///   - head: of the key, with the versions that it will have.
    ///   - entry: what stands; nil for a new key.
    ///   - current: gives the fields of the current version.
    /// - Throws: ``VaultError``: `invalid_field`, and `conflict` while a rotation is under way that would be lost.
    mutating func change(
        _ change: CheckedRotation, _ head: inout StoredKeyHead, of entry: KeyEntry?, keyID: [UInt8],
        current: () throws(VaultError) -> [RotationField]
    ) throws(VaultError) {
        switch change {
        case .remove: try removeRotation(&head, of: entry)
        case .set(let input, let author, let rotator):
            let now = clocks.rotation
            let since = head.hasRotation && head.rotation.paused != 0 ? Timestamp(head.rotation.paused) : now
            let policy = try KeyChecks.policy(input, pausedSince: since)
            try checkLifetime(policy, rotator)
            let machine = RotationMachine(policy, rotator.capabilities, keyID: keyID)
            let before = head.hasRotation && !head.rotation.rotator.isEmpty ? head.rotation.input : nil
            head.rotation = StoredRotation(input, by: author, pausedSince: since)
            guard let before, let entry else {
                let handle = rotator.handle(of: try current()) ?? ""
                head.rotationState = machine.start(handle: handle, at: now).record
                expectConsumers(head, of: entry)
                return
            }
            var state = RotationState(head.rotationState)
            if before.rotator != input.rotator || before.settings != input.settings {
                try leaveProvider(&state, &head, entry)
                // What the provider calls the current version.
                state.current = rotator.handle(of: try current()) ?? ""
                state.error = nil
            }
            let isRescheduled = before.timing != input.timing || before.window != input.window
            let changed = try transition(
                machine, .settingsChanged(isRescheduled: isRescheduled), entry, from: state)
            head.rotationState = changed.state.record
            if before.retire != input.retire, input.retire == .whenAcknowledged { doubtConsumers(head, entry) }
            note(
                changed.records.map { Note.Line(key: entry.path.text, version: nil, detail: AuditToken($0), code: nil) }
            )
        }
    }

    /// A key that ends before the next rotation is due would leave its application without one.
    private func checkLifetime(_ policy: RotationPolicy, _ rotator: any Rotator) throws(VaultError) {
        let length: Int64? =
            switch rotator.lifetime {
            case nil, .never: nil
            case .after(let length): length
            case .issuers:
                rotator.reach.issuers.first.flatMap { issuer($0)?.stored.lifetime }
                    .flatMap { $0 == 0 ? nil : Int64(clamping: $0) }
            }
        guard let interval = policy.interval, let length, length <= interval + policy.jitter else { return }
        throw VaultError(
            .invalidField, "the keys end before the next one is due: let them live a week longer than the interval",
            field: "rotation.settings.lifetime")
    }

    private mutating func removeRotation(_ head: inout StoredKeyHead, of entry: KeyEntry?) throws(VaultError) {
        guard let entry, entry.rotation != nil else { return }
        var state = RotationState(head.rotationState)
        try leaveProvider(&state, &head, entry)
        forgetLeftovers(entry)
        head.clearRotation()
        head.clearRotationState()
        entry.usage.changeConsumers { $0 = nil }
    }

    /// Leaves what the rotator before knew at its provider: nothing that is under way there may be lost.
    private mutating func leaveProvider(
        _ state: inout RotationState, _ head: inout StoredKeyHead, _ entry: KeyEntry
    ) throws(VaultError) {
        let old = rotators.rotator(of: entry)
        if state.isUnderWay || state.isCalling || state.step == .retire {
            let mayEnd = state.step == .idle || state.step == .create && !state.isDoubted && !state.isCalling
            guard mayEnd, let rotation = entry.rotation else {
                throw VaultError(.conflict, "a rotation is under way; abort it, or wait for its end", field: "rotation")
            }
            let ended = try transition(rotation.machine(old.capabilities, entry.keyIDBytes), .abort, entry, from: state)
            dropPending(&head, of: entry.place)
            // It is begun anew with what is set now, and not put off.
            let due = state.due
            state = ended.state
            state.due = due
        }
        // What comes after this rotator cannot end what it knew: that is a person's from here on.
        state.leaveOvertaken()
        guard state.step == .overlap else { return }
        if !old.capabilities.isLocal, !old.capabilities.needsManualStep {
            note([
                Note.Line(
                    key: entry.path.text, version: head.previous == 0 ? nil : head.previous,
                    detail: "credential_left", code: nil)
            ])
        }
        state.step = .idle
        state.previous = ""
        state.retireAfter = 0
        state.retireDeadline = 0
    }

    /// With the rotation goes what it remembers of credentials that are left: the log has them once more.
    private mutating func forgetLeftovers(_ entry: KeyEntry) {
        note(
            (entry.rotation?.state.leftovers ?? []).map { left in
                Note.Line(
                    key: entry.path.text, version: nil, detail: "credential_left", code: nil,
                    target: CredentialLeft(left, keyID: entry.keyIDText).name)
            })
    }

    /// From now on consumers are waited for; before, nobody took care that all are known.
    private func doubtConsumers(_ head: StoredKeyHead, _ entry: KeyEntry) {
        guard entry.usage.value.time != 0 else { return }
        let now = clocks.now
        entry.usage.changeConsumers { $0?.mayHaveBeenFetched(head.current, at: now) }
    }

    /// Whoever fetched a key before it was rotated is not known.
    private func expectConsumers(_ head: StoredKeyHead, of entry: KeyEntry?) {
        guard let entry else { return }
        let now = clocks.now
        let wasUsed = entry.usage.value.time != 0
        entry.usage.changeConsumers { book in
            guard book == nil else { return }
            book = ConsumerBook()
            if wasUsed { book?.mayHaveBeenFetched(head.current, at: now) }
        }
    }
}

extension KeyChecks {
    /// - Throws: ``VaultError`` with `invalid_field`, which names the member.
    static func policy(_ input: RotationSettingsInput, pausedSince: Timestamp) throws(VaultError) -> RotationPolicy {
        do throws(RotatorSettingsError) {
            let policy = try RotationPolicy(input, pausedSince: pausedSince)
            try policy.check()
            return policy
        } catch {
            throw VaultError(.invalidField, error.reason, field: "rotation.\(error.setting)")
        }
    }
}
