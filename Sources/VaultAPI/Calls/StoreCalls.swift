/// A record that is not what the vault sealed.
package struct DamagedRecord: Codable, Equatable, Sendable {
    /// What kind of record.
    package var kind: String
    /// The key it belongs to, or its row where that is not known.
    package var key: String
    /// The version of the key, where it is one.
    package var version: Int?

    enum CodingKeys: String, CodingKey {
        case kind, key, version
    }

    package init(kind: String, key: String, version: Int? = nil) {
        self.kind = kind
        self.key = key
        self.version = version
    }
}

/// The reply of `POST /v1/store:verify`: every record was opened.
package struct StoreVerification: Codable, Equatable, Sendable {
    /// How many heads were found whole.
    package var heads: Int
    /// How many of their children.
    package var children: Int
    /// What was not.
    package var damaged: [DamagedRecord]

    enum CodingKeys: String, CodingKey {
        case heads, children, damaged
    }

    package init(heads: Int, children: Int, damaged: [DamagedRecord]) {
        self.heads = heads
        self.children = children
        self.damaged = damaged
    }
}
