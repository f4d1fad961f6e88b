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
        let count = try await changing(admitted) { (staging) throws(VaultError) in
            var count = 0
            for entry in staging.session.rotated() {
                guard let entry = staging.key(entry.path.text) else { continue }
                let capabilities = staging.rotators.rotator(of: entry).capabilities
                _ = try staging.advance(entry, .restored(whileCalling: true), capabilities)
                count += 1
            }
            return count
        }
        rotationSignal.send()
        return count
    }
}
