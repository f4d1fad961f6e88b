internal import Policy
internal import Usage
internal import Vault

extension Page {
    /// Who uses what: charts out of the counters.
    static let usage: [Page] = [Page(.get, "/usage") { try await UsageOverview.show($0) }]
}

/// Requests by outcome, the keys that are read most, those that nobody reads, and how long requests take.
enum UsageOverview {
    private static let template = Template(PackageResources.usage_mustache)
    /// Requests whose time is looked at: as many as one search gives.
    private static let measured = 1_000

    private static let spans: [(name: String, label: String, columns: Int, step: UsageBook.Step)] = [
        ("24h", "24 hours", 24, .hour), ("7d", "7 days", 7, .day), ("30d", "30 days", 30, .day),
        ("90d", "90 days", 90, .day),
    ]
    private static let idle = [("30d", "30 days"), ("90d", "90 days"), ("365d", "a year")]

    private static let filters = FilterWords(
        filters: ["span", "idle"], beside: [], words: [("span", spans.map { $0.name }), ("idle", idle.map { $0.0 })])

    static func show(_ visit: Visit) async throws -> Answer {
        let span = spans.first { $0.name == visit.query["span"] } ?? spans[2]
        let unusedFor = idle.first { $0.0 == visit.query["idle"] } ?? idle[1]
        let length = span.step == .hour ? ChartDay.hour : ChartDay.length
        let last = visit.now - visit.now % length
        let since = last - Int64(span.columns - 1) * length
        let range = UsageSpan(since: since, until: .max)
        let report = try visit.vault.usage(visit.requester, .all, by: span.step, in: range)
        let keys = try top(visit, .keys, .reads, range)
        let callers = try top(visit, .callers, .reads, range)
        let refused = try top(visit, .callers, .refusals, range)
        let issued = try top(visit, .issuedKeys, .verifications, range)
        let unused = try visit.vault.unused(
            visit.requester, .keys, for: (Int64(unusedFor.0.dropLast()) ?? 90) * ChartDay.length, limit: 20)
        let times = try await times(visit)
        return .page(
            template,
            [
                "title": "Usage", "unknown": filters.unknown(in: visit.query),
                "spans": spans.map { ["value": $0.name, "label": $0.label, "selected": $0.name == span.name] as View },
                "idles": idle.map { ["value": $0.0, "label": $0.1, "selected": $0.0 == unusedFor.0] as View },
                "outcomes": outcomes(report, span.columns, since, length, span.step).view,
                "codes": codes(report).view,
                "keys": rows(keys, "Most read keys", "Key", "Reads") {
                    $0.reads
                } href: {
                    Visit.link($0.name)
                }.view,
                "callers": rows(callers, "Callers that read most", "Caller", "Reads") {
                    $0.reads
                } href: {
                    caller($0)
                }.view,
                "refused": rows(refused, "Callers that were refused", "Caller", "Refusals") {
                    $0.refused
                } href: {
                    caller($0)
                }.view,
                "issued": rows(issued, "Issued keys that were verified most", "Key", "Verifications") {
                    $0.verified
                } href: { item in
                    item.issuer.map { KeyFamily(issuer: $0).key(item.name) }
                }.view,
                "unused": unused.items.map { self.unused($0, visit) }, "unused_count": unused.count,
                "none_unused": unused.items.isEmpty, "idle_label": unusedFor.1,
                "unused_more": unused.count > unused.items.count ? unused.count - unused.items.count : false as Any,
                "latency": LatencyClasses.chart(times, title: "Time of the last \(times.count) requests").view,
                "half": LatencyClasses.quantile(times, 0.5).map(LatencyClasses.words).shown,
                "slow": LatencyClasses.quantile(times, 0.99).map(LatencyClasses.words).shown,
            ])
    }

    private static func top(
        _ visit: Visit, _ kind: UsageKind, _ measure: UsageBook.Measure, _ range: UsageSpan
    ) throws -> UsageList {
        try visit.vault.topUsage(visit.requester, kind, by: measure, in: range, limit: 10)
    }

    // MARK: Charts

    private static func outcomes(
        _ report: UsageReport, _ count: Int, _ since: Int64, _ length: Int64, _ step: UsageBook.Step
    ) -> StackedChart {
        let counted = Dictionary(report.periods.map { ($0.start, $0.counts) }, uniquingKeysWith: { first, _ in first })
        let columns = (0..<count).map { place -> StackedChart.Column in
            let start = since + Int64(place) * length
            let counts = counted[start] ?? UsageCounts()
            let valid = counts.verifications["VALID"] ?? 0
            let day = ChartDay(of: start)
            return StackedChart.Column(
                label: step == .hour ? ChartDay.hourLabel(start) : day.long,
                tick: step == .hour ? ChartDay.hourLabel(start) : day.short,
                counts: [
                    counts.reads, counts.actions, valid, counts.refused &+ (counts.verified &- valid),
                ])
        }
        return StackedChart(
            id: "outcomes", title: "Requests by outcome, in UTC", step: step == .hour ? "Hour" : "Day",
            series: ["Reads", "Other actions", "Valid verifications", "Refused or failed"], columns: columns)
    }

    /// Why requests were refused or failed, and what came of verifications.
    private static func codes(_ report: UsageReport) -> BarRows {
        var counts = report.periods.reduce(into: [String: UInt64]()) { sums, period in
            for (code, count) in period.counts.refusals { sums[code, default: 0] &+= count }
            for (code, count) in period.counts.verifications where code != "VALID" { sums[code, default: 0] &+= count }
        }
        counts = counts.filter { $0.value > 0 }
        let rows = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12).map { code, count in
            // What a verification came to is no code of the log, which cannot be searched for it.
            BarRows.Row(
                label: code,
                href: code == code.lowercased() ? "/console/audit" + FormEncoding.query([("code", code)]) : nil,
                count: count)
        }
        return BarRows(
            title: "Refused or failed, by code", subject: "Code", measure: "Times", rows: Array(rows),
            nothing: "Nothing was refused or failed.")
    }

    private static func rows(
        _ list: UsageList, _ title: String, _ subject: String, _ measure: String, _ count: (UsageCounts) -> UInt64,
        href: (UsageItem) -> String?
    ) -> BarRows {
        BarRows(
            title: title, subject: subject, measure: measure,
            rows: list.items.map { item in
                BarRows.Row(
                    label: item.label.isEmpty || item.issuer == item.label ? item.name : item.label, href: href(item),
                    count: item.counts.map(count) ?? 0,
                    note: item.label.isEmpty ? nil : item.issuer == item.label ? item.label : item.name)
            }, nothing: "Nothing was counted in this time.")
    }

    private static func caller(_ item: UsageItem) -> String? {
        let parts = item.name.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return "/console/audit" + FormEncoding.query([("caller", String(parts[1]))])
    }

    private static func unused(_ item: UsageItem, _ visit: Visit) -> View {
        [
            "path": item.name, "href": Visit.link(item.name), "name": item.label.shown,
            "created": item.created.map { Moment.view($0) }.shown,
            "used": item.lastUsed.map { Moment.distance($0, now: visit.now) }.shown,
        ]
    }

    /// How long the last requests took, in microseconds, out of the audit log.
    private static func times(_ visit: Visit) async throws -> [Int64] {
        var query = AuditQuery()
        query.limit = measured
        let found = try await visit.vault.searchAudit(visit.requester, query)
        return found.lines.compactMap { line in
            guard let entry = AuditLine(line), entry.kind == "request", let micros = entry.micros else { return nil }
            return Int64(micros)
        }
    }
}
