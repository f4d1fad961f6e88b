extension Page {
    /// Issuers, the keys of one, and access keys, which are the built-in issuer's.
    static let issuedKeys: [Page] =
        [
            Page(.get, "/issuers") { try IssuerList.show($0) },
            Page(.get, "/issuers:add") { IssuerForm.new($0) },
            Page(.post, "/issuers:add", bytes: 256 * 1024) { try await IssuerForm.create($0) },
            Page(.get, "/issuers/{issuer}:edit") { try IssuerForm.edit($0) },
            Page(.post, "/issuers/{issuer}:edit", bytes: 256 * 1024) { try await IssuerForm.change($0) },
            Page(.get, "/issuers/{issuer}:delete") { try IssuerRemoval.ask($0) },
            Page(.post, "/issuers/{issuer}:delete") { try await IssuerRemoval.remove($0) },
            Page(.get, "/issuers:find") { KeyFinder.ask($0) },
            Page(.post, "/issuers:find", bytes: 8 * 1024) { try KeyFinder.find($0) },
        ] + family("/issuers/{issuer}", keys: "/issuers/{issuer}/keys/{id}") + family("/access", keys: "/access/{id}")

    private static func family(_ list: String, keys: String) -> [Page] {
        [
            Page(.get, list) { try IssuedKeyList.show($0) },
            Page(.get, list + ":issue") { try IssueForm.show($0) },
            Page(.post, list + ":issue", bytes: 64 * 1024) { try await IssueForm.issue($0) },
            Page(.get, keys) { try IssuedKeyDetail.show($0) },
            Page(.get, keys + ":shown") { try IssuedKeyShown.show($0) },
            Page(.get, keys + ":roll") { try IssuedKeyRolling.ask($0) },
            Page(.post, keys + ":roll") { try await IssuedKeyRolling.roll($0) },
            Page(.get, keys + ":revoke") { try IssuedKeyRevoking.ask($0) },
            Page(.post, keys + ":revoke") { try await IssuedKeyRevoking.revoke($0) },
            Page(.post, keys + ":disable") { try await IssuedKeyRevoking.disable($0) },
            Page(.post, keys + ":enable") { try await IssuedKeyRevoking.enable($0) },
        ]
    }
}
