internal import IssuedKeys
internal import Usage
internal import Vault
internal import VaultAPI

extension Operations {
    func inspectIssuedKey() throws -> Reply {
        let report = try vault.issuedKeyReport(requester, of: parameter("issuer"), id: parameter("id"))
        return try Reply(json: VaultAPI.IssuedKeyReport(report))
    }
}

extension VaultAPI.IssuedKeyReport {
    fileprivate init(_ report: EngineIssuedKeyReport) {
        func moment(_ after: Int64) -> VaultAPI.Timestamp { VaultAPI.Timestamp(milliseconds: report.time + after) }
        let limits = report.windows.map {
            LimitStanding(limit: $0.limit.description, remaining: Int($0.remaining), resets: moment($0.reset))
        }
        let quota = report.quota.map {
            VaultAPI.QuotaStanding(
                uses: Int($0.quota.uses), used: Int($0.used), remaining: Int($0.remaining),
                refill: VaultAPI.QuotaRefill($0.quota.refill), resets: $0.reset.map { moment($0) })
        }
        let least = (limits.map(\.remaining) + [quota?.remaining].compactMap { $0 }).min()
        self.init(
            record: VaultAPI.IssuedKeyRecord(report.record),
            left: least.map { Allowance(remaining: $0, limits: limits, quota: quota) },
            usage: Usage(
                total: UsageTotals(report.total), hours: report.hours.map { UsageInterval($0) },
                days: report.days.map { UsageInterval($0) }))
    }
}

extension UsageInterval {
    init(_ period: UsagePeriod) {
        self.init(start: VaultAPI.Timestamp(milliseconds: period.start), counts: UsageTotals(period.counts))
    }
}
