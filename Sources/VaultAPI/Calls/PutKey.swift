/// The body of `PUT /v1/keys/{path}`: a new key, or a new version of one. Metadata that is left out stays as it is.
package struct PutKeyRequest: WireRequest, Equatable {
    /// The secret, by name; `value` is the main field.
    package var fields: [String: SecretText]
    /// How the fields are written; `utf8` unless said.
    package var encoding: FieldEncoding?
    /// A name for people.
    package var name: String?
    /// What it is for.
    package var description: String?
    /// Whose API it belongs to.
    package var provider: String?
    /// `private` unless said.
    package var visibility: Visibility?
    /// Words to find it by.
    package var tags: [String]?
    /// When it stops being served.
    package var expires: Timestamp?
    /// How long the version before is still honoured, such as `24h`.
    package var overlap: String?
    /// How it is to be replaced; stays as it is unless said.
    package var rotation: RotationRequest?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case fields, encoding, name, description, provider, visibility, tags, expires, overlap, rotation
    }

    package init(
        fields: [String: SecretText], encoding: FieldEncoding? = nil, name: String? = nil,
        description: String? = nil, provider: String? = nil, visibility: Visibility? = nil, tags: [String]? = nil,
        expires: Timestamp? = nil, overlap: String? = nil, rotation: RotationRequest? = nil
    ) {
        self.fields = fields
        self.encoding = encoding
        self.name = name
        self.description = description
        self.provider = provider
        self.visibility = visibility
        self.tags = tags
        self.expires = expires
        self.overlap = overlap
        self.rotation = rotation
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        fields = try container.decode([String: SecretText].self, forKey: .fields)
        encoding = try container.decodeIfPresent(FieldEncoding.self, forKey: .encoding)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        provider = try container.decodeIfPresent(String.self, forKey: .provider)
        visibility = try container.decodeIfPresent(Visibility.self, forKey: .visibility)
        tags = try container.decodeIfPresent([String].self, forKey: .tags)
        expires = try container.decodeIfPresent(Timestamp.self, forKey: .expires)
        overlap = try container.decodeIfPresent(String.self, forKey: .overlap)
        rotation = try container.decodeStrictlyIfPresent(RotationRequest.self, forKey: .rotation)
    }
}
