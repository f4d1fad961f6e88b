internal import VaultAPI

/// Reading. While the vault is sealed, away or too busy, these ask again, for as long as ``KeyturnSettings/patience``
/// says: with pauses that grow, that no two clients share, and that heed `Retry-After`.
extension KeyturnVault {
    /// The text of one field of the key at `path`, as it is now.
    ///
    /// - Parameters:
    ///   - path: such as `payments/stripe`.
    ///   - field: `value` is the main one.
    /// - Throws: ``KeyturnClientError``.
    public func value(of path: String, field: String = "value") async throws(KeyturnClientError) -> String {
        let found = try await read(path, field).value
        guard let text = found.text(of: field) else {
            throw KeyturnClientError(.unexpectedReply, "the field is not there, or is not text")
        }
        return text
    }

    /// The keys at `paths` with all their fields, from one moment and in the order asked for: all of them, or none.
    ///
    /// - Parameter paths: 1 to 256.
    /// - Throws: ``KeyturnClientError``.
    public func values(of paths: [String]) async throws(KeyturnClientError) -> [KeyturnValue] {
        let references = paths.map { ValueReference(path: $0) }
        let reply = try await patiently { () async throws(KeyturnClientError) in try await self.values(references) }
        guard reply.values.map(\.path) == paths else {
            throw KeyturnClientError(.unexpectedReply, "the vault answered with other keys than it was asked for")
        }
        var values: [KeyturnValue] = []
        for value in reply.values { values.append(try KeyturnValue(value)) }
        return values
    }

    /// The paths of the keys that are served and that the caller may list, in order.
    ///
    /// - Parameter prefix: a path; only keys at or beneath it. nil for all.
    /// - Throws: ``KeyturnClientError``.
    public func paths(beneath prefix: String? = nil) async throws(KeyturnClientError) -> [String] {
        let search = KeySearch(prefix: prefix, state: .active)
        var paths: [String] = []
        var cursor: String?
        repeat {
            let from = cursor
            let page = try await patiently { () async throws(KeyturnClientError) in
                try await self.keys(search, limit: 1000, cursor: from)
            }
            paths += page.keys.map(\.path)
            // A server that gives the same cursor again would keep us here for ever.
            cursor = page.cursor == from ? nil : page.cursor
        } while cursor != nil
        return paths
    }

    /// A handle on the key at `path` that stays current.
    ///
    /// - Parameters:
    ///   - path: such as `payments/stripe`.
    ///   - field: one field alone; all of them unless said.
    /// - Throws: ``KeyturnClientError`` where there is no first value.
    public func key(_ path: String, field: String? = nil) async throws(KeyturnClientError) -> KeyturnKey {
        let (value, etag) = try await read(path, field)
        return KeyturnKey(self, ValueReference(path: path, field: field), first: value, etag: etag)
    }

    private func read(
        _ path: String, _ field: String?
    ) async throws(KeyturnClientError) -> (value: KeyturnValue, etag: String?) {
        let reference = ValueReference(path: path, field: field)
        let served = try await patiently { () async throws(KeyturnClientError) in
            try await self.served(reference, unless: nil, wait: nil)
        }
        guard let value = served.value else {
            throw KeyturnClientError(.unexpectedReply, "the vault says that nothing changed, and was not asked that")
        }
        return (try KeyturnValue(value), served.etag)
    }
}
