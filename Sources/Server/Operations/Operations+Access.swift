internal import IssuedKeys
internal import Vault
internal import VaultAPI

extension Operations {
    /// The issuer of access keys, and so far the only one.
    private static let issuer = "keyturn"

    enum Amendment { case revoke, disable, enable }

    func listIssuers() throws -> Reply {
        // Known to whoever is known; there is nothing of the vault in it.
        _ = try vault.whoAmI(requester)
        return try Reply(
            json: IssuerList(issuers: [IssuerSummary(name: Self.issuer, prefix: Self.issuer, builtIn: true)]))
    }

    func listAccessKeys() throws -> Reply {
        try checkIssuer()
        let state = try query.word("state", VaultAPI.IssuedKeyState.self).flatMap {
            AccessKeyState(rawValue: $0.rawValue)
        }
        let page = try vault.accessKeys(
            requester, state: state, words: words(), limit: try limit(), cursor: query["cursor"])
        return try Reply(
            json: AccessKeyList(keys: page.items.map { VaultAPI.AccessKeyRecord($0) }, cursor: page.cursor))
    }

    func issueAccessKey(_ request: IssueAccessKeyRequest) async throws -> Reply {
        try checkIssuer()
        if request.expires != nil, request.lifetime != nil {
            throw Refusal(.invalidField, "say `expires` or `lifetime`", field: "lifetime")
        }
        var expires = request.expires?.milliseconds
        if let length = try Self.duration(request.lifetime, field: "lifetime") {
            do {
                expires = try Lifetime.end(from: desk.now(), lasting: length)
            } catch {
                throw Refusal(.invalidField, "\(error)", field: "lifetime")
            }
        }
        let minted = try await vault.issue(
            requester,
            AccessKeyRequest(
                name: request.name, description: request.description ?? "", owner: request.owner ?? "",
                policies: request.policies, expires: expires, networks: request.networks))
        return try Self.reply(minted, status: 201)
    }

    func inspectAccessKey() throws -> Reply {
        try checkIssuer()
        return try Self.reply(try vault.accessKey(requester, id: parameter("id")))
    }

    func amendAccessKey(_ amendment: Amendment) async throws -> Reply {
        try checkIssuer()
        let id = parameter("id")
        let record =
            switch amendment {
            case .revoke: try await vault.revoke(requester, id: id)
            case .disable: try await vault.disable(requester, id: id)
            case .enable: try await vault.enable(requester, id: id)
            }
        return try Self.reply(record)
    }

    func rollAccessKey(_ request: RollAccessKeyRequest?) async throws -> Reply {
        try checkIssuer()
        let overlap = try Self.duration(request?.overlap, field: "overlap")
        return try Self.reply(try await vault.roll(requester, id: parameter("id"), overlap: overlap), status: 200)
    }

    private func checkIssuer() throws(Refusal) {
        guard parameter("issuer") == Self.issuer else { throw Refusal(.notFound, "there is no such issuer") }
    }

    private static func reply(_ record: EngineAccessKeyRecord) throws -> Reply {
        try Reply(json: VaultAPI.AccessKeyRecord(record))
    }

    /// The record with the key's text, which is written this once.
    private static func reply(_ minted: MintedAccessKey, status: Int) throws -> Reply {
        let record = try WireJSON.encode(VaultAPI.AccessKeyRecord(minted.record))
        var writer = SecretJSONWriter(capacity: record.count + SecretJSONWriter.capacity(for: minted.text) + 32)
        writer.beginObject()
        writer.members(of: record)
        writer.name("key")
        writer.secret(minted.text)
        writer.endObject()
        return Reply(status: status, secret: writer)
    }
}

extension VaultAPI.AccessKeyRecord {
    init(_ key: EngineAccessKeyRecord) {
        self.init(
            id: key.id, issuer: key.issuer, name: key.name, description: key.description, owner: key.owner,
            prefix: key.prefix, created: VaultAPI.Timestamp(milliseconds: key.created), createdBy: key.createdBy,
            expires: .init(key.expires), policies: key.policies, networks: key.networks,
            state: VaultAPI.IssuedKeyState(rawValue: key.state.rawValue) ?? .active, revoked: .init(key.revoked),
            honouredUntil: .init(key.honouredUntil), successor: key.successor, predecessor: key.predecessor,
            lineage: key.lineage, lastUsed: .init(key.lastUsed), lastUsedFrom: key.lastUsedFrom)
    }
}
