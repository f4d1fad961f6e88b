internal import Policy
internal import Rotation
internal import Synchronization

/// Keys whose rotation asks nobody outside: many of them share a commit.
extension RotationDesk {
    /// One key's event, ready to be written down.
    private struct Order: Sendable {
        var path: String
        var event: RotationEvent
        var fields: [RotationField] = []
        var stamp: UInt64?
        var capabilities: RotatorCapabilities
    }

    func rotateLocally(_ entries: [KeyEntry]) {
        let mine = state.withLock { state -> [String] in
            guard !state.isStopped else { return [] }
            let mine = entries.map(\.path.text).filter { state.busy.insert($0).inserted }
            return mine
        }
        guard !mine.isEmpty else { return }
        start { [weak self] in
            var rest = mine[...]
            while !rest.isEmpty, !Task.isCancelled {
                let batch = Array(rest.prefix(VaultLimits.rotationBatch))
                rest = rest.dropFirst(batch.count)
                guard await self?.rotate(batch) != nil else { return }
            }
        }
    }

    private func rotate(_ paths: [String]) async {
        var orders: [Order] = []
        for path in paths {
            guard let entry = session.key(path), let order = await order(entry) else { continue }
            orders.append(order)
        }
        let ready = orders
        var failed = false
        if !ready.isEmpty {
            do throws(VaultError) {
                let advances = try await committer.commit(.rotations) { (staging) throws(VaultError) in
                    var advances: [RotationAdvance] = []
                    for order in ready {
                        guard let entry = staging.key(order.path), entry.isAsked(order.event, order.stamp) else {
                            continue
                        }
                        advances.append(
                            try staging.advance(entry, order.event, order.capabilities, fields: order.fields))
                    }
                    return advances
                }
                for advance in advances { announce(advance) }
            } catch {
                failed = true
            }
        }
        leaveLocally(paths, failed: failed)
    }

    /// What is to be done with a key that is due.
    private func order(_ entry: KeyEntry) async -> Order? {
        let rotator = rotators.rotator(of: entry)
        guard let rotation = entry.rotation, let transition = tickAlone(entry, rotator.capabilities) else { return nil }
        guard transition.call == .propose else {
            guard transition.state != rotation.state || !transition.effects.isEmpty else { return nil }
            return Order(path: entry.path.text, event: .tick, stamp: nil, capabilities: rotator.capabilities)
        }
        let end: RotationJob.End
        do throws(RotationObstacle) {
            end = try await prepare(.propose, entry, rotation, rotator).propose()
        } catch {
            end = RotationJob.End(event: RotationCall.propose.end(error.fault, mayHaveHappened: false))
        }
        return Order(
            path: entry.path.text, event: end.event, fields: end.fields, stamp: entry.stamp(of: .propose),
            capabilities: rotator.capabilities)
    }

    private func leaveLocally(_ paths: [String], failed: Bool) {
        state.withLock { state in
            state.leaving += 1
            for path in paths {
                state.busy.remove(path)
                if state.asked[path] != nil {
                    state.busy.insert(path)
                    state.waiting.append(path)
                }
            }
        }
        wakeAgain(paths, notBefore: failed ? clocks.rotation + Self.afterFailure : 0)
        admit()
        left()
    }
}
