internal import Audit
internal import Policy
internal import SecretMemory
internal import Sealing
internal import Storage

extension Vault {
    /// Reads and opens everything there is: each head against what is in memory, each child against its head.
    package func verifyStore(_ requester: Requester) async throws(VaultError) -> StoreReport {
        var admitted = try admit(requester, .operate, .vault)
        admitted.draft.action = "verify_store"
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let session = admitted.session
            let children = children(session)
            try children.stillOurs()
            let paths = session.read { $0.index.paths }
            var report = StoreReport(heads: 0, children: 0, damaged: [])
            for path in paths {
                // A key that changes meanwhile is looked at again as it is then.
                var check = KeyCheck(children: children)
                for _ in 0..<3 {
                    guard let entry = session.key(path) else { break }
                    check = KeyCheck(children: children)
                    check.run(entry, session.keyring)
                    if session.key(path) === entry { break }
                }
                report.heads += 1
                report.children += check.children
                report.damaged += check.damaged
            }
            return report
        }
    }
}

/// Looks at one key in the store.
private struct KeyCheck {
    let reader: ChildReader
    var children = 0
    var damaged: [StoreReport.Damage] = []

    init(children reader: ChildReader) { self.reader = reader }

    mutating func run(_ entry: KeyEntry, _ keyring: Keyring) {
        if (try? reader.child(.keyHead, entry.row, entry.mark, "")) == nil { note("head", entry) }
        // Past the caches: an entry of its own has none.
        let fresh = KeyEntry(
            path: entry.path, place: entry.place, row: entry.row, head: entry.head, mark: entry.mark, usage: entry.usage
        )
        children += 1
        guard let ownKey = try? reader.openKey(of: fresh, keyring) else {
            note("wrapped-key", entry)
            return
        }
        for version in entry.head.versions {
            children += 1
            if (try? reader.openVersion(version, of: fresh, with: ownKey, keyring)) == nil {
                note("version", entry, version.number)
            }
        }
    }

    private mutating func note(_ kind: String, _ entry: KeyEntry, _ version: UInt32? = nil) {
        damaged.append(StoreReport.Damage(kind: kind, key: entry.path.text, version: version))
    }
}
