internal import Audit
internal import Policy
internal import SecretMemory
internal import Sealing
internal import Storage

extension Vault {
    /// Reads and opens everything there is: each head against what is in memory, each child against its head.
    package func verifyStore(_ requester: Requester) async throws(VaultError) -> StoreReport {
        var admitted = try admit(requester, .operate, .vault, as: "verify_store")
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let session = admitted.session
            let children = children(session)
            try children.stillOurs()
            let paths = session.sortedKeys.all.map(\.path.text)
            var report = StoreReport(heads: 0, children: 0, damaged: [])
            for path in paths {
                var check = KeyCheck(path, session, children)
                // A commit may have come between memory and store: once more without one.
                if !check.damaged.isEmpty { check = session.settled { KeyCheck(path, session, children) } }
                report.heads += check.heads
                report.children += check.children
                report.damaged += check.damaged
            }
            return report
        }
    }
}

/// Looks at one key in the store.
private struct KeyCheck {
    private let reader: ChildReader
    var heads = 0
    var children = 0
    var damaged: [StoreReport.Damage] = []

    /// Checks the key at `path`, if it is still there.
    init(_ path: String, _ session: Session, _ reader: ChildReader) {
        self.reader = reader
        let (entry, keyring) = session.read { ($0.index.keys[path], $0.core.keyring) }
        if let entry { run(entry, keyring) }
    }

    private mutating func run(_ entry: KeyEntry, _ keyring: Keyring) {
        heads = 1
        let row = keyring.rowID(.keyHead, name: entry.path.text)
        if (try? reader.child(.keyHead, row, entry.mark, "")) == nil { note("head", entry) }
        // Past the caches: an entry of its own has none.
        let fresh = entry.uncached
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
