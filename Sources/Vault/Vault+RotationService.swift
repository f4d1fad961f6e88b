internal import Audit
internal import IssuedKeys
internal import Policy
package import Rotation
internal import Sealing

/// What sees to it that rotations happen: who runs the vault calls these as time passes.
extension Vault {
    /// Begins whatever is due, and tells what time alone has brought. Returns at once; costs nothing where nothing is due.
    package func rotateDue() {
        guard let open = try? opened() else { return }
        open.rotations.tick()
    }

    /// When ``rotateDue()`` may have something to do next, by the wall clock; nil: not by time alone.
    package func nextRotation() -> Timestamp? {
        guard let open = try? opened() else { return nil }
        return open.rotations.wake
    }

    /// Returns once what is due may have changed, or when the task is cancelled.
    package func rotationsChanged() async { await rotationSignal.wait() }

    /// Returns once no rotation is under way.
    package func rotationsAtRest() async {
        guard let desk = (try? opened())?.rotations else { return }
        await desk.rest()
    }

    /// How rotation is; nil while the vault is sealed. Open to all; tells no names.
    package func rotationHealth() -> RotationHealth? {
        guard let open = try? opened() else { return nil }
        let clocks = clocks(open.session)
        var health = RotationHealth(failing: 0, overdue: 0, held: 0, isClockHeld: clocks.isHeld)
        if clocks.isHeld {
            health.held = open.session.read { $0.index.dues.count }
            return health
        }
        // What is neither due nor in trouble is well: it need not be looked at.
        let entries = open.session.read { guarded in
            health.next = guarded.index.wakes.first.map { max($0.time, clocks.rotation) }
            return guarded.index.troubled.union(guarded.index.dues.paths(before: clocks.rotation))
                .compactMap { guarded.index.keys[$0] }
        }
        for entry in entries where entry.summary.deleted == 0 {
            if let error = entry.rotation?.state.error, error != .manualStep {
                health.errors[error.rawValue, default: 0] += 1
            }
            switch entry.standing(clocks) {
            case .failing: health.failing += 1
            case .overdue: health.overdue += 1
            case .held: health.held += 1
            default: break
            }
        }
        return health
    }

    /// Writes down what became of telling somebody.
    package func noted(_ notice: RotationNotice, _ outcome: NoticeOutcome) {
        trail.noted(notice, outcome)
    }

    /// What the desk of a session needs from the vault.
    var rotationSurroundings: RotationDesk.Surroundings {
        let loaded = LastPolicies(loadedPolicies.set)
        return RotationDesk.Surroundings(
            now: environment.now, random: environment.random, pause: environment.pause, notices: environment.notices,
            policies: { [weak self] in loaded.get(self?.loadedPolicies.set) },
            changed: { [rotationSignal] in rotationSignal.send() })
    }

    /// Has every rotation ask its provider, since the records may be older than what is there: one change, before
    /// anything else happens.
    func restoreRotations(_ open: Open) async throws(VaultError) {
        guard open.session.read({ $0.index.dues.count }) > 0 else { return }
        try await open.committer.commit(AuditDraft(system: "restore_rotations")) { (staging) throws(VaultError) in
            for entry in staging.session.rotated() {
                let capabilities = staging.rotators.rotator(of: entry).capabilities
                _ = try staging.advance(entry, .restored(whileCalling: false), capabilities)
            }
        }
    }
}

/// The policies in force, as long as there is a vault to ask.
private struct LastPolicies: Sendable {
    private let first: PolicySet
    init(_ first: PolicySet) { self.first = first }
    func get(_ now: PolicySet?) -> PolicySet { now ?? first }
}

extension Session {
    /// The keys that are rotated, by when they are due.
    func rotated() -> [KeyEntry] {
        read { guarded in
            guarded.index.dues.items(after: nil, most: .max).compactMap { guarded.index.keys[$0.path] }
        }
    }

    /// Counts a fetch that the audit log tells of, and that may not have been saved. The log does not know instances.
    func countConsumer(_ record: AuditRecord) {
        guard record.action == Action.retrieve.rawValue, record.outcome == "allowed", let path = record.key,
            let version = record.version.flatMap({ UInt32(exactly: $0) }), let entry = key(path),
            entry.rotation != nil, let id = record.caller
        else { return }
        let caller: String
        switch record.callerKind {
        case "access_key": caller = "access-key:\(issued(id)?.stored.lineage ?? id)"
        case "unix_user": caller = "unix-user:\(id)"
        default: return
        }
        entry.usage.changeConsumers { book in
            guard book?.uses.contains(where: { $0.key.caller == caller && $0.value.seen >= record.time }) != true else {
                return
            }
            _ = book?.fetched(
                version, isCurrent: version == entry.summary.current,
                by: ConsumerBook.ID(caller: caller, instance: ""), at: record.time)
        }
    }
}

extension AuditTrail {
    /// What became of telling somebody of a key.
    func noted(_ notice: RotationNotice, _ outcome: NoticeOutcome) {
        var draft = AuditDraft(system: "notice")
        switch notice.subject {
        case .key(let path, _, let version): (draft.key, draft.version) = (path, version)
        case .issuedKey(let issuer, let id, _): (draft.issuer, draft.issuedKey) = (issuer, id)
        }
        draft.detail = AuditToken(notice.kind)
        draft.target = outcome.receiver
        draft.fault = outcome.ending == .delivered ? nil : outcome.fault.map { AuditToken($0) } ?? "dropped"
        happened(draft, failed: outcome.ending != .delivered)
    }
}
