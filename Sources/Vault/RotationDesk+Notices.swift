internal import IssuedKeys
internal import Policy
internal import Rotation
internal import Sealing

/// What people are told, once for each change.
extension RotationDesk {
    /// Tells what a step has changed.
    func announce(_ advance: RotationAdvance) {
        guard around.notices != nil, let after = advance.after.rotation?.state,
            let before = advance.before.rotation?.state
        else { return }
        if advance.records.contains(.promoted) { tell(.rotated, advance.after, fault: nil) }
        if after.step == .held, before.step != .held {
            tell(.held, advance.after, fault: after.error)
        } else if after.step != .held, let fault = after.error, fault != .manualStep,
            before.error == nil || before.error == .manualStep
        {
            tell(.failing, advance.after, fault: fault)
        }
    }

    /// Tells what time alone has brought since it was told last: keys that expire soon, rotations that are overdue.
    func watch(_ clocks: Clocks) {
        watchIssuedKeys(clocks)
        let now = clocks.rotation
        let due = session.update { guarded -> [(entry: KeyEntry, since: Timestamp)] in
            let since = guarded.index.watched
            guard now > since else { return [] }
            let paths = guarded.index.watches.take(upTo: now, most: .max)
            guarded.index.watched = now
            return paths.compactMap { path in
                guard let entry = guarded.index.keys[path] else { return nil }
                guarded.index.watches.set(path, entry.watch(after: now))
                return (entry, since)
            }
        }
        guard around.notices != nil else { return }
        for (entry, since) in due {
            if entry.summary.expires != 0 {
                let expires = Timestamp(entry.summary.expires)
                let from = expires - VaultLimits.expiryNotice
                if from > since, from <= now, expires > now { tell(.expiring, entry, fault: nil, due: expires) }
            }
            if let overdue = entry.overdue, overdue > since, overdue <= now, !entry.isDormant(at: clocks.now) {
                tell(.overdue, entry, fault: entry.rotation?.state.error, due: entry.rotation?.state.due)
            }
        }
    }

    private func tell(
        _ kind: RotationNotice.Kind, _ entry: KeyEntry, fault: RotationFault?, due: Timestamp? = nil
    ) {
        let state = entry.rotation?.state
        let next = state.flatMap { $0.step == .held || $0.nextAttempt == 0 ? nil : $0.nextAttempt }
        around.notices?(
            RotationNotice(
                kind, of: .key(path: entry.path.text, id: entry.keyIDText, version: entry.summary.current),
                time: clocks.rotation, fault: fault, step: fault == nil ? nil : state?.errorStep,
                nextAttempt: kind == .rotated ? nil : next, due: due))
    }

    /// Remembers the issued keys of which people are still to be told that they expire.
    func watchIssuedKeys() {
        guard around.notices != nil else { return }
        let (entries, told) = session.read { ($0.index.issued.values, $0.index.watched) }
        for entry in entries { session.expiries.add(entry, after: told) }
    }

    /// Tells of those whose time has come and that are still in use: who was rolled has a successor.
    private func watchIssuedKeys(_ clocks: Clocks) {
        let due = session.expiries.take(upTo: clocks.rotation)
        guard let notices = around.notices else { return }
        for entry in due.compactMap({ session.issued($0) }) where entry.state(at: clocks.now) == .active {
            guard let expires = entry.standing.expires else { continue }
            notices(
                RotationNotice(
                    .expiring,
                    of: .issuedKey(issuer: entry.stored.issuer, id: entry.stored.id, name: entry.stored.name),
                    time: clocks.rotation, due: expires))
        }
    }
}
