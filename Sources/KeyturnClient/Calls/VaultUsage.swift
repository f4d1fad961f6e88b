package import VaultAPI

/// Which counts, or which list.
package struct UsageSearch: Sendable, Equatable {
    package var key: String?
    package var caller: String?
    package var issuer: String?
    package var issuedKey: String?
    package var by: UsageStep?
    package var since: Timestamp?
    package var until: Timestamp?
    package var top: UsageOf?
    package var measure: UsageMeasure?
    package var unused: String?
    package var expiring: String?
    package var of: UsageOf?
    package var limit: Int?

    package init() {}
}

extension KeyturnVault {
    /// `GET /v1/usage`.
    package func usage(_ search: UsageSearch) async throws(KeyturnClientError) -> UsageReply {
        var call = Call(.get, "/v1/usage")
        call.ask("key", search.key)
        call.ask("caller", search.caller)
        call.ask("issuer", search.issuer)
        call.ask("issued_key", search.issuedKey)
        call.ask("by", search.by?.rawValue)
        call.ask("since", search.since?.description)
        call.ask("until", search.until?.description)
        call.ask("top", search.top?.rawValue)
        call.ask("measure", search.measure?.rawValue)
        call.ask("unused", search.unused)
        call.ask("expiring", search.expiring)
        call.ask("of", search.of?.rawValue)
        call.ask("limit", search.limit)
        return try await send(call)
    }
}
