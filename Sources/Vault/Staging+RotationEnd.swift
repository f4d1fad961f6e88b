internal import Audit
internal import Policy
internal import Rotation
internal import Sealing

/// Rotations of keys that are deleted: nothing at a provider is left without a word.
extension Staging {
    /// Gives up the rotation of a key that goes into the trash; what was made at the provider is ended there.
    ///
    /// - Returns: the call that follows; nil: none.
    mutating func endRotation(_ entry: inout KeyEntry) throws(VaultError) -> RotationCall? {
        guard let rotation = entry.rotation, rotation.state.isUnderWay, !rotation.state.isAborting else { return nil }
        let capabilities = rotators.rotator(of: entry).capabilities
        do throws(VaultError) {
            let advance = try advance(entry, .abort, capabilities)
            entry = advance.after
            return advance.call
        } catch {
            // What cannot be given up goes on until it is cleared up; nothing new begins after it.
            guard error.code == .conflict else { throw error }
            return nil
        }
    }

    /// Whether something is under way at the provider that would be lost with the key.
    func isUnderWay(_ entry: KeyEntry) -> Bool { entry.rotation?.state.isAtProvider == true }

    func checkNothingUnderWay(_ entry: KeyEntry) throws(VaultError) {
        guard isUnderWay(entry) else { return }
        throw VaultError(
            .conflict,
            "a rotation is under way at the provider, and what it made there would be left without a trace; abort it, or wait for its end"
        )
    }

    /// Says in the log that credentials live on at a provider.
    mutating func noteCredentialsLeft(_ entry: KeyEntry) {
        guard entry.rotation != nil else { return }
        let capabilities = rotators.rotator(of: entry).capabilities
        guard !capabilities.isLocal, !capabilities.needsManualStep else { return }
        note([
            Note.Line(
                key: entry.path.text, version: entry.summary.current, detail: "credential_left", code: nil)
        ])
    }
}

extension RotationState {
    /// Whether there may be something at the provider that nobody would know of without this state.
    var isAtProvider: Bool {
        switch step {
        case .idle, .overlap: isCalling
        default: true
        }
    }
}
