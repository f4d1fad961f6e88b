/// One key of an import.
package struct ImportedKey: WireRequest, Equatable {
    /// Where it is to be.
    package var path: String
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

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case path, fields, encoding, name, description, provider, visibility, tags, expires
    }

    package init(
        path: String, fields: [String: SecretText], encoding: FieldEncoding? = nil, name: String? = nil,
        description: String? = nil, provider: String? = nil, visibility: Visibility? = nil, tags: [String]? = nil,
        expires: Timestamp? = nil
    ) {
        self.path = path
        self.fields = fields
        self.encoding = encoding
        self.name = name
        self.description = description
        self.provider = provider
        self.visibility = visibility
        self.tags = tags
        self.expires = expires
    }
}

/// The body of `POST /v1/keys:import`: up to 1,000 keys, all stored or none.
package struct ImportRequest: WireRequest, Equatable {
    /// The keys.
    package var keys: [ImportedKey]
    /// Whether a key that is there already gets a new version instead of being refused.
    package var replace: Bool?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case keys, replace
    }

    package init(keys: [ImportedKey], replace: Bool? = nil) {
        self.keys = keys
        self.replace = replace
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        keys = try container.decodeStrictly([ImportedKey].self, forKey: .keys)
        replace = try container.decodeIfPresent(Bool.self, forKey: .replace)
    }
}

/// The reply of `POST /v1/keys:import`.
package struct ImportReply: Codable, Equatable, Sendable {
    /// The paths of new keys, in the order of the request.
    package var created: [String]
    /// The paths of keys that were there and have a new version, also where it says what the one before said: whoever may
    /// write and not read is not told whether a value was right.
    package var replaced: [String]

    enum CodingKeys: String, CodingKey {
        case created, replaced
    }

    package init(created: [String], replaced: [String] = []) {
        self.created = created
        self.replaced = replaced
    }
}
