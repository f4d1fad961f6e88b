internal import IssuedKeys
internal import Policy
internal import Vault
internal import VaultAPI

extension Operations {
    func listKeys() throws -> Reply {
        let filter = try query.word("state", KeyStateFilter.self)
        let page = try vault.list(
            requester,
            KeyQuery(
                prefix: query["prefix"] ?? "", words: words(), tag: query["tag"], provider: query["provider"],
                state: filter.flatMap { EngineKeyState(rawValue: $0.rawValue) }, everything: filter == .all,
                limit: try limit(), cursor: query["cursor"]),
            by: .path, dueBefore: try moment("due_before"))
        return try Reply(
            json: KeyList(keys: page.items.map { VaultAPI.KeyMetadata($0, withVersions: false) }, cursor: page.cursor))
    }

    func inspectKey() throws -> Reply { try Self.reply(try vault.inspect(requester, try path())) }

    func putKey(_ request: PutKeyRequest) async throws -> Reply {
        let write = KeyWrite(
            path: try path(), fields: try KeyFields.read(request.fields, request.encoding, in: "fields"),
            metadata: MetadataChange(
                name: request.name, description: request.description, provider: request.provider,
                visibility: request.visibility.map { EngineVisibility($0) }, tags: request.tags,
                expires: request.expires.map { .some($0.milliseconds) },
                rotation: try request.rotation.map { (wanted) throws(Refusal) in
                    .set(try RotationSettingsInput(wanted))
                }),
            overlap: try Self.duration(request.overlap, field: "overlap"), precondition: try precondition())
        let done = try await vault.put(requester, write)
        return try Self.reply(done.metadata, status: done.created ? 201 : 200)
    }

    func editKey(_ request: EditKeyRequest) async throws -> Reply {
        let change = MetadataChange(
            name: request.name.value(cleared: ""), description: request.description.value(cleared: ""),
            provider: request.provider.value(cleared: ""),
            visibility: request.visibility.value(cleared: .private).map { EngineVisibility($0) },
            tags: request.tags.value(cleared: []), expires: request.expires.map(\.milliseconds),
            rotation: try Self.change(request.rotation))
        return try Self.reply(try await vault.change(requester, try path(), change, if: try precondition()))
    }

    func importKeys(_ request: ImportRequest) async throws -> Reply {
        var writes: [KeyWrite] = []
        for (index, key) in request.keys.enumerated() {
            writes.append(
                KeyWrite(
                    path: try Self.path(key.path, field: "keys[\(index)].path"),
                    fields: try KeyFields.read(key.fields, key.encoding, in: "keys[\(index)].fields"),
                    metadata: MetadataChange(
                        name: key.name, description: key.description, provider: key.provider,
                        visibility: key.visibility.map { EngineVisibility($0) }, tags: key.tags,
                        expires: key.expires.map { .some($0.milliseconds) })))
        }
        let made = try await vault.importKeys(requester, writes, replace: request.replace ?? false)
        return try Reply(
            json: ImportReply(
                created: made.filter { $0.current == 1 }.map(\.path.text),
                replaced: made.filter { $0.current > 1 }.map(\.path.text)))
    }

    func deleteKey() async throws -> Reply {
        let (key, readBy) = try await vault.trashTelling(requester, try path(), if: try precondition())
        return try Reply(
            json: DeleteReply(
                path: key.path.text, state: .trashed, purgeAfter: VaultAPI.Timestamp(milliseconds: key.purgeAfter ?? 0),
                readBy: readBy.map { KeyUser($0) }),
            etag: key.etag)
    }

    func restoreKey() async throws -> Reply { try Self.reply(try await vault.restore(requester, try path())) }

    func destroyKey() async throws -> Reply {
        let path = try path()
        let readBy = try await vault.destroyTelling(requester, path, if: try precondition())
        return try Reply(json: DestroyReply(path: path.text, destroyed: true, readBy: readBy.map { KeyUser($0) }))
    }

    // MARK: What the request says

    private static func change(_ edit: Edit<RotationRequest>) throws(Refusal) -> RotationChange? {
        switch edit {
        case .unchanged: return nil
        case .cleared: return .remove
        case .set(let wanted): return .set(try RotationSettingsInput(wanted))
        }
    }

    static func reply(_ key: EngineKeyMetadata, status: Int = 200) throws -> Reply {
        try Reply(status: status, json: VaultAPI.KeyMetadata(key, withVersions: true), etag: key.etag)
    }

    private func precondition() throws(Refusal) -> Precondition {
        switch (admission.conditions.match, admission.conditions.noneMatch) {
        case (nil, nil): return .none
        case (.any, nil): return .matches(["*"])
        case (.these(let tags), nil): return .matches(tags)
        case (nil, .any): return .absent
        case (nil, .these):
            throw Refusal(
                .malformed, "here If-None-Match is *: store it only if there is no such key", field: "If-None-Match")
        default: throw Refusal(.malformed, "If-Match and If-None-Match exclude one another", field: "If-Match")
        }
    }

    static func duration(_ text: String?, field: String) throws(Refusal) -> Int64? {
        guard let text else { return nil }
        do {
            return try DurationText.milliseconds(text)
        } catch {
            throw Refusal(.invalidField, "\(error)", field: field)
        }
    }

    /// Less than one item is taken as one, and more than a page holds as a whole page.
    func limit() throws(Refusal) -> Int { try query.nearest("limit", in: 1...1_000) ?? 100 }

    func words() -> [String] { (query["query"] ?? "").split(separator: " ").map(String.init) }
}

extension Edit {
    /// What is to be there afterwards, or nil where nothing changes.
    func value(cleared: Value) -> Value? {
        switch self {
        case .unchanged: nil
        case .cleared: cleared
        case .set(let value): value
        }
    }

    /// The same for what may be absent.
    func map<Other>(_ transform: (Value) -> Other) -> Other?? {
        switch self {
        case .unchanged: nil
        case .cleared: .some(nil)
        case .set(let value): .some(transform(value))
        }
    }
}
