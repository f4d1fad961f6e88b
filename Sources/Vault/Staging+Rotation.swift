internal import Audit
internal import FoundationEssentials
internal import Policy
internal import Rotation
internal import Sealing
internal import SecretMemory

/// What one event led to.
struct RotationAdvance: Sendable {
    var before: KeyEntry
    var after: KeyEntry
    var call: RotationCall?
    var records: [RotationRecord]
}

/// Rotations on their way to a commit: state and effects of an event are written down together.
extension Staging {
    /// Writes down what follows from one event of a key's rotation.
    ///
    /// - Parameters:
    ///   - capabilities: of the key's rotator.
    ///   - fields: what the call brought, where the event is the end of one that makes a version.
    /// - Throws: ``VaultError`` with `conflict` for a verb that does not fit.
    mutating func advance(
        _ entry: KeyEntry, _ event: RotationEvent, _ capabilities: RotatorCapabilities, fields: [RotationField] = []
    ) throws(VaultError) -> RotationAdvance {
        guard let rotation = entry.rotation else { throw VaultError.noRotation }
        let transition = try transition(rotation.machine(capabilities, entry.keyIDBytes), event, entry)
        var head = entry.head
        var cache = entry.cached
        var version: UInt32?
        for effect in transition.effects { try apply(effect, to: &head, of: entry, fields, &cache, &version) }
        head.rotationState = transition.state.record
        note(transition.records.flatMap { lines($0, entry, head, version, transition.state) })
        if transition.records.isEmpty, event.isOurs {
            let step = AuditToken(checking: transition.state.step.word)
            note([Note.Line(key: entry.path.text, version: head.current, detail: step, code: nil)])
        }
        let after = try replace(entry, with: head, cache: cache)
        return RotationAdvance(before: entry, after: after, call: transition.call, records: transition.records)
    }

    /// Whether a tick changes anything.
    func isDue(_ entry: KeyEntry, _ capabilities: RotatorCapabilities) throws(VaultError) -> Bool {
        guard let rotation = entry.rotation, rotation.earliest(isDormant: entry.isDormant(at: now)) != nil else {
            return false
        }
        let ticked = try transition(rotation.machine(capabilities, entry.keyIDBytes), .tick, entry)
        return ticked.state != rotation.state || !ticked.effects.isEmpty
    }

    /// What the machine says, with nothing written.
    func transition(
        _ machine: RotationMachine, _ event: RotationEvent, _ entry: KeyEntry, from state: RotationState? = nil
    ) throws(VaultError) -> RotationTransition {
        guard let rotation = entry.rotation else { throw VaultError.noRotation }
        guard !clocks.isHeld || event.isEnd else { throw VaultError.clockHeld }
        let fresh = Array(KeyID.random(from: random).bytes.data)
        let state = state ?? rotation.state
        let around = RotationSurroundings(
            now: clocks.rotation, since: since, isAwaited: session.awaits(entry, at: clocks.now), fresh: fresh,
            likeness: state.hasPrevious && event.endsOverlap && !machine.endsNothing
                ? likeness(of: entry, state) : .different)
        do throws(RotationRefusal) {
            return try machine.handle(event, state, around)
        } catch {
            throw VaultError(error)
        }
    }

    private func lines(
        _ record: RotationRecord, _ entry: KeyEntry, _ head: StoredKeyHead, _ made: UInt32?, _ state: RotationState
    ) -> [Note.Line] {
        guard record != .orphanLeft else { return linesOfLeftovers(state, entry) }
        let code = [.failed, .held].contains(record) ? state.error : nil
        let version = [.promoted, .rolledBack].contains(record) ? head.current : made ?? head.current
        return [
            Note.Line(
                key: entry.path.text, version: version, detail: AuditToken(record), code: code.map { AuditToken($0) })
        ]
    }

    /// Names in the log what `state` leaves at the provider and `entry` did not yet.
    func linesOfLeftovers(_ state: RotationState, _ entry: KeyEntry) -> [Note.Line] {
        let known = entry.rotation?.state.leftovers ?? []
        return state.leftovers.filter { !known.contains($0) }.map { left in
            Note.Line(
                key: entry.path.text, version: entry.head.current, detail: AuditToken(RotationRecord.orphanLeft),
                code: AuditToken(RotationFault.possibleOrphan),
                target: CredentialLeft(left, keyID: entry.keyIDText).name)
        }
    }

