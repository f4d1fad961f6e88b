/// The reply of `GET /v1/keys`: one page.
package struct KeyList: Codable, Equatable, Sendable {
    /// In order of their paths, without versions.
    package var keys: [KeyMetadata]
    /// Gives the next page; not there on the last one.
    package var cursor: String?

    enum CodingKeys: String, CodingKey {
        case keys, cursor
    }

    package init(keys: [KeyMetadata], cursor: String? = nil) {
        self.keys = keys
        self.cursor = cursor
    }
}

/// The reply of `DELETE /v1/keys/{path}`.
package struct DeleteReply: Codable, Equatable, Sendable {
    /// The key.
    package var path: String
    /// `trashed`.
    package var state: KeyState
    /// Until when it can be restored.
    package var purgeAfter: Timestamp
    /// Who read it within the last day, the latest first: they will miss it.
    package var readBy: [KeyUser]

    enum CodingKeys: String, CodingKey {
        case path
        case state
        case purgeAfter = "purge_after"
        case readBy = "read_by"
    }

    package init(path: String, state: KeyState, purgeAfter: Timestamp, readBy: [KeyUser] = []) {
        self.readBy = readBy
        self.path = path
        self.state = state
        self.purgeAfter = purgeAfter
    }
}

/// The reply of `POST /v1/keys/{path}:destroy`.
package struct DestroyReply: Codable, Equatable, Sendable {
    /// The key that was.
    package var path: String
    /// True.
    package var destroyed: Bool
    /// Who read it within the last day, the latest first.
    package var readBy: [KeyUser]

    enum CodingKeys: String, CodingKey {
        case path
        case destroyed
        case readBy = "read_by"
    }

    package init(path: String, destroyed: Bool, readBy: [KeyUser] = []) {
        self.readBy = readBy
        self.path = path
        self.destroyed = destroyed
    }
}
