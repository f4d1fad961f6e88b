internal import Audit
internal import Policy
internal import Rotation
internal import Sealing
package import SecretMemory

extension Vault {
    /// The current field `value` of a key that the operator's configuration names as the secret of a webhook. The audit
    /// log has each read, with the action `notice_secret`.
    ///
    /// - Returns: nil while the vault is sealed, and where the key is not to be had or the read cannot be written down.
    package func noticeSecret(_ path: String) -> WipedBytes? {
        guard let open = try? opened(), let entry = open.session.key(path),
            entry.state(at: clocks(open.session).now) == .active
        else { return nil }
        var draft = AuditDraft(system: "notice_secret", key: entry.path.text)
        draft.version = entry.summary.current
        do throws(VaultError) {
            let fields = try children(open.session).fields(entry.summary.current, of: entry, open.session.keyring)
            try trail.answered(draft, code: nil)
            return fields.first { $0.name == "value" }?.value
        } catch {
            return nil
        }
    }
}
