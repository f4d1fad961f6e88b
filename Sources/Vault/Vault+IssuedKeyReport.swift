package import IssuedKeys
internal import Sealing
package import Usage

extension Vault {
    /// One key with what was counted of it and what it has left. Who may see the key may see this.
    ///
    /// - Throws: as ``issuedKey(_:of:id:)`` does.
    package func issuedKeyReport(
        _ requester: Requester, of issuer: String, id: String
    ) throws(VaultError) -> IssuedKeyReport {
        let (known, entry) = try admitToSee(requester, issuer: issuer, id: id)
        var admitted = known
        return try audited(&admitted) { (admitted) throws(VaultError) in
            var report = IssuedKeyReport(record: entry.record(at: admitted.now), time: admitted.now)
            if let meter = entry.meter {
                (report.windows, report.quota) = meter.standing(
                    at: admitted.open.leases.clock.now, calendar: admitted.now)
            }
            let subject = UsageSubject(.issuedKey, entry.stored.id)
            let now = admitted.now
            let counted = trail.usage.read { book in
                (
                    book.counts(of: subject),
                    book.periods(of: subject, by: .hour, in: UsageSpan(since: now - IssuedKeyReport.recentHours)),
                    book.periods(of: subject, by: .day, in: UsageSpan(since: now - IssuedKeyReport.recentDays))
                )
            }
            guard let counted else { throw VaultError.sealed() }
            (report.total, report.hours, report.days) = counted
            return report
        }
    }
}

/// An issued key, what was counted of it, and what it has left. Of an access key its requests are counted, of others
/// their verifications.
package struct IssuedKeyReport: Sendable, Equatable {
    package var record: IssuedKeyRecord
    /// When it was made, by the vault's clock: resets are counted from then.
    package var time: Timestamp
    /// What is left of each limit.
    package var windows: [WindowStanding] = []
    /// What is left of the quota.
    package var quota: QuotaStanding?
    /// All that is still known.
    package var total = UsageCounts()
    /// The last 24 hours, those in which something was counted.
    package var hours: [UsagePeriod] = []
    /// The last 30 days, likewise.
    package var days: [UsagePeriod] = []

    fileprivate static let recentHours: Int64 = 23 * 3_600_000
    fileprivate static let recentDays: Int64 = 29 * 86_400_000
}
