package import VaultAPI

extension KeyturnVault {
    /// `GET /v1/status`.
    package func status() async throws(KeyturnClientError) -> StatusReply {
        try await send(Call(.get, "/v1/status"))
    }

    /// `GET /v1/health`, and whether requests are served. The reply has the same shape either way.
    package func health() async throws(KeyturnClientError) -> (isServing: Bool, reply: HealthReply) {
        let (status, body, _) = try await exchange(Call(.get, "/v1/health"))
        guard status == 200 || status == 503 else {
            throw KeyturnClientError(.unexpectedReply, "\(address) answered \(status), and not as a vault does")
        }
        return (status == 200, try read(body))
    }

    /// `GET /v1/whoami`.
    package func whoAmI() async throws(KeyturnClientError) -> WhoAmIReply {
        try await send(Call(.get, "/v1/whoami"))
    }
}
