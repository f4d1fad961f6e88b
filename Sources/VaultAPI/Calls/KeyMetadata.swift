/// Everything about a key but its secret: the reply of `GET`, `PUT` and `PATCH /v1/keys/{path}` and of `:restore`.
package struct KeyMetadata: Codable, Equatable, Sendable {
    /// Where it is.
    package var path: String
    /// 32 hexadecimal digits; another key at the same path later has another id.
    package var id: String
    /// A name for people; may be empty.
    package var name: String
    /// What it is for; may be empty.
    package var description: String
    /// Whose API it belongs to; may be empty.
    package var provider: String
    /// `private` or `public`.
    package var visibility: Visibility
    /// Words to find it by.
    package var tags: [String]
    /// The start of its value, as far as it may be shown; may be empty.
    package var prefix: String
    /// When it was made.
    package var created: Timestamp
    /// When its metadata or versions last changed.
    package var updated: Timestamp
    /// When it stops being served.
    package var expires: Timestamp?
    /// When it was put in the trash.
    package var deleted: Timestamp?
    /// When the trash destroys it.
    package var purgeAfter: Timestamp?
    /// When a value was last fetched.
    package var lastUsed: Timestamp?
    /// Who fetched it.
    package var lastUsedBy: String?
    /// Where it is in its life.
    package var state: KeyState
    /// How many versions there are.
    package var versionCount: Int
    /// The versions, newest first; left out in lists.
    package var versions: [KeyVersion]?
    /// The version that is served.
    package var current: Int
    /// The version before it, where it is still honoured.
    package var previous: Int?
    /// How long that is.
    package var previousUntil: Timestamp?
    /// How it is replaced, and where that stands; not there where it is not rotated.
    package var rotation: KeyRotation?

    enum CodingKeys: String, CodingKey {
        case path
        case id
        case name
        case description
        case provider
        case visibility
        case tags
        case prefix
        case created
        case updated
        case expires
        case deleted
        case purgeAfter = "purge_after"
        case lastUsed = "last_used"
        case lastUsedBy = "last_used_by"
        case state
        case versionCount = "version_count"
        case versions
        case current
        case previous
        case previousUntil = "previous_until"
        case rotation
    }

    package init(
        path: String, id: String, name: String, description: String, provider: String, visibility: Visibility,
        tags: [String], prefix: String, created: Timestamp, updated: Timestamp, expires: Timestamp? = nil,
        deleted: Timestamp? = nil, purgeAfter: Timestamp? = nil, lastUsed: Timestamp? = nil,
        lastUsedBy: String? = nil, state: KeyState, versionCount: Int, versions: [KeyVersion]? = nil, current: Int,
        previous: Int? = nil, previousUntil: Timestamp? = nil, rotation: KeyRotation? = nil
    ) {
        self.path = path
        self.id = id
        self.name = name
        self.description = description
        self.provider = provider
        self.visibility = visibility
        self.tags = tags
        self.prefix = prefix
        self.created = created
        self.updated = updated
        self.expires = expires
        self.deleted = deleted
        self.purgeAfter = purgeAfter
        self.lastUsed = lastUsed
        self.lastUsedBy = lastUsedBy
        self.state = state
        self.versionCount = versionCount
        self.versions = versions
        self.current = current
        self.previous = previous
        self.previousUntil = previousUntil
        self.rotation = rotation
    }
}

/// One generation of a key's secret.
package struct KeyVersion: Codable, Equatable, Sendable {
    /// From 1; a number is never used again.
    package var version: Int
    /// Which of the stages it is on, if any.
    package var stage: VersionStage?
    /// When it was made.
    package var created: Timestamp
    /// Who made it.
    package var createdBy: String
    /// The start of its value, as far as it may be shown.
    package var prefix: String
    /// The names of its fields.
    package var fields: [String]

    enum CodingKeys: String, CodingKey {
        case version
        case stage
        case created
        case createdBy = "created_by"
        case prefix
        case fields
    }

    package init(
        version: Int, stage: VersionStage? = nil, created: Timestamp, createdBy: String, prefix: String,
        fields: [String]
    ) {
        self.version = version
        self.stage = stage
        self.created = created
        self.createdBy = createdBy
        self.prefix = prefix
        self.fields = fields
    }
}
