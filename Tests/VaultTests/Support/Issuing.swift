import IssuedKeys
import SecretMemory

@testable import Vault

/// Issuers and issued keys, in short.
extension TestVault {
    @discardableResult
    func issuer(
        _ name: String = "shop", scopes: [String] = ["read", "write"], lifetime: Int64? = nil, tiers: [IssuerTier] = []
    ) async throws -> IssuerRecord {
        try await vault.createIssuer(
            administrator, IssuerRequest(name: name, lifetime: lifetime, scopes: scopes, tiers: tiers))
    }

    func issue(
        _ issuer: String = "shop", _ request: IssueRequest = IssueRequest(name: "customer"),
        as requester: Requester? = nil
    ) async throws -> MintedIssuedKey {
        try await vault.issue(requester ?? administrator, from: issuer, request)
    }

    func verify(
        _ key: WipedBytes, scope: String? = nil, network: String? = nil, cost: Int64 = 1, issuer: String? = nil,
        as requester: Requester? = nil
    ) async throws -> Verification {
        try await vault.verify(
            requester ?? administrator,
            VerifyQuery(
                key: key, issuer: issuer, scope: scope, network: try network.map { try IPAddress(parsing: $0) },
                cost: cost))
    }

    /// The code alone.
    func verdict(
        _ key: WipedBytes, scope: String? = nil, network: String? = nil, cost: Int64 = 1, as requester: Requester? = nil
    ) async throws -> VerifyCode {
        try await verify(key, scope: scope, network: network, cost: cost, as: requester).code
    }

    /// Policies of two teams, each with an issuer of its own.
    static let teams = TestFiles([
        "shop.yaml": """
        policy: shop
        rules:
          - allow: [issue, verify, revoke]
            issuers: [shop]
        """,
        "bank.yaml": """
        policy: bank
        rules:
          - allow: [issue, verify, revoke]
            issuers: [bank]
        """,
        "gateway.yaml": """
        policy: gateway
        rules:
          - allow: [verify]
            issuers: [shop]
        """,
        "seller.yaml": """
        policy: seller
        rules:
          - allow: [issue]
            issuers: [shop]
        """,
        "guard.yaml": """
        policy: guard
        rules:
          - allow: [revoke]
            issuers: [shop]
        """,
        "keeper.yaml": """
        policy: keeper
        rules:
          - allow: [revoke]
            issuers: [keyturn]
        """,
        "reader.yaml": """
        policy: reader
        rules:
          - allow: [retrieve]
            keys: ["**"]
        """,
    ])

    /// A vault with the issuers `shop` and `bank`.
    static func withTeams(snapshots: Bool = false) async throws -> TestVault {
        let vault = try await open(files: teams, snapshots: snapshots)
        try await vault.issuer("shop")
        try await vault.issuer("bank")
        vault.log.forget()
        return vault
    }
}

/// Keys of before, and what `sha256sum` prints of each.
let oldKeys = [
    "sk_old_1": "01757620f61e614a40815a3ade90f66914ddfbff44147798d5836a805040e9c4",
    "sk_old_2": "804125db9a8b715bbe65306ca0bd385f7902c55e8a4aff97c7a01e16801026a2",
    "sk_old_3": "4af53abe192ee50e927631c190dab752159a02cf9658bedaca4fabc15bc7f04a",
]

func sha256(of oldKey: String) -> [UInt8] {
    let digits = Array(oldKeys[oldKey] ?? "")
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...($0 + 1)]), radix: 16) ?? 0 }
}
