package import VaultAPI

extension KeyturnVault {
    /// `GET /v1/issuers`: one page.
    package func issuers(limit: Int?, cursor: String?) async throws(KeyturnClientError) -> IssuerList {
        var call = Call(.get, "/v1/issuers")
        call.ask("limit", limit)
        call.ask("cursor", cursor)
        return try await send(call)
    }

    /// `POST /v1/issuers`.
    package func createIssuer(_ request: CreateIssuerRequest) async throws(KeyturnClientError) -> IssuerRecord {
        try await send(try Call(.post, "/v1/issuers").sending(request))
    }

    /// `GET /v1/issuers/{issuer}`.
    package func issuer(_ name: String) async throws(KeyturnClientError) -> IssuerRecord {
        try await send(Call(.get, Self.place(name)))
    }

    /// `PATCH /v1/issuers/{issuer}`.
    package func editIssuer(
        _ name: String, _ request: EditIssuerRequest
    ) async throws(KeyturnClientError) -> IssuerRecord {
        try await send(try Call(.patch, Self.place(name)).sending(request))
    }

    /// `DELETE /v1/issuers/{issuer}`.
    package func deleteIssuer(_ name: String) async throws(KeyturnClientError) -> IssuerRemoval {
        try await send(Call(.delete, Self.place(name)))
    }

    private static func place(_ name: String) -> String { "/v1/issuers/" + PercentEncoding.encode(name) }

    /// `POST /v1/verify`. A key that may not be used is a reply, not an error.
    package func verify(_ request: VerifyRequest) async throws(KeyturnClientError) -> VerifyReply {
        try await send(try Call(.post, "/v1/verify").sending(request))
    }

    /// `POST /v1/verify:batch`, in the order asked for.
    package func verify(_ requests: [VerifyRequest]) async throws(KeyturnClientError) -> VerifyBatchReply {
        try await send(try Call(.post, "/v1/verify:batch").sending(VerifyBatchRequest(keys: requests)))
    }
}
