internal import Audit
internal import FoundationEssentials
package import Policy
internal import Rotation
internal import Sealing
internal import SecretMemory
internal import Storage

extension Vault {
    /// Stores a new key, or a new version of one: what was current is `previous` from then on.
    ///
    /// - Returns: the metadata after it, and whether the key is new.
    /// - Throws: ``VaultError``: `invalid_field`, `too_large`, `in_trash`, `precondition_failed` and those of every
    ///   operation.
    package func put(
        _ requester: Requester, _ write: KeyWrite
    ) async throws(VaultError) -> (metadata: KeyMetadata, created: Bool) {
        let admitted = try admit(requester, .write, .key(write.path))
        let author = admitted.caller.reference
        let rotation = try checkRotation(write.rotation, admitted)
        let made = try await changing(admitted) { (staging) throws(VaultError) in
            let before = staging.key(write.path.text)
            try write.precondition.check(before)
            let entry = try staging.write(write, by: author, rotation: rotation)
            return (entry.metadata(at: staging.clocks), before == nil)
        }
        return (made.0, made.1)
    }

    /// Stores several keys: all of them, or none.
    ///
    /// - Parameter replace: whether a key that is there gets a new version; otherwise it is a `conflict`.
    package func importKeys(
        _ requester: Requester, _ writes: [KeyWrite], replace: Bool
    ) async throws(VaultError) -> [KeyMetadata] {
        let recognised = try recognise(requester, Action.write.rawValue, .vault)
        try checked(recognised) { () throws(VaultError) in
            guard !writes.isEmpty, writes.count <= VaultLimits.importKeys else {
                throw VaultError(.invalidField, "import 1 to \(VaultLimits.importKeys) keys at once", field: "keys")
            }
            guard Set(writes.map(\.path)).count == writes.count else {
                throw VaultError(.invalidField, "each path is given once", field: "keys")
            }
        }
        for write in writes {
            do throws(VaultError) {
                try authorise(recognised.naming(write.path), .write, .key(write.path))
            } catch {
                var error = error
                error.field = write.path.text
                throw error
            }
        }
        var admitted = recognised.naming(writes[0].path)
        admitted.draft.others = writes.dropFirst().map(\.path.text)
        let author = admitted.caller.reference
        var checked: [CheckedRotation?] = []
        for write in writes {
            do throws(VaultError) {
                checked.append(try checkRotation(write.rotation, recognised.naming(write.path)))
            } catch {
                var error = error
                error.field = write.path.text
                throw error
            }
        }
        let rotations = checked
        return try await changing(admitted) { (staging) throws(VaultError) in
            var made: [KeyMetadata] = []
            for (write, rotation) in zip(writes, rotations) {
                do throws(VaultError) {
                    if !replace, let entry = staging.key(write.path.text), entry.summary.deleted == 0 {
                        throw VaultError(.alreadyExists, "there is a key at this path already; nothing was imported")
                    }
                    made.append(
                        try staging.write(write, by: author, rotation: rotation).metadata(at: staging.clocks))
                } catch {
                    var error = error
                    error.field = write.path.text
                    throw error
                }
            }
            if writes.count > 1 { staging.noteTogether(first: writes[0].path) }
            return made
        }
    }

    /// Changes metadata; the values stay.
    package func change(
        _ requester: Requester, _ path: ResourcePath, _ change: MetadataChange, if precondition: Precondition
    ) async throws(VaultError) -> KeyMetadata {
        let admitted = try admit(requester, .write, .key(path))
        let rotation = try checkRotation(change.rotation, admitted)
        return try await changing(admitted) { (staging) throws(VaultError) in
            let entry = try staging.present(path)
            try precondition.check(entry)
            try KeyChecks.check(change, now: staging.now)
            var head = entry.head
            head.apply(change)
            if let rotation {
                let reader = staging
                try staging.change(rotation, &head, of: entry, keyID: entry.keyIDBytes) { () throws(VaultError) in
                    try reader.fields(entry.summary.current, of: entry)
                }
            }
            return try staging.replace(entry, with: head).metadata(at: staging.clocks)
        }
    }
}

extension Staging {
    /// The key at `path`, unless it is in the trash or not there.
    func present(_ path: ResourcePath) throws(VaultError) -> KeyEntry {
        guard let entry = key(path.text) else { throw VaultError(.notFound, "there is no key at this path") }
        guard entry.summary.deleted == 0 else {
            throw VaultError(
                .inTrash, "the key at this path is in the trash; restore or destroy it first", field: path.text)
        }
        return entry
    }

