internal import IssuedKeys
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// Enrolment codes, and what a caller does with its own access key.
extension Operations {
    func enrol(_ request: EnrolRequest) async throws -> Reply {
        let minted = try await vault.enrol(
            requester,
            EnrolmentRequest(
                name: request.name, description: request.description ?? "", owner: request.owner ?? "",
                policies: request.policies, lifetime: try Self.duration(request.lifetime, field: "lifetime"),
                networks: request.networks, limits: request.limits,
                validFor: try Self.duration(request.validFor, field: "valid_for") ?? Enrolments.usual))
        return try Self.reply(
            VaultAPI.EnrolmentRecord(minted.record), secret: minted.text, named: "code", status: 201)
    }

    func listEnrolments() throws -> Reply {
        let found = try vault.enrolments(requester)
        return try Reply(json: EnrolmentList(enrolments: found.map { VaultAPI.EnrolmentRecord($0) }))
    }

    func cancelEnrolment() async throws -> Reply {
        let record = try await vault.cancelEnrolment(requester, id: parameter("id"))
        return try Reply(json: VaultAPI.EnrolmentRecord(record))
    }

    func exchangeEnrolment(_ request: ExchangeRequest) async throws -> Reply {
        let minted = try await vault.redeem(requester, code: request.code.bytes)
        return try Self.reply(
            VaultAPI.IssuedKeyRecord(minted.record), secret: minted.text, named: "key", status: 200)
    }

    func rollOwnKey(_ request: RollKeyRequest?) async throws -> Reply {
        let overlap = try Self.duration(request?.overlap, field: "overlap")
        let minted = try await vault.rollOwnKey(requester, overlap: overlap)
        return try Self.reply(
            VaultAPI.IssuedKeyRecord(minted.record), secret: minted.text, named: "key", status: 200)
    }

    /// A record with a secret that is written this once.
    static func reply(
        _ record: some Encodable, secret: WipedBytes, named name: String, status: Int
    ) throws -> Reply {
        let members = try WireJSON.encode(record)
        var writer = SecretJSONWriter(capacity: members.count + SecretJSONWriter.capacity(for: secret) + 32)
        writer.beginObject()
        writer.members(of: members)
        writer.name(name)
        writer.secret(secret)
        writer.endObject()
        return Reply(status: status, secret: writer)
    }
}

extension VaultAPI.EnrolmentRecord {
    init(_ code: EngineEnrolmentRecord) {
        self.init(
            id: code.id, state: VaultAPI.EnrolmentState(rawValue: code.state.rawValue) ?? .expired, name: code.name,
            description: code.description, owner: code.owner, policies: code.policies, networks: code.networks,
            limits: code.limits, lifetime: code.lifetime.map { DurationWords.text($0) },
            created: VaultAPI.Timestamp(milliseconds: code.created), createdBy: code.createdBy,
            expires: VaultAPI.Timestamp(milliseconds: code.expires), cancelled: .init(code.cancelled),
            redeemed: .init(code.redeemed), redeemedFrom: code.redeemedFrom, accessKey: code.accessKey,
            reused: .init(code.reused), reusedFrom: code.reusedFrom)
    }
}
