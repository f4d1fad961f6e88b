internal import Audit
package import Policy
internal import Rotation
internal import Sealing

/// What people do with rotations. Each needs `rotate` on the key, and is written down before it is answered.
extension Vault {
    /// Rotates a key now. Answers when the first step is written down, and does not wait for a provider; where no
    /// provider is asked, the new version is current then.
    ///
    /// - Parameter endingOverlap: whether a version that is still honoured is retired first.
    /// - Throws: ``VaultError``: `conflict` where it cannot be now, with the reason.
    package func rotate(
        _ requester: Requester, _ path: ResourcePath, endingOverlap: Bool = false
    ) async throws(VaultError) -> KeyMetadata {
        try await ask(requester, path, .rotate(endingOverlap: endingOverlap), as: "rotate")
    }

    /// Tries again at once, or goes on with what was held: the operator has looked at what was named.
    package func resumeRotation(_ requester: Requester, _ path: ResourcePath) async throws(VaultError) -> KeyMetadata {
        try await ask(requester, path, .resume, as: "resume_rotation")
    }

    /// Gives up the rotation that is under way: at once, or when the call that was made is over.
    package func abortRotation(_ requester: Requester, _ path: ResourcePath) async throws(VaultError) -> KeyMetadata {
        try await ask(requester, path, .abort, as: "abort_rotation")
    }

    /// Goes back to the previous version while it is honoured.
    package func rollBack(_ requester: Requester, _ path: ResourcePath) async throws(VaultError) -> KeyMetadata {
        try await ask(requester, path, .rollback, as: "roll_back")
    }

    private func ask(
        _ requester: Requester, _ path: ResourcePath, _ event: RotationEvent, as name: AuditToken
    ) async throws(VaultError) -> KeyMetadata {
        let admitted = try admit(requester, .rotate, .key(path), as: name)
        let advance = try await changing(admitted) { (staging) throws(VaultError) in
            let entry = try staging.present(path)
            guard entry.state(at: staging.now) == .active || event.isEnd else {
                throw VaultError(.expired, "the key has expired; give it another `expires` first")
            }
            let rotator = entry.rotation == nil ? nil : staging.rotators.rotator(of: entry)
            return try staging.advance(entry, event, rotator?.capabilities ?? RotatorCapabilities())
        }
        let desk = admitted.open.rotations
        desk.announce(advance)
        guard let call = advance.call else { return admitted.session.shown(advance.after, clocks(admitted.session)) }
        desk.begin(path.text, call)
        if call == .propose, desk.rotators.rotator(of: advance.after).capabilities.isLocal {
            await desk.rest(path.text)
        }
        let entry = admitted.session.key(path.text) ?? advance.after
        return admitted.session.shown(entry, clocks(admitted.session))
    }

    /// Begins nothing new until ``unpauseRotation(_:_:)``; what is under way goes on.
    package func pauseRotation(_ requester: Requester, _ path: ResourcePath) async throws(VaultError) -> KeyMetadata {
        try await setPaused(true, requester, path, as: "pause_rotation")
    }

    /// Rotates again; what was missed meanwhile is treated as after a seal.
    package func unpauseRotation(_ requester: Requester, _ path: ResourcePath) async throws(VaultError) -> KeyMetadata {
        try await setPaused(false, requester, path, as: "unpause_rotation")
    }

    private func setPaused(
        _ isPaused: Bool, _ requester: Requester, _ path: ResourcePath, as name: AuditToken
    ) async throws(VaultError) -> KeyMetadata {
        let admitted = try admit(requester, .rotate, .key(path), as: name)
        let entry = try await changing(admitted) { (staging) throws(VaultError) in
            try staging.setPaused(isPaused, try staging.present(path))
        }
        return admitted.session.shown(entry, clocks(admitted.session))
    }

