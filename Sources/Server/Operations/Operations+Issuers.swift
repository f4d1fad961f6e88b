internal import IssuedKeys
internal import Vault
internal import VaultAPI

extension Operations {
    func listIssuers() throws -> Reply {
        let page = try vault.issuers(requester, limit: try limit(), cursor: query["cursor"])
        return try Reply(json: IssuerList(issuers: page.items.map { VaultAPI.IssuerRecord($0) }, cursor: page.cursor))
    }

    func createIssuer(_ request: CreateIssuerRequest) async throws -> Reply {
        let made = try await vault.createIssuer(
            requester,
            IssuerRequest(
                name: request.name, prefix: request.prefix, description: request.description ?? "",
                lifetime: try Self.duration(request.lifetime, field: "lifetime"), scopes: request.scopes ?? [],
                tiers: try Self.tiers(request.tiers ?? [:]),
                environment: request.environment == .test ? .test : .live,
                visibility: request.visibility == .public ? .public : .private))
        return try Reply(status: 201, json: VaultAPI.IssuerRecord(made))
    }

    func inspectIssuer() throws -> Reply { try Self.reply(try vault.issuer(requester, parameter("issuer"))) }

    func editIssuer(_ request: EditIssuerRequest) async throws -> Reply {
        let lifetime: Int64?? =
            switch request.lifetime {
            case .unchanged: nil
            case .cleared: .some(nil)
            case .set(let text): .some(try Self.duration(text, field: "lifetime"))
            }
        let change = IssuerChange(
            description: request.description.value(cleared: ""), lifetime: lifetime,
            scopes: request.scopes.value(cleared: []),
            tiers: try request.tiers.value(cleared: [:]).map { (tiers) throws(Refusal) in try Self.tiers(tiers) })
        return try Self.reply(try await vault.changeIssuer(requester, parameter("issuer"), change))
    }

    func deleteIssuer() async throws -> Reply {
        let name = parameter("issuer")
        try await vault.deleteIssuer(requester, name)
        return try Reply(json: IssuerRemoval(name: name, deleted: true))
    }

    private static func reply(_ issuer: EngineIssuerRecord) throws -> Reply {
        try Reply(json: VaultAPI.IssuerRecord(issuer))
    }

    private static func tiers(_ tiers: [String: TierSettings]) throws(Refusal) -> [IssuerTier] {
        var read: [IssuerTier] = []
        for (name, tier) in tiers.sorted(by: { $0.key < $1.key }) {
            read.append(
                IssuerTier(
                    name: name, description: tier.description ?? "", limits: tier.limits ?? [],
                    quota: try quota(tier.quota, tier.quotaRefill, field: "tiers")))
        }
        return read
    }

    /// - Throws: ``Refusal`` where a refill is given without a quota, or the quota is no number of uses.
    static func quota(
        _ uses: Int?, _ refill: VaultAPI.QuotaRefill?, field: String = "quota"
    ) throws(Refusal) -> Quota? {
        guard let uses else {
            guard refill == nil else {
                throw Refusal(.invalidField, "`quota_refill` is for a `quota`, and there is none", field: field)
            }
            return nil
        }
        guard uses > 0 else { throw Refusal(.invalidField, "a quota is a number of uses from 1", field: field) }
        return Quota(uses: Int64(uses), refill: refill == .monthly ? .monthly : .never)
    }
}

extension VaultAPI.IssuerRecord {
    init(_ issuer: EngineIssuerRecord) {
        self.init(
            name: issuer.name, prefix: issuer.prefix, builtIn: issuer.isBuiltIn, description: issuer.description,
            lifetime: issuer.lifetime.map { DurationWords.text($0) }, scopes: issuer.scopes,
            tiers: Dictionary(issuer.tiers.map { ($0.name, TierRecord($0)) }) { first, _ in first },
            environment: issuer.environment == .test ? .test : .live,
            visibility: issuer.visibility == .public ? .public : .private,
            created: VaultAPI.Timestamp(milliseconds: issuer.created), createdBy: issuer.createdBy,
            updated: VaultAPI.Timestamp(milliseconds: issuer.updated), keys: issuer.keys)
    }
}

extension TierRecord {
    fileprivate init(_ tier: IssuerTier) {
        self.init(
            description: tier.description, limits: tier.limits, quota: tier.quota.map { Int($0.uses) },
            quotaRefill: tier.quota.map { VaultAPI.QuotaRefill($0.refill) })
    }
}

extension VaultAPI.QuotaRefill {
    init(_ refill: EngineQuotaRefill) { self = refill == .monthly ? .monthly : .never }
}

/// Durations as people write them; the largest unit that they are a whole number of, days at most.
enum DurationWords {
    /// - Parameter milliseconds: rounded down to whole seconds.
    static func text(_ milliseconds: Int64) -> String {
        let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m")]
        for (length, unit) in units where milliseconds > 0 && milliseconds % length == 0 {
            return "\(milliseconds / length)\(unit)"
        }
        return "\(milliseconds / 1000)s"
    }
}