    /// Puts `head` in the place of what `entry` has, at a later moment than any before.
    mutating func replace(
        _ entry: KeyEntry, with head: StoredKeyHead, cache: KeyEntry.Cache? = nil
    ) throws(VaultError) -> KeyEntry {
        var head = head
        head.updated = max(UInt64(now), entry.summary.updated + 1)
        let used = entry.usage.value
        head.lastUsed = UInt64(used.time)
        head.lastUsedBy = used.by
        return try putKey(head, path: entry.path, place: entry.place, usage: entry.usage, cache: cache ?? entry.cached)
    }

    /// Of keys that are written together each has a line of its own; what else there is to say of one stands beside it.
    mutating func noteTogether(first path: ResourcePath) {
        let own = AuditToken(RotationRecord.promoted)
        let more = takeNote().lines.filter { $0.detail != own }
        if !more.isEmpty { note([Note.Line(key: path.text)] + more) }
    }

    mutating func write(
        _ write: KeyWrite, by author: String, rotation: CheckedRotation? = nil
    ) throws(VaultError) -> KeyEntry {
        try KeyChecks.check(write.fields)
        try KeyChecks.check(write.metadata, now: now)
        try KeyChecks.check(write.overlap)
        if key(write.path.text) != nil {
            return try addVersion(write, to: try present(write.path), by: author, rotation)
        }
        return try create(write, by: author, rotation)
    }

    private mutating func create(
        _ write: KeyWrite, by author: String, _ rotation: CheckedRotation?
    ) throws(VaultError) -> KeyEntry {
        var head = StoredKeyHead()
        let keyID = KeyID.random(from: random)
        let place = KeyPlace(keyID, path: write.path.text)
        head.keyID = keyID.bytes.data
        head.path = write.path.text
        head.visibility = .private
        head.created = UInt64(now)
        head.updated = UInt64(now)
        head.apply(write.metadata)
        let ownKey = OwnKey.generate(for: keyring, random: random)
        let wrapped = putOwnKey(ownKey, of: place)
        head.wrappedKey = wrapped.mark.message
        let (version, body) = try putVersion(1, write.fields, of: place, ownKey, by: author)
        head.versions = [version]
        head.nextVersion = 2
        head.current = 1
        if let rotation {
            let fields = write.rotationFields
            try change(rotation, &head, of: nil, keyID: Array(keyID.bytes.data)) { fields }
        }
        let consumers = head.hasRotation ? ConsumerBook() : nil
        return try putKey(
            head, path: write.path, place: place, usage: UsageMark(time: 0, by: "", consumers: consumers),
            cache: KeyEntry.Cache(wrappedKey: wrapped, small: body, number: 1))
    }

    private mutating func addVersion(
        _ write: KeyWrite, to entry: KeyEntry, by author: String, _ rotation: CheckedRotation?
    ) throws(VaultError) -> KeyEntry {
        var head = entry.head
        try store(write, &head, entry)
        let number = head.nextVersion
        let ownKey = try children.openKey(of: entry, keyring)
        head.apply(write.metadata)
        if head.expires != 0, Timestamp(head.expires) <= now { head.expires = 0 }
        let (version, body) = try putVersion(number, write.fields, of: entry.place, ownKey, by: author)
        head.versions.append(version)
        head.nextVersion = number + 1
        head.previous = head.current
        // The overlap is held against the clock that rotations go by.
        head.previousUntil = write.overlap.map { UInt64(clocks.rotation + $0) } ?? 0
        head.current = number
        dropOldVersions(&head, of: entry.place)
        if entry.rotation != nil { entry.usage.changeConsumers { $0?.keep([head.current, head.previous]) } }
        if let rotation {
            let fields = write.rotationFields
            try change(rotation, &head, of: entry, keyID: entry.keyIDBytes) { fields }
        }
        let cache = KeyEntry.Cache(wrappedKey: entry.cached.wrappedKey, small: body, number: number)
        return try replace(entry, with: head, cache: cache)
    }

    /// What a version that somebody stores by hand means for the key's rotation: it counts as one.
    private mutating func store(_ write: KeyWrite, _ head: inout StoredKeyHead, _ entry: KeyEntry) throws(VaultError) {
        guard let rotation = entry.rotation else { return }
        let rotator = rotators.rotator(of: entry)
        let told = rotator.handle(of: write.rotationFields)
        let handle = told ?? knownHandle(of: write.rotationFields, in: entry)
        let machine = rotation.machine(rotator.capabilities, entry.keyIDBytes)
        let stored = try transition(
            machine, .stored(handle: handle, honouring: write.overlap.map { clocks.rotation + $0 } ?? 0), entry)
        if stored.effects.contains(.dropPending) { dropPending(&head, of: entry.place) }
        head.rotationState = stored.state.record
        guard stored.records.contains(.orphanLeft) else { return }
        // The write's own line, and what it leaves at the provider.
        let own = Note.Line(
            key: entry.path.text, version: head.nextVersion, detail: AuditToken(RotationRecord.promoted), code: nil)
        note([own] + linesOfLeftovers(stored.state, entry))
    }

