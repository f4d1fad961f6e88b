internal import Audit
internal import Policy
internal import Rotation

extension Vault {
    /// Believes the clock, however far it is ahead of what was written down last: rotations go on by it. Needs `operate`.
    ///
    /// - Returns: the time that is believed now.
    package func confirmTime(_ requester: Requester) async throws(VaultError) -> Timestamp {
        let admitted = try admit(requester, .operate, .vault, as: "confirm_time")
        let (now, wasHeld) = try await changing(admitted) { (staging) throws(VaultError) in
            let wasHeld = staging.clocks.isHeld
            staging.believeClock()
            return (staging.clocks.rotation, wasHeld)
        }
        // What was due meanwhile was missed, and is spread out as after a seal.
        if wasHeld { admitted.session.begin(at: now) }
        rotationSignal.send()
        return now
    }

    /// Has every rotation ask its provider before it goes on: for a store that was put back from a backup together with
    /// its log, which nothing here can tell. Needs `operate`. A key with a call under way asks as soon as that is over.
    ///
    /// - Returns: how many keys are rotated.
    package func rotationsWereRestored(_ requester: Requester) async throws(VaultError) -> Int {
        let admitted = try admit(requester, .operate, .vault, as: "restore_rotations")
        let (count, calling) = try await changing(admitted) { (staging) throws(VaultError) -> (Int, [String]) in
            var count = 0
            var calling: [String] = []
            for entry in staging.session.rotated() {
                guard let entry = staging.key(entry.path.text), let rotation = entry.rotation else { continue }
                count += 1
                guard !rotation.state.isCalling else {
                    calling.append(entry.path.text)
                    continue
                }
                let capabilities = staging.rotators.rotator(of: entry).capabilities
                _ = try staging.advance(entry, .restored, capabilities)
            }
            return (count, calling)
        }
        for path in calling { admitted.open.rotations.restoreAtRest(path) }
        rotationSignal.send()
        return count
    }
}

extension RotationDesk {
    /// Has a key ask its provider as soon as what is under way there is over; a seal before that leaves it out.
    func restoreAtRest(_ path: String) {
        let pause = around.pause
        start { [weak self] in
            while !Task.isCancelled {
                guard let isDone = await self?.restoreNow(path), !isDone else { return }
                await pause(Self.afterFailure)
            }
        }
    }

    /// Waits until nothing is under way at a key, and has it ask its provider.
    ///
    /// - Returns: whether that is written down; true where it never can be.
    private func restoreNow(_ path: String) async -> Bool {
        await rest(path)
        guard session.key(path)?.rotation?.state.isCalling != true else { return false }
        let rotators = rotators
        do throws(VaultError) {
            return try await committer.commit(.rotations) { (staging) throws(VaultError) -> Bool in
                guard let entry = staging.key(path), let rotation = entry.rotation else { return true }
                guard !rotation.state.isCalling else { return false }
                _ = try staging.advance(entry, .restored, rotators.rotator(of: entry).capabilities)
                return true
            }
        } catch {
            return error.code == .sealed
        }
    }
}
