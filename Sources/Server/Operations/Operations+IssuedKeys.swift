internal import IssuedKeys
internal import Vault
internal import VaultAPI

extension Operations {
    /// The issuer of access keys.
    private static let accessKeys = "keyturn"

    enum Amendment { case revoke, disable, enable }

    private var issuer: String { parameter("issuer") }

    func listIssuedKeys() throws -> Reply {
        let now = desk.now()
        let state = try query.word("state", VaultAPI.IssuedKeyState.self)
        let expiring = try Self.duration(query["expiring"], field: "expiring")
        let unused = try Self.duration(query["unused"], field: "unused")
        let filter = IssuedKeyFilter(
            state: state.flatMap { EngineIssuedKeyState(rawValue: $0.rawValue) }, words: words(), name: query["name"],
            owner: query["owner"], prefix: query["prefix"], expiringBefore: expiring.map { now.advanced($0) },
            unusedSince: unused.map { now.advanced(-$0) })
        let page = try vault.issuedKeys(
            requester, of: issuer, filter, limit: try limit(), cursor: query["cursor"])
        return try Reply(
            json: IssuedKeyList(keys: page.items.map { VaultAPI.IssuedKeyRecord($0) }, cursor: page.cursor))
    }

    func issueKey(_ request: IssueKeyRequest) async throws -> Reply {
        if request.policies != nil, issuer != Self.accessKeys {
            throw Refusal(.invalidField, "policies are for access keys; other keys have `scopes`", field: "policies")
        }
        return try Self.reply(
            try await vault.issue(requester, from: issuer, try settings(request)), status: 201)
    }

    func importIssuedKeys(_ request: ImportIssuedKeysRequest) async throws -> Reply {
        var keys: [EngineImportedKey] = []
        for (index, key) in request.keys.enumerated() {
            let place = "keys[\(index)]"
            guard let hash = Self.hash(key.sha256) else {
                throw Refusal(
                    .invalidField, "a SHA-256 is 64 hexadecimal digits", field: "\(place).sha256")
            }
            keys.append(
                EngineImportedKey(
                    sha256: hash, prefix: key.prefix ?? "", settings: try settings(key.settings, in: place + ".")))
        }
        let made = try await vault.importKeys(requester, into: issuer, keys)
        return try Reply(json: ImportIssuedKeysReply(keys: made.map { VaultAPI.IssuedKeyRecord($0) }))
    }

    func amendIssuedKey(_ amendment: Amendment) async throws -> Reply {
        let id = parameter("id")
        let record =
            switch amendment {
            case .revoke: try await vault.revoke(requester, of: issuer, id: id)
            case .disable: try await vault.disable(requester, of: issuer, id: id)
            case .enable: try await vault.enable(requester, of: issuer, id: id)
            }
        return try Self.reply(record)
    }

    func rollIssuedKey(_ request: RollKeyRequest?) async throws -> Reply {
        let overlap = try Self.duration(request?.overlap, field: "overlap")
        let minted = try await vault.roll(requester, of: issuer, id: parameter("id"), overlap: overlap)
        return try Self.reply(minted, status: 200)
    }

    func revokeIssuedKeys(_ request: RevokeKeysRequest) async throws -> Reply {
        let revoked = try await vault.revokeAll(requester, of: issuer, owner: request.owner)
        return try Reply(json: RevokeKeysReply(revoked: revoked))
    }

    func findIssuedKeys(_ request: FindKeysRequest) throws -> Reply {
        let found = try vault.find(requester, text: request.key.bytes)
        return try Reply(
            json: FindKeysReply(
                exact: found.contains(where: \.isWhole), keys: found.map { VaultAPI.IssuedKeyRecord($0.record) }))
    }

    // MARK: What the request says

    /// - Parameter place: what stands before the names of members, in messages.
    private func settings(_ request: IssueKeyRequest, in place: String = "") throws(Refusal) -> IssueRequest {
        IssueRequest(
            name: request.name, description: request.description ?? "", owner: request.owner ?? "",
            scopes: try scopes(request, in: place), expires: try end(request, in: place),
            networks: request.networks, limits: request.limits,
            quota: try Self.quota(request.quota, request.quotaRefill, field: place + "quota"), tier: request.tier,
            metadata: request.metadata ?? [:])
    }

    private func scopes(_ request: IssueKeyRequest, in place: String) throws(Refusal) -> [String] {
        guard let policies = request.policies else { return request.scopes ?? [] }
        guard request.scopes == nil else {
            throw Refusal(.invalidField, "say `policies` or `scopes`", field: place + "scopes")
        }
        return policies
    }

    private func end(_ request: IssueKeyRequest, in place: String) throws(Refusal) -> IssuedKeyEnd {
        switch (request.expires, request.lifetime) {
        case (nil, nil): return .issuers
        case (let moment?, nil): return .at(moment.milliseconds)
        case (nil, "never"): return .never
        case (nil, let lifetime):
            guard let length = try Self.duration(lifetime, field: place + "lifetime") else { return .issuers }
            do {
                return .at(try Lifetime.end(from: desk.now(), lasting: length))
            } catch {
                throw Refusal(.invalidField, "\(error)", field: place + "lifetime")
            }
        default: throw Refusal(.invalidField, "say `expires` or `lifetime`", field: place + "lifetime")
        }
    }

    /// 32 bytes in hexadecimal, or nil.
    private static func hash(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map(HexDigit.value)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    // MARK: Replies

    private static func reply(_ record: EngineIssuedKeyRecord) throws -> Reply {
        try Reply(json: VaultAPI.IssuedKeyRecord(record))
    }

    /// The record with the key's text, which is written this once.
    private static func reply(_ minted: MintedIssuedKey, status: Int) throws -> Reply {
        try reply(VaultAPI.IssuedKeyRecord(minted.record), secret: minted.text, named: "key", status: status)
    }
}

extension Int64 {
    /// The moment so much later, or the last or first one that can be counted.
    fileprivate func advanced(_ length: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(length)
        return overflow ? (length > 0 ? .max : .min) : sum
    }
}

extension VaultAPI.IssuedKeyRecord {
    init(_ key: EngineIssuedKeyRecord) {
        self.init(
            id: key.id, issuer: key.issuer, name: key.name, description: key.description, owner: key.owner,
            prefix: key.prefix, created: VaultAPI.Timestamp(milliseconds: key.created), createdBy: key.createdBy,
            expires: .init(key.expires), scopes: key.scopes, policies: key.issuer == "keyturn" ? key.scopes : nil,
            networks: key.networks, limits: key.limits, quota: key.quota.map { Int($0.uses) },
            quotaRefill: key.quota.map { VaultAPI.QuotaRefill($0.refill) }, tier: key.tier, metadata: key.metadata,
            environment: key.environment == .test ? .test : .live,
            visibility: key.visibility == .public ? .public : .private,
            state: VaultAPI.IssuedKeyState(rawValue: key.state.rawValue) ?? .active, revoked: .init(key.revoked),
            honouredUntil: .init(key.honouredUntil), successor: key.successor, predecessor: key.predecessor,
            lineage: key.lineage, imported: .init(key.imported), lastUsed: .init(key.lastUsed),
            lastUsedFrom: key.lastUsedFrom)
    }
}