    /// Wraps an API key's own key under the current data key.
    mutating func putOwnKey(_ key: OwnKey, of place: KeyPlace) -> SealedRecord {
        let record = keyring.sealOwnKey(key, of: place, generation: generation, random: random)
        put(.wrappedKey, keyring.rowID(.wrappedKey, name: place.wrappedKeyName), record.bytes)
        return record
    }

    mutating func putVersion(
        _ number: UInt32, _ fields: [SecretField], of place: KeyPlace, _ ownKey: OwnKey, by author: String
    ) throws(VaultError) -> (StoredVersionHead, SealedRecord) {
        let content = try sealingOrThrow { () throws(SealingError) in
            try VersionContent(fields.map { ($0.name, $0.value) })
        }
        let record = putBody(number, content, of: place, ownKey)
        var version = StoredVersionHead()
        version.number = number
        version.created = UInt64(now)
        version.createdBy = author
        let main = fields.first { $0.name == "value" } ?? (fields.count == 1 ? fields.first : nil)
        version.prefix = main.map { $0.value.withBytes(displayablePrefix) } ?? ""
        version.fields = content.names
        version.body = record.mark.message
        note(version: number)
        return (version, record)
    }

    mutating func putBody(
        _ number: UInt32, _ content: VersionContent, of place: KeyPlace, _ ownKey: OwnKey
    ) -> SealedRecord {
        let record = ownKey.sealVersion(content, number: number, of: place, generation: generation, random: random)
        put(.version, keyring.rowID(.version, name: place.name(of: number)), record.bytes)
        return record
    }

    /// Erases the oldest versions without a stage, down to what is kept.
    mutating func dropOldVersions(_ head: inout StoredKeyHead, of place: KeyPlace) {
        while head.versions.count > VaultLimits.versionsKept {
            let staged = [head.current, head.pending, head.previous]
            guard let index = head.versions.firstIndex(where: { !staged.contains($0.number) }) else { return }
            let old = head.versions.remove(at: index)
            delete(.version, keyring.rowID(.version, name: place.name(of: old.number)))
        }
    }
}

extension KeyWrite {
    /// What a rotator is shown of it.
    var rotationFields: [RotationField] {
        fields.map { RotationField(name: $0.name, value: $0.value) }.sorted { $0.name < $1.name }
    }
}

extension KeyEntry.Cache {
    init(wrappedKey: SealedRecord?, small body: SealedRecord, number: UInt32) {
        self.init(wrappedKey: wrappedKey, body: body.bytes.count <= VaultLimits.cachedBytes ? (number, body) : nil)
    }
}

extension StoredKeyHead {
    mutating func apply(_ change: MetadataChange) {
        if let name = change.name { self.name = name }
        if let description = change.description { description_p = description }
        if let provider = change.provider { self.provider = provider }
        if let visibility = change.visibility { self.visibility = visibility == .public ? .public : .private }
        if let tags = change.tags { self.tags = Set(tags).sorted() }
        if let expires = change.expires { self.expires = expires.map { UInt64($0) } ?? 0 }
    }
}

extension Precondition {
    func check(_ entry: KeyEntry?) throws(VaultError) {
        switch self {
        case .none: return
        case .absent:
            guard entry == nil else {
                throw VaultError(.preconditionFailed, "there is a key at this path already", field: "If-None-Match")
            }
        case .matches(let etags):
            guard let entry, etags.contains("*") || etags.contains(entry.etag) || entry.isCurrent(in: etags) else {
                throw VaultError(
                    .preconditionFailed, "the key is not the one that was meant; read it again", field: "If-Match")
            }
        }
    }
}

extension KeyEntry {
    /// Whether one of the tags is of the current version's value, as `GET /v1/values` gives them.
    fileprivate func isCurrent(in etags: [String]) -> Bool {
        let start = "\(keyIDText)-\(summary.current)-current-"
        return etags.contains { $0.hasPrefix(start) }
    }
}

extension Caller {
    /// How records and lists name a caller: `access-key:<id>`, `unix-user:<number>`.
    package var reference: String { "\(kind.rawValue):\(id)" }
}
