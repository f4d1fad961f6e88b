package import SecretMemory
package import VaultAPI

/// What deriving a slot's key is to cost, where the server is not to choose.
package struct DerivationCost: Sendable, Equatable {
    package var memoryKib: Int?
    package var iterations: Int?
    package var parallelism: Int?
    /// Has the server measure first.
    package var calibrates: Bool

    package init(
        memoryKib: Int? = nil, iterations: Int? = nil, parallelism: Int? = nil, calibrates: Bool = false
    ) {
        self.calibrates = calibrates
        self.memoryKib = memoryKib
        self.iterations = iterations
        self.parallelism = parallelism
    }
}

extension KeyturnVault {
    /// `POST /v1/seal:initialize`.
    ///
    /// - Parameter token: the contents of the file `init-token`, where this is not the operator's socket.
    package func initialize(
        passphrase: borrowing SecretBytes, acceptingRecoveryCode accepted: Bool, cost: DerivationCost = .init(),
        token: String? = nil
    ) async throws(KeyturnClientError) -> InitializeReply {
        var call = Call(.post, "/v1/seal:initialize").sending(passphrase)
        call.ask("accept_recovery_code", accepted ? "true" : "false")
        call.ask(for: cost)
        if let token { call.headers.append(("keyturn-init-token", token)) }
        call.limit = Call.derivation
        return try await send(call)
    }

    /// `POST /v1/seal:confirm`.
    package func confirm(
        ceremony: String, recoveryCode: borrowing SecretBytes
    ) async throws(KeyturnClientError) -> ConfirmReply {
        var call = Call(.post, "/v1/seal:confirm").sending(recoveryCode)
        call.ask("ceremony", ceremony)
        call.limit = Call.derivation
        return try await send(call)
    }

    /// `POST /v1/seal:unseal`.
    package func unseal(
        passphrase: borrowing SecretBytes, slot: Int?, acceptingDamage: Bool, acceptingLog: Bool = false
    ) async throws(KeyturnClientError) -> UnsealReply {
        var call = Call(.post, "/v1/seal:unseal").sending(passphrase)
        call.ask("slot", slot)
        if acceptingDamage { call.ask("accept_damage", "true") }
        if acceptingLog { call.ask("accept_log", "true") }
        call.limit = Call.everyRecord
        return try await send(call)
    }

    /// `POST /v1/seal:seal`.
    package func seal() async throws(KeyturnClientError) -> SealReply {
        var call = Call(.post, "/v1/seal:seal")
        call.limit = Call.derivation
        return try await send(call)
    }

    /// `POST /v1/seal:authorize`.
    package func authorize(
        passphrase: borrowing SecretBytes, slot: Int?
    ) async throws(KeyturnClientError) -> AuthorizeReply {
        var call = Call(.post, "/v1/seal:authorize").sending(passphrase)
        call.ask("slot", slot)
        call.limit = Call.derivation
        return try await send(call)
    }

    /// `POST /v1/seal:rekey`, with an authorisation for each slot that is to stay.
    package func rekey(authorizations: [AuthorizeReply]) async throws(KeyturnClientError) -> RekeyReply {
        var call = Call(.post, "/v1/seal:rekey")
        call.authorize(with: authorizations)
        call.limit = Call.everyRecord
        return try await send(call)
    }

    /// `POST /v1/seal:recover-access`.
    package func recoverAccess(
        passphrase: borrowing SecretBytes, slot: Int?
    ) async throws(KeyturnClientError) -> RecoverAccessReply {
        var call = Call(.post, "/v1/seal:recover-access").sending(passphrase)
        call.ask("slot", slot)
        call.limit = Call.derivation
        return try await send(call)
    }
}

extension Call {
    mutating func ask(for cost: DerivationCost) {
        ask("calibrate", cost.calibrates ? "true" : nil)
        ask("memory_kib", cost.memoryKib)
        ask("iterations", cost.iterations)
        ask("parallelism", cost.parallelism)
    }

    /// Presents proof that passphrases were just given.
    mutating func authorize(with authorizations: [AuthorizeReply]) {
        let tokens = authorizations.compactMap { $0.authorization.bytes.disclosedText() }
        headers.append(("keyturn-authorization", tokens.joined(separator: ",")))
    }
}
