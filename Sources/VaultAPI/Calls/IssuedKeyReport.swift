/// The reply of `GET /v1/issuers/{issuer}/keys/{id}`: an issued key, what it has left and what was counted of it. On the
/// wire these stand among the members of the record.
package struct IssuedKeyReport: Codable, Equatable, Sendable {
    package var record: IssuedKeyRecord
    /// What its limits and its quota have left; not there without either.
    package var left: Allowance?
    /// What was counted of it.
    package var usage: Usage

    /// What the limits and the quota of a key have left.
    package struct Allowance: Codable, Equatable, Sendable {
        /// How many uses would be allowed now: the least that a limit or the quota has left.
        package var remaining: Int
        package var limits: [LimitStanding]
        package var quota: QuotaStanding?

        enum CodingKeys: String, CodingKey {
            case remaining, limits, quota
        }

        package init(remaining: Int, limits: [LimitStanding], quota: QuotaStanding? = nil) {
            self.remaining = remaining
            self.limits = limits
            self.quota = quota
        }
    }

    /// What was counted: of an access key its requests, of others their verifications.
    package struct Usage: Codable, Equatable, Sendable {
        /// All that is still known: 400 days.
        package var total: UsageTotals
        /// The last 24 hours, ascending, without those in which nothing was counted.
        package var hours: [UsageInterval]
        /// The last 30 days, likewise.
        package var days: [UsageInterval]

        enum CodingKeys: String, CodingKey {
            case total, hours, days
        }

        package init(total: UsageTotals, hours: [UsageInterval], days: [UsageInterval]) {
            self.total = total
            self.hours = hours
            self.days = days
        }
    }

    enum CodingKeys: String, CodingKey {
        case left, usage
    }

    package init(record: IssuedKeyRecord, left: Allowance? = nil, usage: Usage) {
        self.record = record
        self.left = left
        self.usage = usage
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        left = try container.decodeIfPresent(Allowance.self, forKey: .left)
        usage = try container.decode(Usage.self, forKey: .usage)
        record = try IssuedKeyRecord(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(left, forKey: .left)
        try container.encode(usage, forKey: .usage)
    }
}
