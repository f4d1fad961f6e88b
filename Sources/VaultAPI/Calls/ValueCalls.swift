/// The secret of one version: the reply of `GET /v1/values/{path}`.
package struct KeyValue: Codable, Equatable, Sendable {
    /// The key.
    package var path: String
    /// Its id.
    package var id: String
    /// The version.
    package var version: Int
    /// The stage that it is on, if any.
    package var stage: VersionStage?
    /// The secret, by name.
    package var fields: [String: SecretText]
    /// `base64` where a field is no text.
    package var encoding: FieldEncoding?
    /// When the key stops being served.
    package var expires: Timestamp?

    enum CodingKeys: String, CodingKey {
        case path, id, version, stage, fields, encoding, expires
    }

    package init(
        path: String, id: String, version: Int, stage: VersionStage? = nil, fields: [String: SecretText],
        encoding: FieldEncoding? = nil, expires: Timestamp? = nil
    ) {
        self.path = path
        self.id = id
        self.version = version
        self.stage = stage
        self.fields = fields
        self.encoding = encoding
        self.expires = expires
    }
}

/// Which value of which key.
package struct ValueReference: WireRequest, Equatable {
    /// The key.
    package var path: String
    /// One field; all of them unless said.
    package var field: String?
    /// One version; that of the stage unless said.
    package var version: Int?
    /// `current` unless said.
    package var stage: ServedStage?

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case path, field, version, stage
    }

    package init(path: String, field: String? = nil, version: Int? = nil, stage: ServedStage? = nil) {
        self.path = path
        self.field = field
        self.version = version
        self.stage = stage
    }
}

/// The body of `POST /v1/values`: 1 to 256 values, answered all or none, from one moment.
package struct ValuesRequest: WireRequest, Equatable {
    /// The values, in the order of the reply.
    package var keys: [ValueReference]

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case keys
    }

    package init(keys: [ValueReference]) {
        self.keys = keys
    }

    package init(from decoder: any Decoder) throws {
        keys = try decoder.container(keyedBy: CodingKeys.self).decodeStrictly([ValueReference].self, forKey: .keys)
    }
}

/// The reply of `POST /v1/values`.
package struct ValuesReply: Codable, Equatable, Sendable {
    /// In the order they were asked for.
    package var values: [KeyValue]

    enum CodingKeys: String, CodingKey {
        case values
    }

    package init(values: [KeyValue]) {
        self.values = values
    }
}
