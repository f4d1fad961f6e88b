package import VaultAPI

/// Which keys a list is to hold.
package struct KeySearch: Sendable, Equatable {
    package var prefix: String?
    package var query: String?
    package var tag: String?
    package var provider: String?
    package var state: KeyStateFilter?

    package init(
        prefix: String? = nil, query: String? = nil, tag: String? = nil, provider: String? = nil,
        state: KeyStateFilter? = nil
    ) {
        self.prefix = prefix
        self.query = query
        self.tag = tag
        self.provider = provider
        self.state = state
    }
}

extension KeyturnVault {
    /// `PUT /v1/keys/{path}`.
    ///
    /// - Parameter onlyNew: refuses where there is a key already.
    package func put(
        _ request: PutKeyRequest, at path: String, onlyNew: Bool = false
    ) async throws(KeyturnClientError) -> KeyMetadata {
        var call = try Call.key(.put, path).sending(request)
        if onlyNew { call.headers.append(("if-none-match", "*")) }
        return try await send(call)
    }

    /// `PATCH /v1/keys/{path}`.
    ///
    /// - Parameter tag: refuses where the key's entity tag is another one by now.
    package func edit(
        _ request: EditKeyRequest, at path: String, onlyIf tag: String? = nil
    ) async throws(KeyturnClientError) -> KeyMetadata {
        var call = try Call.key(.patch, path).sending(request)
        if let tag { call.headers.append(("if-match", tag)) }
        return try await send(call)
    }

    /// `GET /v1/keys/{path}`.
    package func metadata(of path: String) async throws(KeyturnClientError) -> KeyMetadata {
        try await send(Call.key(.get, path))
    }

    /// `GET /v1/keys/{path}`, with the entity tag as it stands in the header.
    package func taggedMetadata(
        of path: String
    ) async throws(KeyturnClientError) -> (key: KeyMetadata, tag: String?) {
        let (status, body, headers) = try await exchange(Call.key(.get, path), heeding: ["etag"])
        guard status == 200 else { throw Self.failure(status, body, headers, address) }
        return (try read(body), headers["etag"])
    }

    /// `GET /v1/keys`: one page.
    ///
    /// - Parameter deadline: when there has to be a reply; within 30 seconds in any case.
    package func keys(
        _ search: KeySearch, limit: Int?, cursor: String?, by deadline: ContinuousClock.Instant? = nil
    ) async throws(KeyturnClientError) -> KeyList {
        var call = Call(.get, "/v1/keys")
        call.deadline = deadline
        call.ask("prefix", search.prefix)
        call.ask("query", search.query)
        call.ask("tag", search.tag)
        call.ask("provider", search.provider)
        call.ask("state", search.state?.rawValue)
        call.ask("limit", limit)
        call.ask("cursor", cursor)
        return try await send(call)
    }

    /// `DELETE /v1/keys/{path}`.
    package func delete(_ path: String) async throws(KeyturnClientError) -> DeleteReply {
        try await send(Call.key(.delete, path))
    }

    /// `POST /v1/keys/{path}:restore`.
    package func restore(_ path: String) async throws(KeyturnClientError) -> KeyMetadata {
        try await send(Call.key(.post, path, verb: "restore"))
    }

    /// `POST /v1/keys/{path}:destroy`.
    package func destroy(_ path: String) async throws(KeyturnClientError) -> DestroyReply {
        try await send(Call.key(.post, path, verb: "destroy"))
    }

    /// `POST /v1/keys:import`.
    package func importKeys(_ request: ImportRequest) async throws(KeyturnClientError) -> ImportReply {
        var call = try Call(.post, "/v1/keys:import").sending(request)
        call.limit = 300
        return try await send(call)
    }
}
