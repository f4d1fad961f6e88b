package import VaultAPI

extension KeyturnVault {
    /// `GET /v1/policies`.
    package func policies() async throws(KeyturnClientError) -> PolicyList {
        try await send(Call(.get, "/v1/policies"))
    }

    /// `POST /v1/policies:reload`.
    package func reloadPolicies() async throws(KeyturnClientError) -> PolicyList {
        try await send(Call(.post, "/v1/policies:reload"))
    }

    /// `GET /v1/decisions/{id}`.
    package func decision(_ id: String) async throws(KeyturnClientError) -> DecisionReply {
        try await send(Call(.get, "/v1/decisions/" + PercentEncoding.encode(id)))
    }
}
