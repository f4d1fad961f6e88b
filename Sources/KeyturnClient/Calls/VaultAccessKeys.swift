package import VaultAPI

extension KeyturnVault {
    private static let accessKeys = "/v1/issuers/keyturn/keys"

    /// `POST /v1/issuers/keyturn/keys`.
    package func issueAccessKey(_ request: IssueAccessKeyRequest) async throws(KeyturnClientError) -> NewAccessKey {
        try await send(try Call(.post, Self.accessKeys).sending(request))
    }

    /// `GET /v1/issuers/keyturn/keys`: one page.
    package func accessKeys(
        state: String?, query: String?, limit: Int?, cursor: String?
    ) async throws(KeyturnClientError) -> AccessKeyList {
        var call = Call(.get, Self.accessKeys)
        call.ask("state", state)
        call.ask("query", query)
        call.ask("limit", limit)
        call.ask("cursor", cursor)
        return try await send(call)
    }

    /// `GET /v1/issuers/keyturn/keys/{id}`.
    package func accessKey(_ id: String) async throws(KeyturnClientError) -> AccessKeyRecord {
        try await send(Call(.get, Self.place(id)))
    }

    /// `POST …:revoke`, `:disable` or `:enable`.
    package func changeAccessKey(
        _ id: String, _ change: AccessKeyChange
    ) async throws(KeyturnClientError) -> AccessKeyRecord {
        try await send(Call(.post, Self.place(id) + ":" + change.rawValue))
    }

    /// `POST …:roll`.
    package func rollAccessKey(_ id: String, overlap: String?) async throws(KeyturnClientError) -> NewAccessKey {
        try await send(try Call(.post, Self.place(id) + ":roll").sending(RollAccessKeyRequest(overlap: overlap)))
    }

    private static func place(_ id: String) -> String { accessKeys + "/" + PercentEncoding.encode(id) }
}

/// What can be done to an access key without making another.
package enum AccessKeyChange: String, Sendable {
    case revoke, disable, enable
}