    private mutating func apply(
        _ effect: RotationEffect, to head: inout StoredKeyHead, of entry: KeyEntry, _ fields: [RotationField],
        _ cache: inout KeyEntry.Cache, _ made: inout UInt32?
    ) throws(VaultError) {
        switch effect {
        case .storePending:
            dropPending(&head, of: entry.place)
            let number = head.nextVersion
            let ownKey = try children.openKey(of: entry, keyring)
            let (version, body) = try putVersion(
                number, fields.map { SecretField(name: $0.name, value: $0.value) }, of: entry.place, ownKey,
                by: Self.rotationAuthor)
            head.versions.append(version)
            head.nextVersion = number + 1
            head.pending = number
            cache = KeyEntry.Cache(wrappedKey: entry.cached.wrappedKey, small: body, number: number)
            made = number
        case .dropPending: dropPending(&head, of: entry.place)
        case .promote(let until):
            guard head.pending != 0 else { throw VaultError(.internal, "there is no pending version") }
            head.previous = head.current
            head.previousUntil = UInt64(until)
            head.current = head.pending
            head.pending = 0
            dropOldVersions(&head, of: entry.place)
            keepConsumers(of: head, entry)
        case .endPrevious:
            head.previous = 0
            head.previousUntil = 0
        case .exchange(let until):
            guard head.previous != 0 else { throw VaultError(.internal, "there is no previous version") }
            (head.current, head.previous) = (head.previous, head.current)
            head.previousUntil = UInt64(until)
        }
    }

    /// Forgets the consumers of versions that have no stage any more.
    private func keepConsumers(of head: StoredKeyHead, _ entry: KeyEntry) {
        entry.usage.changeConsumers { $0?.keep([head.current, head.previous]) }
    }

    /// Erases the version that was being rotated in.
    mutating func dropPending(_ head: inout StoredKeyHead, of place: KeyPlace) {
        guard head.pending != 0 else { return }
        delete(.version, keyring.rowID(.version, name: place.name(of: head.pending)))
        let pending = head.pending
        head.versions.removeAll { $0.number == pending }
        head.pending = 0
    }

    /// The fields of one version of a key.
    func fields(_ number: UInt32, of entry: KeyEntry) throws(VaultError) -> [RotationField] {
        try children.fields(number, of: entry, keyring)
    }
}

extension ChildReader {
    /// The fields of one version of a key; none where there is no such version.
    func fields(_ number: UInt32, of entry: KeyEntry, _ keyring: Keyring) throws(VaultError) -> [RotationField] {
        guard let version = entry.version(number) else { return [] }
        let content = try openVersion(version.head, of: entry, with: try openKey(of: entry, keyring), keyring)
        return content.names.compactMap { name in
            content.value(of: name).map { RotationField(name: name, value: $0) }
        }
    }
}

extension RotationEvent {
    /// Whether it comes from Keyturn itself.
    var isOurs: Bool {
        switch self {
        case .tick, .proposed, .created, .tested, .retired, .listed, .resumed, .restored: true
        case .rotate, .resume, .abort, .rollback, .stored, .settingsChanged: false
        }
    }

    /// Whether the previous version may lose its place by it.
    var endsOverlap: Bool {
        switch self {
        case .tick, .rotate, .stored: true
        default: false
        }
    }

    /// Whether it is written down whatever the clock says, since it begins nothing.
    var isEnd: Bool {
        switch self {
        case .proposed, .created, .tested, .retired, .listed: true
        case .resumed, .restored, .stored, .settingsChanged, .abort: true
        case .tick, .rotate, .resume, .rollback: false
        }
    }
}

extension VaultError {
    static let noRotation = VaultError(.conflict, "the key has no rotation; set one up first")
    static let clockHeld = VaultError(
        .conflict,
        "the clock is more than 400 days ahead of what was written down last; nothing rotates until an operator confirms the time"
    )

    init(_ refusal: RotationRefusal) {
        let detail =
            switch refusal {
            case .underWay: "a rotation is under way; wait for it, abort it, or store a value that works"
            case .notUnderWay: "no rotation is under way"
            case .notHonoured: "there is no previous version that is still honoured"
            case .overlapping:
                "the version before is still honoured; wait for the end of the overlap, or ask to end it"
            case .cannotRollBack: "the provider holds one credential at a time: the one before is gone"
            case .paused: "the rotation is paused; unpause it first"
            case .currentRefused: "the provider refuses the current version; store one that works, or resume"
            }
        self.init(.conflict, detail)
    }
}

extension Session {
    /// Whether somebody still uses the previous version of a key.
    func awaits(_ entry: KeyEntry, at now: Timestamp) -> Bool {
        guard case .whenAcknowledged? = entry.rotation?.policy.retirement else { return false }
        return entry.usage.consumers.contains { id, use in
            entry.holdsBack(use) && isInForce(consumer: id.caller, at: now)
        }
    }

    /// Whether a consumer can still come: the revoked drop out, and who has expired.
    func isInForce(consumer: String, at now: Timestamp) -> Bool {
        guard consumer.hasPrefix("access-key:") else { return true }
        var next = issued(String(consumer.dropFirst("access-key:".count)))
        var steps = 0
        while let entry = next, steps < 1_000 {
            let state = entry.state(at: now)
            if state == .active || state == .rolled || state == .disabled { return true }
            next = entry.stored.successor.isEmpty ? nil : issued(entry.stored.successor)
            steps += 1
        }
        return false
    }
}
