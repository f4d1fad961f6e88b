internal import Policy
internal import Rotation

extension Vault {
    /// Checks rotation settings before anything is done, and asks the policies for all that they reach.
    ///
    /// - Throws: ``VaultError``: `invalid_field`, and `refused` for a host, an issuer or a key that the caller may not
    ///   reach.
    func checkRotation(_ change: RotationChange?, _ admitted: Admitted) throws(VaultError) -> CheckedRotation? {
        switch change {
        case nil: return nil
        case .remove?: return .remove
        case .set(let input)?:
            let rotator = try checked(admitted) { () throws(VaultError) in
                let rotator = try rotators.rotator(input)
                _ = try KeyChecks.policy(input, pausedSince: admitted.clocks.rotation)
                try KeyChecks.check(reach: rotator.reach, of: admitted.draft.key)
                return rotator
            }
            for demand in rotator.reach.demands {
                do throws(VaultError) {
                    try authorise(admitted, demand.action, demand.target)
                } catch {
                    var error = error
                    error.field = "rotation.settings"
                    throw error
                }
            }
            return .set(input, RotationAuthor(admitted.caller), rotator)
        }
    }
}

extension KeyChecks {
    /// - Parameter path: of the key that is rotated.
    static func check(reach: RotatorReach, of path: String?) throws(VaultError) {
        for key in reach.keys {
            guard (try? ResourcePath(parsing: key)) != nil, key != path else {
                throw VaultError(
                    .invalidField, "the path of another key, such as `admin/postgres`", field: "rotation.settings")
            }
        }
    }
}
