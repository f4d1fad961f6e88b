internal import Policy
internal import Sealing
internal import SecretMemory
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
        let attempt = begin(requester, query)
        var isOurs = false
        guard let finished = finish(attempt, query, etags, mayWait: true, isOurs: &isOurs) else { throw .sealed() }
        if let line = finished.line { try trail.write(line) }
        let retrieval = try finished.result.get()
        note(finished, attempt, query)
        return retrieval
    }

    /// The values of several keys from one moment: all of them, or none.
    ///
    /// - Throws: what ``retrieve(_:_:unless:)`` throws, for the first key that fails, whose path is in `field`.
    package func retrieve(
        _ requester: Requester, all queries: [ValueQuery]
    ) throws(VaultError) -> [RetrievedValues] {
        let recognised = try recognise(requester, Action.retrieve.rawValue, .vault)
        try checked(recognised) { () throws(VaultError) in
            guard !queries.isEmpty, queries.count <= VaultLimits.bundle else {
                throw VaultError(.invalidField, "ask for 1 to \(VaultLimits.bundle) keys at once", field: "keys")
            }
        }
        var admissions: [Admitted] = []
        for query in queries {
            let admitted = recognised.naming(query.path)
            try naming(query.path) { () throws(VaultError) in try authorise(admitted, .retrieve, .key(query.path)) }
            admissions.append(admitted)
        }
        var current = 0
        let values: [(entry: KeyEntry, values: RetrievedValues)]
        do throws(VaultError) {
            values = try serve(queries, recognised.session) { (moment) throws(VaultError) in
                var values: [(entry: KeyEntry, values: RetrievedValues)] = []
                let children = recognised.open.children
                try children.stillOurs()
                for (offset, query) in queries.enumerated() {
                    current = offset
                    let found = try find(query, moment.entries[offset], recognised.clocks)
                    admissions[offset].draft.version = found.number
                    values.append((found.entry, try open(found, query, children, moment.keyring)))
                }
                return values
            }
        } catch {
            try trail.answered(admissions[current].draft, code: error.code)
            var error = error
            error.field = queries[current].path.text
            throw error
        }
        try trail.answered(admissions.map(\.draft))
        let basis = Attempt.Basis(recognised)
        for (query, served) in zip(queries, values) { touch(served.entry, query, served.values, basis) }
        return values.map(\.values)
    }

    /// The keys that are asked for and what opens them, as they are together.
    struct Moment {
        var entries: [KeyEntry?]
        var keyring: Keyring
    }

    /// Runs `body` on what is there. Where a record turns out not to be the one that memory knows, a commit may have
    /// come between: then once more, with no commit under way, and that answer counts.
    private func serve<R>(
        _ queries: [ValueQuery], _ session: Session, _ body: (Moment) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        func moment() -> Moment {
            session.read { guarded in
                Moment(entries: queries.map { guarded.index.keys[$0.path.text] }, keyring: guarded.core.keyring)
            }
        }
        do throws(VaultError) {
            return try body(moment())
        } catch {
            guard error.code == .storeDamaged, isOpen(session) else { throw error }
            return try session.settled { () throws(VaultError) in try body(moment()) }
        }
    }

    func touch(_ entry: KeyEntry, _ query: ValueQuery, _ served: RetrievedValues, _ basis: Attempt.Basis) {
        let mayRetire = entry.usage.served(
            served.version, isCurrent: served.stage == .current, to: basis.admitted.caller, instance: query.instance,
            at: basis.admitted.now)
        let open = basis.admitted.open
        if mayRetire, let entry = open.session.key(query.path.text) { open.rotations.reconsider(entry) }
    }

    /// A version that may be served.
    struct Found {
        var entry: KeyEntry
        var known: KeyEntry.Known
        var version: KnownVersion
        var stage: Stage?
        var etag: String
        var number: UInt32 { version.number }
        /// Whether the store need not be read for it.
        var isInMemory: Bool { known.readable == number }
    }

    func find(_ query: ValueQuery, _ entry: KeyEntry?, _ clocks: Clocks) throws(VaultError) -> Found {
        guard let entry else { throw VaultError(.notFound, "there is no key at this path") }
        try checkUsable(entry, at: clocks.now)
        if query.instance != nil { try KeyChecks.check(instance: query.instance) }
        // An overlap is neither ended nor made longer by a clock that nobody believes.
        let now = clocks.rotation
        guard let number = entry.number(of: query.version, at: now), let version = entry.version(number) else {
            throw VaultError(
                .noSuchVersion,
                query.version == .previous
                    ? "there is no previous version that is still honoured" : "the key has no such version",
                field: query.version == .previous ? "stage" : "version")
        }
        // It may not work yet, or never: nobody is to go on with it before it has been tried.
        guard number != entry.summary.pending else {
            throw VaultError(
                .noSuchVersion, "this version is being rotated in, and is handed out once it is current",
                field: "version")
        }
        if let field = query.field, !version.head.fields.contains(field) {
            throw VaultError(
                .notFound, "the key has no such field; it has \(version.head.fields.joined(separator: ", "))",
                field: "field"
            )
        }
        let stage = entry.stage(of: number, at: now)
        let known = entry.known
        return Found(
            entry: entry, known: known, version: version, stage: stage,
            etag: known.etag(number, stage, field: query.field))
    }

    private func checkUsable(_ entry: KeyEntry, at now: Timestamp) throws(VaultError) {
        switch entry.state(at: now) {
        case .active: return
        case .trashed: throw VaultError(.inTrash, "the key was deleted; it can be restored until it is purged")
        case .expired:
            throw VaultError(.expired, "the key has expired; store a new version, or give it another `expires`")
        }
    }

    /// - Parameter children: of a store that has been found to be ours since the request came in.
    func open(
        _ found: Found, _ query: ValueQuery, _ children: ChildReader, _ keyring: Keyring
    ) throws(VaultError) -> RetrievedValues {
        let ownKey = try children.openKey(of: found.entry, keyring, keeping: true)
        let content = try children.openVersion(found.version.head, of: found.entry, with: ownKey, keyring)
        let expires = found.entry.summary.expires
        return RetrievedValues(
            path: query.path, keyID: found.known.keyIDText, version: found.number, stage: found.stage,
            fields: fields(of: content, query.field), expires: expires == 0 ? nil : Timestamp(expires),
            etag: found.etag)
    }

    private func fields(of content: VersionContent, _ wanted: String?) -> [SecretField] {
        if let wanted { return content.value(of: wanted).map { [SecretField(name: wanted, value: $0)] } ?? [] }
        return (0..<content.count).map { place in
            let field = content.field(place)
            return SecretField(name: field.name, value: field.value)
        }
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
