package import VaultAPI

extension KeyturnVault {
    /// `POST /v1/access:roll`: the successor of the access key that this client presents, which stays accepted for a while.
    package func rollOwnAccessKey(overlap: String?) async throws(KeyturnClientError) -> NewIssuedKey {
        try await send(try Call(.post, "/v1/access:roll").sending(RollKeyRequest(overlap: overlap)))
    }
}
