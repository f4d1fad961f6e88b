/// By what counts are cut.
package enum UsageStep: String, WireWord {
    case hour, day
}

/// What a list of usage is of.
package enum UsageOf: String, WireWord {
    case keys, callers
    case issuedKeys = "issued-keys"
}

/// By what the most used are chosen.
package enum UsageMeasure: String, WireWord {
    case reads, actions, refusals, verifications
}

/// How often things happened.
package struct UsageTotals: Codable, Equatable, Sendable {
    /// Values that were handed out, or found to be the ones that the caller has.
    package var reads: UInt64
    /// Anything else that was done.
    package var actions: UInt64
    /// What was refused or failed, by code.
    package var refusals: [String: UInt64]
    /// How often issued keys were verified, by code.
    package var verifications: [String: UInt64]

    enum CodingKeys: String, CodingKey {
        case reads, actions, refusals, verifications
    }

    package init(
        reads: UInt64, actions: UInt64, refusals: [String: UInt64], verifications: [String: UInt64]
    ) {
        self.reads = reads
        self.actions = actions
        self.refusals = refusals
        self.verifications = verifications
    }
}

/// The counts of one hour or day.
package struct UsageInterval: Codable, Equatable, Sendable {
    /// When it began; hours and days are those of UTC.
    package var start: Timestamp
    /// The counts.
    package var counts: UsageTotals

    enum CodingKeys: String, CodingKey {
        case start, counts
    }

    package init(start: Timestamp, counts: UsageTotals) {
        self.start = start
        self.counts = counts
    }
}

/// Somebody who read a key.
package struct KeyUser: Codable, Equatable, Sendable {
    /// `access-key:<id>`, with the id of the first of its line, or `unix-user:<number>`.
    package var caller: String
    /// Its name; may be empty.
    package var name: String
    /// When last.
    package var last: Timestamp
    /// How often, since it is known by name.
    package var reads: UInt64

    enum CodingKeys: String, CodingKey {
        case caller, name, last, reads
    }

    package init(caller: String, name: String, last: Timestamp, reads: UInt64) {
        self.caller = caller
        self.name = name
        self.last = last
        self.reads = reads
    }
}

/// One of the most used, the unused, or those about to expire.
package struct UsageEntry: Codable, Equatable, Sendable {
    /// A key's path, an issued key's id, or a caller.
    package var subject: String
    /// Its name; may be empty.
    package var name: String
    /// Of an issued key.
    package var issuer: String?
    /// When it was made.
    package var created: Timestamp?
    /// When it expires.
    package var expires: Timestamp?
    /// When it was last used; not there where it never was.
    package var lastUsed: Timestamp?
    /// Who used it; of an issued key: from where.
    package var lastUsedBy: String?
    /// Among the most used: the counts.
    package var counts: UsageTotals?

    enum CodingKeys: String, CodingKey {
        case subject
        case name
        case issuer
        case created
        case expires
        case lastUsed = "last_used"
        case lastUsedBy = "last_used_by"
        case counts
    }

    package init(
        subject: String, name: String, issuer: String? = nil, created: Timestamp? = nil, expires: Timestamp? = nil,
        lastUsed: Timestamp? = nil, lastUsedBy: String? = nil, counts: UsageTotals? = nil
    ) {
        self.subject = subject
        self.name = name
        self.issuer = issuer
        self.created = created
        self.expires = expires
        self.lastUsed = lastUsed
        self.lastUsedBy = lastUsedBy
        self.counts = counts
    }
}

/// The reply of `GET /v1/usage`: the counts of one subject, or a list.
package struct UsageReply: Codable, Equatable, Sendable {
    /// Whose counts these are: a path, a caller, an issuer or an id; not there for everything together and for lists.
    package var subject: String?
    /// Its name, where it has one.
    package var name: String?
    /// All that was counted in the time that was asked for.
    package var total: UsageTotals?
    /// The same by hour or day, ascending, without those in which nothing was counted.
    package var periods: [UsageInterval]?
    /// When it was last used.
    package var lastUsed: Timestamp?
    /// Who used it last.
    package var lastUsedBy: String?
    /// Of a key: who read it, the latest first; the latest sixteen.
    package var readBy: [KeyUser]?
    /// The list that was asked for.
    package var entries: [UsageEntry]?
    /// How many entries the list would have without a limit.
    package var count: Int?

    enum CodingKeys: String, CodingKey {
        case subject
        case name
        case total
        case periods
        case lastUsed = "last_used"
        case lastUsedBy = "last_used_by"
        case readBy = "read_by"
        case entries
        case count
    }

    package init(
        subject: String? = nil, name: String? = nil, total: UsageTotals? = nil, periods: [UsageInterval]? = nil,
        lastUsed: Timestamp? = nil, lastUsedBy: String? = nil, readBy: [KeyUser]? = nil,
        entries: [UsageEntry]? = nil, count: Int? = nil
    ) {
        self.subject = subject
        self.name = name
        self.total = total
        self.periods = periods
        self.lastUsed = lastUsed
        self.lastUsedBy = lastUsedBy
        self.readBy = readBy
        self.entries = entries
        self.count = count
    }
}
