internal import Policy
internal import SecretMemory
internal import Sealing
internal import Storage

extension Vault {
    /// The values of one version of one key, from lookup to bytes without a pause.
    ///
    /// - Parameter etags: what the asker has already (unquoted); where the answer would be one of these, it is
    ///   ``Retrieval/unchanged(etag:)``.
    /// - Throws: ``VaultError``: `sealed`, `unauthorized`, `refused`, `not_found`, `in_trash`, `expired`,
    ///   `no_such_version`, `store_damaged`, `audit_unavailable`.
    package func retrieve(
        _ requester: Requester, _ query: ValueQuery, unless etags: [String] = []
    ) throws(VaultError) -> Retrieval {
        try reading(requester, .retrieve, .key(query.path)) { (admitted) throws(VaultError) -> Retrieval in
            let found = try find(query, admitted)
            admitted.draft.version = found.number
            if etags.contains(found.etag) || etags.contains("*") { return .unchanged(etag: found.etag) }
            return .values(try open(found, query, admitted))
        }
    }

    /// The values of several keys from one moment: all of them, or none.
    ///
    /// - Throws: what ``retrieve(_:_:unless:)`` throws, for the first key that fails, whose path is in `field`.
    package func retrieve(
        _ requester: Requester, all queries: [ValueQuery]
    ) throws(VaultError) -> [RetrievedValues] {
        guard !queries.isEmpty, queries.count <= VaultLimits.bundle else {
            throw VaultError(.invalidField, "ask for 1 to \(VaultLimits.bundle) keys at once", field: "keys")
        }
        var admissions: [Admitted] = []
        for query in queries {
            admissions.append(
                try naming(query.path) { () throws(VaultError) in try admit(requester, .retrieve, .key(query.path)) })
        }
        let session = admissions[0].open.session
        let entries = session.read { guarded in queries.map { guarded.index.keys[$0.path.text] } }
        var found: [Found] = []
        for (offset, query) in queries.enumerated() {
            do throws(VaultError) {
                found.append(
                    try naming(query.path) { () throws(VaultError) in
                        try find(query, admissions[offset], entries[offset])
                    })
                admissions[offset].draft.version = found[offset].number
            } catch {
                try trail.answered(admissions[offset].draft, code: error.code)
                throw error
            }
        }
        var values: [RetrievedValues] = []
        for (offset, query) in queries.enumerated() {
            values.append(
                try naming(query.path) { () throws(VaultError) in
                    try audited(&admissions[offset]) { (admitted) throws(VaultError) in
                        try open(found[offset], query, admitted)
                    }
                })
        }
        return values
    }

    /// A version that may be served.
    private struct Found {
        var entry: KeyEntry
        var version: StoredVersionHead
        var stage: Stage?
        var etag: String
        var number: UInt32 { version.number }
    }

    private func find(_ query: ValueQuery, _ admitted: Admitted) throws(VaultError) -> Found {
        try find(query, admitted, admitted.session.key(query.path.text))
    }

    private func find(_ query: ValueQuery, _ admitted: Admitted, _ entry: KeyEntry?) throws(VaultError) -> Found {
        guard let entry else { throw VaultError(.notFound, "there is no key at this path") }
        try checkUsable(entry, at: admitted.now)
        guard let number = entry.number(of: query.version, at: admitted.now), let version = entry.version(number) else {
            throw VaultError(
                .noSuchVersion,
                query.version == .previous
                    ? "there is no previous version that is still honoured" : "the key has no such version",
                field: query.version == .previous ? "stage" : "version")
        }
        if let field = query.field, !version.fields.contains(field) {
            throw VaultError(
                .notFound, "the key has no such field; it has \(version.fields.joined(separator: ", "))", field: "field"
            )
        }
        let stage = entry.stage(of: number, at: admitted.now)
        let etag = "\(entry.keyIDText)-\(number)-\(stage?.rawValue ?? "none")-\(query.field ?? "all")"
        return Found(entry: entry, version: version, stage: stage, etag: etag)
    }

    private func checkUsable(_ entry: KeyEntry, at now: Timestamp) throws(VaultError) {
        switch entry.state(at: now) {
        case .active: return
        case .trashed: throw VaultError(.inTrash, "the key was deleted; it can be restored until it is purged")
        case .expired:
            throw VaultError(.expired, "the key has expired; store a new version, or give it another `expires`")
        }
    }

    private func open(_ found: Found, _ query: ValueQuery, _ admitted: Admitted) throws(VaultError) -> RetrievedValues {
        let session = admitted.session
        let children = children(session)
        let keyring = session.keyring
        try children.stillOurs()
        let ownKey = try children.openKey(of: found.entry, keyring)
        let content = try children.openVersion(found.version, of: found.entry, with: ownKey, keyring)
        let names = query.field.map { [$0] } ?? content.names
        let fields = names.compactMap { name in
            content.value(of: name).map { SecretField(name: name, value: $0) }
        }
        found.entry.usage.touch(admitted.now, by: "\(admitted.caller.kind.rawValue):\(admitted.caller.id)")
        let expires = found.entry.head.expires
        return RetrievedValues(
            path: query.path, keyID: found.entry.keyIDText, version: found.number, stage: found.stage, fields: fields,
            expires: expires == 0 ? nil : Timestamp(expires), etag: found.etag)
    }

    /// Names the path in the error, for requests that name several.
    private func naming<R>(_ path: ResourcePath, _ body: () throws(VaultError) -> R) throws(VaultError) -> R {
        do throws(VaultError) {
            return try body()
        } catch {
            var error = error
            error.field = path.text
            throw error
        }
    }
}
