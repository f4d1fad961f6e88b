/// What an edit does with one piece of metadata.
package enum Edit<Value: Codable & Equatable & Sendable>: Equatable, Sendable {
    /// The member is not there: it stays as it is.
    case unchanged
    /// The member is `null`: it is taken away.
    case cleared
    /// The new value.
    case set(Value)
}

/// The body of `PATCH /v1/keys/{path}`. A member that is left out stays as it is; `null` takes it away.
package struct EditKeyRequest: WireRequest, Equatable {
    /// A name for people.
    package var name: Edit<String>
    /// What it is for.
    package var description: Edit<String>
    /// Whose API it belongs to.
    package var provider: Edit<String>
    /// `null` is `private`.
    package var visibility: Edit<Visibility>
    /// Words to find it by; the list replaces the one before.
    package var tags: Edit<[String]>
    /// When it stops being served.
    package var expires: Edit<Timestamp>
    /// How it is to be replaced; what is given takes the place of all that was said of it before.
    package var rotation: Edit<RotationRequest>

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, description, provider, visibility, tags, expires, rotation
    }

    package init(
        name: Edit<String> = .unchanged, description: Edit<String> = .unchanged, provider: Edit<String> = .unchanged,
        visibility: Edit<Visibility> = .unchanged, tags: Edit<[String]> = .unchanged,
        expires: Edit<Timestamp> = .unchanged, rotation: Edit<RotationRequest> = .unchanged
    ) {
        self.name = name
        self.description = description
        self.provider = provider
        self.visibility = visibility
        self.tags = tags
        self.expires = expires
        self.rotation = rotation
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeEdit(forKey: .name)
        description = try container.decodeEdit(forKey: .description)
        provider = try container.decodeEdit(forKey: .provider)
        visibility = try container.decodeEdit(forKey: .visibility)
        tags = try container.decodeEdit(forKey: .tags)
        expires = try container.decodeEdit(forKey: .expires)
        rotation = try container.decodeStrictEdit(forKey: .rotation)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(description, forKey: .description)
        try container.encode(provider, forKey: .provider)
        try container.encode(visibility, forKey: .visibility)
        try container.encode(tags, forKey: .tags)
        try container.encode(expires, forKey: .expires)
        try container.encode(rotation, forKey: .rotation)
    }
}

extension KeyedDecodingContainer {
    func decodeEdit<Value>(forKey key: Key) throws -> Edit<Value> {
        guard contains(key) else { return .unchanged }
        return try decodeNil(forKey: key) ? .cleared : .set(decode(Value.self, forKey: key))
    }

    /// A request inside an edit, as strict as on its own.
    func decodeStrictEdit<Request: WireRequest & Equatable>(forKey key: Key) throws -> Edit<Request> {
        guard contains(key) else { return .unchanged }
        return try decodeNil(forKey: key) ? .cleared : .set(decode(Strict<Request>.self, forKey: key).value)
    }
}

extension KeyedEncodingContainer {
    mutating func encode<Value>(_ edit: Edit<Value>, forKey key: Key) throws {
        switch edit {
        case .unchanged: break
        case .cleared: try encodeNil(forKey: key)
        case .set(let value): try encode(value, forKey: key)
        }
    }
}
