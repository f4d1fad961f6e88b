internal import Sealing

/// A key that was presented to a vault, which hashes texts in its own way.
package struct KnownKey: Sendable {
    let presented: PresentedKey
    let vault: VaultID
}

extension Vault {
    /// What a key in a request is looked up by; nil for somebody without a key, and for a key that another vault knew.
    func presented(_ requester: Requester, _ session: Session) -> PresentedKey? {
        switch requester.credential {
        case .accessKey(let text): requester.presented ?? PresentedKey(text, session.keyring)
        case .knownKey(let known): known.vault == session.vaultID ? known.presented : nil
        case .none, .unixUser: nil
        }
    }

    /// The same requester as far as somebody may be remembered until the next request: without the text of an access key.
    ///
    /// - Returns: nil for somebody who presents nothing, and while the vault is not open.
    package func withoutText(_ requester: Requester) -> Requester? {
        var known = requester
        switch requester.credential {
        case .none: return nil
        case .unixUser, .knownKey: break
        case .accessKey:
            guard let presented = requester.presented, let session = try? opened().session else { return nil }
            known.credential = .knownKey(KnownKey(presented: presented, vault: session.vaultID))
            known.presented = presented
        }
        return known
    }

    /// Whether a requester that was remembered is understood as when it presented itself: otherwise it has to do so again,
    /// or would be told that its key is not valid.
    package func knows(_ requester: Requester) -> Bool {
        guard case .knownKey(let known) = requester.credential else { return true }
        return (try? opened().session.vaultID) == known.vault
    }
}
