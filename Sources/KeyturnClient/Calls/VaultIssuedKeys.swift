package import VaultAPI

/// Which issued keys a list is to hold.
package struct IssuedKeySearch: Sendable, Equatable {
    package var state: IssuedKeyState?
    /// Words that all occur in id, name, description or owner.
    package var query: String?
    /// Compared whole.
    package var name: String?
    /// Compared whole.
    package var owner: String?
    /// The start of the id, or of the key as far as it may be shown.
    package var prefix: String?
    /// Keys that end within so long, such as `30d`.
    package var expiring: String?
    /// Keys that have not been used for so long.
    package var unused: String?

    package init(
        state: IssuedKeyState? = nil, query: String? = nil, name: String? = nil, owner: String? = nil,
        prefix: String? = nil, expiring: String? = nil, unused: String? = nil
    ) {
        self.state = state
        self.query = query
        self.name = name
        self.owner = owner
        self.prefix = prefix
        self.expiring = expiring
        self.unused = unused
    }
}

/// What can be done to an issued key without making another.
package enum IssuedKeyChange: String, Sendable {
    case revoke, disable, enable
}

extension KeyturnVault {
    /// The issuer of access keys.
    package static let accessKeyIssuer = "keyturn"

    /// `POST /v1/issuers/{issuer}/keys`.
    package func issueKey(
        _ request: IssueKeyRequest, by issuer: String = accessKeyIssuer
    ) async throws(KeyturnClientError) -> NewIssuedKey {
        try await send(try Call.issued(.post, issuer).sending(request))
    }

    /// `GET /v1/issuers/{issuer}/keys`: one page.
    package func issuedKeys(
        of issuer: String = accessKeyIssuer, _ search: IssuedKeySearch, limit: Int?, cursor: String?
    ) async throws(KeyturnClientError) -> IssuedKeyList {
        var call = Call.issued(.get, issuer)
        call.ask("state", search.state?.rawValue)
        call.ask("query", search.query)
        call.ask("name", search.name)
        call.ask("owner", search.owner)
        call.ask("prefix", search.prefix)
        call.ask("expiring", search.expiring)
        call.ask("unused", search.unused)
        call.ask("limit", limit)
        call.ask("cursor", cursor)
        return try await send(call)
    }

    /// `GET /v1/issuers/{issuer}/keys/{id}`.
    package func issuedKey(
        _ id: String, of issuer: String = accessKeyIssuer
    ) async throws(KeyturnClientError) -> IssuedKeyReport {
        try await send(Call.issued(.get, issuer, id: id))
    }

    /// `POST …:revoke`, `:disable` or `:enable`.
    package func changeIssuedKey(
        _ id: String, of issuer: String = accessKeyIssuer, _ change: IssuedKeyChange
    ) async throws(KeyturnClientError) -> IssuedKeyRecord {
        try await send(Call.issued(.post, issuer, id: id, verb: change.rawValue))
    }

    /// `POST …:roll`.
    package func rollIssuedKey(
        _ id: String, of issuer: String = accessKeyIssuer, overlap: String?
    ) async throws(KeyturnClientError) -> NewIssuedKey {
        try await send(
            try Call.issued(.post, issuer, id: id, verb: "roll").sending(RollKeyRequest(overlap: overlap)))
    }

    /// `POST /v1/issuers/{issuer}/keys:revoke`: all keys of an owner.
    package func revokeIssuedKeys(
        of issuer: String, owner: String
    ) async throws(KeyturnClientError) -> RevokeKeysReply {
        try await send(try Call.issued(.post, issuer, verb: "revoke").sending(RevokeKeysRequest(owner: owner)))
    }

    /// `POST /v1/issuers/{issuer}/keys:import`: all of them or none.
    package func importIssuedKeys(
        _ request: ImportIssuedKeysRequest, to issuer: String
    ) async throws(KeyturnClientError) -> ImportIssuedKeysReply {
        var call = try Call.issued(.post, issuer, verb: "import").sending(request)
        call.limit = 300
        return try await send(call)
    }

    /// `POST /v1/issuers:find`: what is known of a key that turned up somewhere, or of the start of one.
    package func findIssuedKeys(_ key: SecretText) async throws(KeyturnClientError) -> FindKeysReply {
        try await send(try Call(.post, "/v1/issuers:find").sending(FindKeysRequest(key: key)))
    }
}

extension Call {
    /// A call on the keys of an issuer or on one of them, or on `verb` of either.
    fileprivate static func issued(
        _ method: Method, _ issuer: String, id: String? = nil, verb: String? = nil
    ) -> Call {
        var path = "/v1/issuers/\(PercentEncoding.encode(issuer))/keys"
        if let id { path += "/" + PercentEncoding.encode(id) }
        if let verb { path += ":" + verb }
        return Call(method, path)
    }
}
