extension Page {
    /// The audit log: searching it, following it, verifying it.
    static let audit: [Page] = [
        Page(.get, "/audit") { try await AuditSearch.show($0) },
        Page(.get, "/audit:follow") { try await AuditFollowing.show($0) },
        Page(.get, "/audit:verify") { try AuditCheck.show($0) },
        Page(.post, "/audit:verify") { try AuditCheck.begin($0) },
        Page(.post, "/audit:stop") { try AuditCheck.stop($0) },
    ]
}
