/// The body of `POST /v1/keys/{path}:rotate`; it may be left out.
package struct RotateRequest: WireRequest, Equatable {
    /// Whether the version before is ended at once where it is still honoured; else that refuses the rotation.
    package var endOverlap: Bool?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case endOverlap = "end_overlap"
    }

    package init(endOverlap: Bool? = nil) {
        self.endOverlap = endOverlap
    }
}

/// The body of `POST /v1/keys/{path}:acknowledge`; it may be left out.
package struct AcknowledgeRequest: WireRequest, Equatable {
    /// The version that the caller uses now; the current one unless said.
    package var version: Int?
    /// Which of the caller's instances.
    package var instance: String?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case version, instance
    }

    package init(version: Int? = nil, instance: String? = nil) {
        self.version = version
        self.instance = instance
    }
}

/// The reply of `POST /v1/keys/{path}:acknowledge`.
package struct AcknowledgeReply: Codable, Equatable, Sendable {
    /// The key.
    package var path: String
    /// The version that was acknowledged.
    package var version: Int

    enum CodingKeys: String, CodingKey {
        case path, version
    }

    package init(path: String, version: Int) {
        self.path = path
        self.version = version
    }
}

/// One key in the list of rotations. On the wire the members of its rotation stand among its own.
package struct RotationEntry: Codable, Equatable, Sendable {
    /// The key.
    package var path: String
    /// Its id.
    package var id: String
    /// The version that is served.
    package var current: Int
    /// The version before it, where it is still honoured.
    package var previous: Int?
    /// How long that is.
    package var previousUntil: Timestamp?
    /// Its settings, and where it stands.
    package var rotation: KeyRotation

    enum CodingKeys: String, CodingKey {
        case path, id, current, previous
        case previousUntil = "previous_until"
    }

    package init(
        path: String, id: String, current: Int, previous: Int? = nil, previousUntil: Timestamp? = nil,
        rotation: KeyRotation
    ) {
        self.path = path
        self.id = id
        self.current = current
        self.previous = previous
        self.previousUntil = previousUntil
        self.rotation = rotation
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        path = try container.decode(String.self, forKey: .path)
        id = try container.decode(String.self, forKey: .id)
        current = try container.decode(Int.self, forKey: .current)
        previous = try container.decodeIfPresent(Int.self, forKey: .previous)
        previousUntil = try container.decodeIfPresent(Timestamp.self, forKey: .previousUntil)
        rotation = try KeyRotation(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try rotation.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        try container.encode(id, forKey: .id)
        try container.encode(current, forKey: .current)
        try container.encodeIfPresent(previous, forKey: .previous)
        try container.encodeIfPresent(previousUntil, forKey: .previousUntil)
    }
}

/// The reply of `GET /v1/rotations`: one page.
package struct RotationList: Codable, Equatable, Sendable {
    /// The keys, in the order in which they are due.
    package var rotations: [RotationEntry]
    /// Gives the next page; not there on the last one.
    package var cursor: String?

    enum CodingKeys: String, CodingKey {
        case rotations, cursor
    }

    package init(rotations: [RotationEntry], cursor: String? = nil) {
        self.rotations = rotations
        self.cursor = cursor
    }
}

/// The reply of `POST /v1/seal:confirm-time`.
package struct ConfirmTimeReply: Codable, Equatable, Sendable {
    /// The time that is believed now.
    package var time: Timestamp

    enum CodingKeys: String, CodingKey {
        case time
    }

    package init(time: Timestamp) {
        self.time = time
    }
}

/// The reply of `POST /v1/rotations:restored`.
package struct RotationsRestoredReply: Codable, Equatable, Sendable {
    /// How many keys' providers are asked before their rotation goes on.
    package var keys: Int

    enum CodingKeys: String, CodingKey {
        case keys
    }

    package init(keys: Int) {
        self.keys = keys
    }
}
