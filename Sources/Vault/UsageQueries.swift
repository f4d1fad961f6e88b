package import Policy
package import Usage

/// Whose counts are asked for.
package enum UsageTarget: Sendable, Equatable {
    /// Everything together.
    case all
    case key(ResourcePath)
    /// `access-key:<id>`, `unix-user:<number>`, an access key's id, or a name that one caller has.
    case caller(String)
    case issuer(String)
    /// By id.
    case issuedKey(String)
}

/// What was counted of one subject.
package struct UsageReport: Sendable, Equatable {
    package var target: UsageTarget
    /// A caller as audit entries and records name it; a key's path; an issuer's name; an issued key's id.
    package var name: String
    /// A caller's or an issued key's own name, where it has one.
    package var label: String
    package var total: UsageCounts
    package var periods: [UsagePeriod]
    package var lastUsed: Timestamp?
    package var lastUsedBy: String?
    /// Of a key: who read it, the latest first.
    package var readers: [KeyReader]
}

/// Somebody who read a key.
package struct KeyReader: Sendable, Equatable {
    /// `access-key:<id>`, with the id of the first of its line, or `unix-user:<number>`.
    package var caller: String
    package var name: String
    package var last: Timestamp
    package var reads: UInt64
}

/// What a list of usage is of.
package enum UsageKind: String, CaseIterable, Sendable {
    case keys, callers
    case issuedKeys = "issued-keys"
}

/// A subject in a list of the most used, the unused, or those about to expire.
package struct UsageItem: Sendable, Equatable {
    /// A path, an id, or `access-key:<id>`.
    package var name: String
    package var label: String
    package var issuer: String?
    package var counts: UsageCounts?
    package var created: Timestamp?
    package var expires: Timestamp?
    package var lastUsed: Timestamp?
    package var lastUsedBy: String?
}

/// A list, and how many it would hold were it not cut.
package struct UsageList: Sendable, Equatable {
    package var items: [UsageItem]
    package var count: Int
}
