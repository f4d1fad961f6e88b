internal import Audit

extension Vault {
    /// Seals the vault head over what has come to the audit log since, so that it shows if that is cut off or changed.
    /// To be called every second; without new entries, and on a vault that is sealed or read-only, nothing is done.
    package func anchor() async throws(VaultError) {
        guard let open = try? opened(), !open.session.readOnly else { return }
        guard trail.hasMoved(since: open.session.core.head.audit) else { return }
        try await open.committer.sealHead()
    }
}