    /// Says that a consumer goes on with a version: it does not hold the retirement of the one before back any more.
    /// Needs `acknowledge` on the key.
    ///
    /// - Parameters:
    ///   - version: nil: the current one.
    ///   - instance: which one of its kind the caller says to be.
    /// - Throws: ``VaultError``: `conflict` for a version that is not the current one, `invalid_field`.
    package func acknowledge(
        _ requester: Requester, _ path: ResourcePath, version: UInt32? = nil, instance: String? = nil
    ) async throws(VaultError) -> KeyMetadata {
        let admitted = try admit(requester, .acknowledge, .key(path))
        try checked(admitted) { () throws(VaultError) in try KeyChecks.check(instance: instance) }
        let caller = admitted.caller
        let entry = try await changing(admitted) { (staging) throws(VaultError) in
            let entry = try staging.present(path)
            guard version == nil || version == entry.summary.current else {
                throw VaultError(
                    .conflict, "the current version is \(entry.summary.current); fetch it, and acknowledge that",
                    field: "version")
            }
            let id = ConsumerBook.ID(caller: caller.consumer, instance: instance ?? "")
            let now = staging.now
            _ = entry.usage.changeConsumers {
                $0?.fetched(entry.summary.current, isCurrent: true, by: id, at: now)
            }
            staging.note(version: entry.summary.current)
            _ = try staging.saveUsage(path.text)
            return staging.key(path.text) ?? entry
        }
        if entry.rotation != nil { admitted.open.rotations.reconsider(entry) }
        return admitted.session.shown(entry, clocks(admitted.session))
    }
}

extension Staging {
    mutating func setPaused(_ isPaused: Bool, _ entry: KeyEntry) throws(VaultError) -> KeyEntry {
        guard let rotation = entry.rotation else { throw VaultError.noRotation }
        guard isPaused != (rotation.policy.paused != nil) else { return entry }
        var head = entry.head
        head.rotation.paused = isPaused ? UInt64(max(clocks.rotation, 1)) : 0
        let policy = try KeyChecks.policy(head.rotation.input, pausedSince: clocks.rotation)
        let machine = RotationMachine(policy, rotators.rotator(of: entry).capabilities, keyID: entry.keyIDBytes)
        let changed = try transition(machine, .settingsChanged(isRescheduled: false), entry)
        head.rotationState = changed.state.record
        note(changed.records.map { Note.Line(key: entry.path.text, version: nil, detail: AuditToken($0), code: nil) })
        return try replace(entry, with: head)
    }
}

extension Session {
    /// The metadata of a key, with the names of its consumers.
    func shown(_ entry: KeyEntry, _ clocks: Clocks) -> KeyMetadata {
        var metadata = entry.metadata(at: clocks)
        if let attempt = nextAttempt(entry, clocks) { metadata.rotation?.nextAttempt = attempt }
        guard let consumers = metadata.rotation?.consumers, !consumers.isEmpty else { return metadata }
        metadata.rotation?.consumers = consumers.map { consumer in
            var named = consumer
            if consumer.caller == ConsumerBook.unknown { named.instance = "" }
            if consumer.caller.hasPrefix("access-key:") {
                named.name = issued(String(consumer.caller.dropFirst("access-key:".count)))?.stored.name
            }
            if named.holdsBack, !isInForce(consumer: consumer.caller, at: clocks.now) { named.holdsBack = false }
            return named
        }
        return metadata
    }

    /// When the rotation of a key begins that is due and has not begun: when its turn comes after the start, or its window
    /// opens; at once where neither is waited for. Nil for all others.
    private func nextAttempt(_ entry: KeyEntry, _ clocks: Clocks) -> Timestamp? {
        guard !readOnly, !clocks.isHeld, let rotation = entry.rotation, rotation.state.step == .idle,
            let due = rotation.state.due, due <= clocks.rotation, !rotation.state.isCalling,
            rotation.earliest(isDormant: entry.isDormant(at: clocks.now)) != nil
        else { return nil }
        return rotation.machine(RotatorCapabilities(), entry.keyIDBytes)
            .wake(rotation.state, since: since, isAwaited: false)
            .map { max($0, clocks.rotation) }
    }
}

extension KeyChecks {
    static func check(instance: String?) throws(VaultError) {
        guard let instance else { return }
        let isName = instance.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard isName, (1...VaultLimits.instanceCharacters).contains(instance.utf8.count) else {
            throw VaultError(
                .invalidField,
                "an instance is 1 to \(VaultLimits.instanceCharacters) ASCII letters, digits, `.`, `_` and `-`",
                field: "Keyturn-Instance")
        }
    }
}
