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
            if entry.head.expires != 0 {
                let expires = Timestamp(entry.head.expires)
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
                kind, path: entry.path.text, keyID: entry.keyIDText, version: entry.head.current,
                time: clocks.rotation, fault: fault, step: fault == nil ? nil : state?.errorStep,
                nextAttempt: kind == .rotated ? nil : next, due: due))
    }
}
