/// When a quota is full again.
package enum QuotaRefill: String, Sendable, CaseIterable {
    /// Never: so many uses, and then it is over.
    case never
    /// At the first moment of each calendar month, UTC.
    case monthly
}

/// So many uses in all.
package struct Quota: Sendable, Hashable {
    /// The largest quota.
    package static let mostUses: Int64 = 1_000_000_000_000_000

    /// 1 to ``mostUses``.
    package var uses: Int64
    package var refill: QuotaRefill

    package init(uses: Int64, refill: QuotaRefill = .never) {
        self.uses = uses
        self.refill = refill
    }

    /// Whether ``uses`` is in its range.
    package var isValid: Bool { (1...Self.mostUses).contains(uses) }
}

/// All that a key may be used: both hold.
package struct Allowance: Sendable, Hashable {
    package var limits: RateLimits
    package var quota: Quota?

    package init(limits: RateLimits = .none, quota: Quota? = nil) {
        self.limits = limits
        self.quota = quota
    }

    /// Whether it may be used without end.
    package var isUnlimited: Bool { limits.limits.isEmpty && quota == nil }
}

/// Calendar months, UTC, counted from January 1970.
package enum CalendarMonth {
    /// The month in which `time` lies; milliseconds since 1970, before that the first.
    package static func containing(_ time: Int64) -> Int64 {
        let date = civil(days: max(0, time) / 86_400_000)
        return (date.year - 1970) * 12 + date.month - 1
    }

    /// The first millisecond of a month.
    package static func start(of month: Int64) -> Int64 {
        days(year: 1970 + month / 12, month: month % 12 + 1) * 86_400_000
    }

    /// The proleptic Gregorian date of a day; years begin in March here, so that the leap day is a year's last.
    private static func civil(days: Int64) -> (year: Int64, month: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month)
    }

    private static func days(year: Int64, month: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
