package import SecretMemory
package import VaultAPI

extension KeyturnVault {
    /// `GET /v1/slots`.
    package func slots() async throws(KeyturnClientError) -> SlotList {
        try await send(Call(.get, "/v1/slots"))
    }

    /// `PUT /v1/slots/{n}`: adds a slot, or with `replacing` changes its passphrase.
    package func setSlot(
        _ number: Int, passphrase: borrowing SecretBytes, replacing: Bool, authorization: AuthorizeReply,
        cost: DerivationCost = .init()
    ) async throws(KeyturnClientError) -> KeySlot {
        var call = Call(.put, "/v1/slots/\(number)").sending(passphrase)
        if replacing { call.ask("replace", "true") }
        call.ask(for: cost)
        call.authorize(with: [authorization])
        call.limit = Call.derivation
        return try await send(call)
    }

    /// `POST /v1/slots/{n}:recovery`.
    package func setRecoverySlot(
        _ number: Int, authorization: AuthorizeReply, cost: DerivationCost = .init()
    ) async throws(KeyturnClientError) -> SlotRecoveryReply {
        var call = Call(.post, "/v1/slots/\(number):recovery")
        call.ask(for: cost)
        call.authorize(with: [authorization])
        call.limit = Call.derivation
        return try await send(call)
    }

    /// `DELETE /v1/slots/{n}`.
    package func removeSlot(
        _ number: Int, authorization: AuthorizeReply
    ) async throws(KeyturnClientError) -> SlotRemoval {
        var call = Call(.delete, "/v1/slots/\(number)")
        call.authorize(with: [authorization])
        return try await send(call)
    }

    /// `POST /v1/keyring:rotate`.
    package func rotateKeyring() async throws(KeyturnClientError) -> KeyringRotation {
        try await send(Call(.post, "/v1/keyring:rotate"))
    }

    /// `POST /v1/keyring:rewrap`.
    package func rewrapKeyring() async throws(KeyturnClientError) -> KeyringRewrap {
        var call = Call(.post, "/v1/keyring:rewrap")
        call.limit = Call.everyRecord
        return try await send(call)
    }

    /// `POST /v1/store:verify`.
    package func verifyStore() async throws(KeyturnClientError) -> StoreVerification {
        var call = Call(.post, "/v1/store:verify")
        call.limit = Call.everyRecord
        return try await send(call)
    }
}
