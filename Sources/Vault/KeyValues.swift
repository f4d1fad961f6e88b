package import Policy
package import SecretMemory

/// Milliseconds since 1970-01-01T00:00:00Z.
package typealias Timestamp = Int64

/// One named part of a key's secret.
package struct SecretField: Sendable {
    /// `[a-z][a-z0-9_]*`, at most 64 characters.
    package var name: String
    /// At most 64 KiB.
    package var value: WipedBytes

    package init(name: String, value: WipedBytes) {
        self.name = name
        self.value = value
    }
}

/// Which generation of a key is wanted.
package enum VersionChoice: Sendable, Equatable {
    case current
    case previous
    case number(UInt32)
}

/// Where a version stands.
package enum Stage: String, Sendable {
    case current, pending, previous
}

/// A request for the values of one key.
package struct ValueQuery: Sendable {
    package var path: ResourcePath
    package var version: VersionChoice
    /// Only this field, or all.
    package var field: String?
    /// Which one of its kind the caller says to be: 1 to 64 characters of `[A-Za-z0-9._-]`, or nil.
    package var instance: String?

    package init(
        path: ResourcePath, version: VersionChoice = .current, field: String? = nil, instance: String? = nil
    ) {
        self.path = path
        self.version = version
        self.field = field
        self.instance = instance
    }
}

/// The values of one version of one key. An object: it is handed on often.
package final class RetrievedValues: Sendable {
    package let path: ResourcePath
    /// 32 lower-case hexadecimal digits.
    package let keyID: String
    package let version: UInt32
    package let stage: Stage?
    package let fields: [SecretField]
    package let expires: Timestamp?
    /// Names the key's id, the version, the stage and the fields; unquoted.
    package let etag: String

    init(
        path: ResourcePath, keyID: String, version: UInt32, stage: Stage?, fields: [SecretField], expires: Timestamp?,
        etag: String
    ) {
        self.path = path
        self.keyID = keyID
        self.version = version
        self.stage = stage
        self.fields = fields
        self.expires = expires
        self.etag = etag
    }
}

/// What a retrieval gives: the values, or word that the asker has them already.
package enum Retrieval: Sendable {
    case values(RetrievedValues)
    case unchanged(etag: String)
}
