package import Policy

/// Whether a key may be embedded where anybody can read it.
package enum Visibility: String, Sendable, CaseIterable {
    case `private`, `public`
}

/// Whether a key can be retrieved.
package enum KeyState: String, Sendable, CaseIterable {
    case active, expired, trashed
}

/// Everything about a key but its values.
package struct KeyMetadata: Sendable, Equatable {
    package struct Version: Sendable, Equatable {
        package var number: UInt32
        package var stage: Stage?
        package var created: Timestamp
        package var createdBy: String
        package var prefix: String
        package var fields: [String]
    }

    package var path: ResourcePath
    /// 32 lower-case hexadecimal digits.
    package var id: String
    package var name: String
    package var description: String
    package var provider: String
    package var visibility: Visibility
    package var tags: [String]
    /// The displayable start of the current value.
    package var prefix: String
    package var created: Timestamp
    package var updated: Timestamp
    package var expires: Timestamp?
    package var deleted: Timestamp?
    package var purgeAfter: Timestamp?
    package var lastUsed: Timestamp?
    package var lastUsedBy: String?
    package var state: KeyState
    package var versions: [Version]
    package var current: UInt32
    package var previous: UInt32?
    package var previousUntil: Timestamp?
    /// How it is rotated; nil: not.
    package var rotation: RotationReport?
    /// Changes with every change of the key; unquoted.
    package var etag: String
}

/// A change of metadata: nil leaves, `.some(nil)` clears where that is possible.
package struct MetadataChange: Sendable {
    package var name: String?
    package var description: String?
    package var provider: String?
    package var visibility: Visibility?
    package var tags: [String]?
    package var expires: Timestamp??
    package var rotation: RotationChange?

    package init(
        name: String? = nil, description: String? = nil, provider: String? = nil, visibility: Visibility? = nil,
        tags: [String]? = nil, expires: Timestamp?? = nil, rotation: RotationChange? = nil
    ) {
        self.name = name
        self.description = description
        self.provider = provider
        self.visibility = visibility
        self.tags = tags
        self.expires = expires
        self.rotation = rotation
    }
}

/// What a change expects of the key before it.
package enum Precondition: Sendable, Equatable {
    case none
    /// The key's etag is one of these (unquoted), or any key at all for `*`.
    case matches([String])
    /// There is no such key.
    case absent
}

/// A new key, or a new version of one.
package struct KeyWrite: Sendable {
    package var path: ResourcePath
    package var fields: [SecretField]
    package var metadata: MetadataChange
    /// How long the version before stays valid, in milliseconds; nil: until the next version.
    package var overlap: Int64?
    package var precondition: Precondition
    /// How it is rotated from then on; nil: as before.
    package var rotation: RotationChange? {
        get { metadata.rotation }
        set { metadata.rotation = newValue }
    }

    package init(
        path: ResourcePath, fields: [SecretField], metadata: MetadataChange = MetadataChange(), overlap: Int64? = nil,
        precondition: Precondition = .none
    ) {
        self.path = path
        self.fields = fields
        self.metadata = metadata
        self.overlap = overlap
        self.precondition = precondition
    }
}

/// Which keys to list.
package struct KeyQuery: Sendable {
    /// Only the subtree at this path; a trailing slash makes no difference. Empty: everything.
    package var prefix: String
    /// Words that must all occur in path, name, description, provider, tags or prefix, in any case.
    package var words: [String]
    package var tag: String?
    package var provider: String?
    /// nil: active and expired.
    package var state: KeyState?
    /// Whether trashed keys are listed beside the others.
    package var everything: Bool
    /// 1 to 1,000.
    package var limit: Int
    /// Where the page before ended.
    package var cursor: String?

    package init(
        prefix: String = "", words: [String] = [], tag: String? = nil, provider: String? = nil, state: KeyState? = nil,
        everything: Bool = false, limit: Int = 100, cursor: String? = nil
    ) {
        self.prefix = prefix
        self.words = words
        self.tag = tag
        self.provider = provider
        self.state = state
        self.everything = everything
        self.limit = limit
        self.cursor = cursor
    }
}

/// A page of a list.
package struct Page<Item: Sendable>: Sendable {
    package var items: [Item]
    /// What to ask with for the next page; nil on the last.
    package var cursor: String?
}
