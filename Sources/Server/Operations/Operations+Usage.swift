internal import IssuedKeys
internal import Usage
internal import Vault
internal import VaultAPI

extension Operations {
    func usage() throws -> Reply {
        let lists = ["top", "unused", "expiring"].filter { query[$0] != nil }
        guard lists.count <= 1 else {
            throw Refusal(
                .malformed, "a reply holds one list: give one of `top`, `unused` and `expiring`", field: lists[1])
        }
        switch lists.first {
        case nil: return try oneUsage()
        case "top": return try topUsage()
        case let list?: return try listUsage(list)
        }
    }

    func metrics() throws -> Reply {
        let gauges = try vault.gauges(requester)
        let page = MetricsPage(
            gauges: gauges, requests: desk.log.metrics, connections: desk.connections.count, process: .now())
        return Reply(body: page.text(), type: MetricsText.type)
    }

    // MARK: What is asked for

    private func oneUsage() throws -> Reply {
        try refuse(["measure", "of", "limit"], "goes with a list")
        let named = ["key", "caller", "issuer", "issued_key"].filter { query[$0] != nil }
        guard named.count <= 1 else {
            throw Refusal(
                .malformed, "counts are of one subject: give one of `key`, `caller`, `issuer` and `issued_key`",
                field: named[1])
        }
        let target: UsageTarget =
            switch named.first {
            case "key": .key(try Self.path(query["key"] ?? "", field: "key"))
            case "caller": .caller(query["caller"] ?? "")
            case "issuer": .issuer(query["issuer"] ?? "")
            case "issued_key": .issuedKey(query["issued_key"] ?? "")
            default: .all
            }
        let step: UsageStep = try query.word("by") ?? .day
        let report = try vault.usage(
            requester, target, by: step == .hour ? .hour : .day, in: try span())
        return try Reply(json: UsageReply(report))
    }

    private func topUsage() throws -> Reply {
        try refuse(["key", "caller", "issued_key", "by", "of"], "does not go with `top`")
        let kind: UsageOf = try query.word("top") ?? .keys
        let measure: UsageMeasure = try query.word("measure") ?? (kind == .issuedKeys ? .verifications : .reads)
        let list = try vault.topUsage(
            requester, UsageKind(kind), by: UsageBook.Measure(rawValue: measure.rawValue) ?? .reads, in: try span(),
            issuer: query["issuer"], limit: try limit())
        return try Reply(json: UsageReply(list))
    }

    private func listUsage(_ list: String) throws -> Reply {
        try refuse(
            ["key", "caller", "issued_key", "by", "since", "until", "measure"], "does not go with `\(list)`")
        let kind: UsageOf = try query.word("of") ?? .keys
        guard let time = try Self.duration(query[list], field: list) else {
            throw Refusal(.invalidField, "`\(list)` is a duration such as 30d", field: list)
        }
        let found =
            list == "unused"
            ? try vault.unused(
                requester, UsageKind(kind), for: time, issuer: query["issuer"], limit: try limit())
            : try vault.expiring(
                requester, UsageKind(kind), within: time, issuer: query["issuer"], limit: try limit())
        return try Reply(json: UsageReply(found))
    }

    private func refuse(_ names: [String], _ why: String) throws(Refusal) {
        guard let name = names.first(where: { query[$0] != nil }) else { return }
        throw Refusal(.malformed, "`\(name)` \(why)", field: name)
    }

    private func span() throws(Refusal) -> UsageSpan {
        UsageSpan(since: try moment("since") ?? 0, until: try moment("until") ?? .max)
    }

}

extension UsageKind {
    init(_ wire: UsageOf) {
        self =
            switch wire {
            case .keys: .keys
            case .callers: .callers
            case .issuedKeys: .issuedKeys
            }
    }
}

extension UsageTotals {
    init(_ counts: UsageCounts) {
        self.init(
            reads: counts.reads, actions: counts.actions, refusals: counts.refusals,
            verifications: counts.verifications)
    }
}

extension KeyUser {
    init(_ reader: KeyReader) {
        self.init(
            caller: reader.caller, name: reader.name, last: VaultAPI.Timestamp(milliseconds: reader.last),
            reads: reader.reads)
    }
}

extension UsageReply {
    init(_ report: UsageReport) {
        let isKey = if case .key = report.target { true } else { false }
        self.init(
            subject: report.name.isEmpty ? nil : report.name, name: report.label.isEmpty ? nil : report.label,
            total: UsageTotals(report.total),
            periods: report.periods.map { UsageInterval($0) },
            lastUsed: report.lastUsed.map { VaultAPI.Timestamp(milliseconds: $0) }, lastUsedBy: report.lastUsedBy,
            readBy: isKey ? report.readers.map { KeyUser($0) } : nil)
    }

    init(_ list: UsageList) {
        self.init(entries: list.items.map { UsageEntry($0) }, count: list.count)
    }
}

extension UsageEntry {
    init(_ item: UsageItem) {
        self.init(
            subject: item.name, name: item.label, issuer: item.issuer,
            created: item.created.map { VaultAPI.Timestamp(milliseconds: $0) },
            expires: item.expires.map { VaultAPI.Timestamp(milliseconds: $0) },
            lastUsed: item.lastUsed.map { VaultAPI.Timestamp(milliseconds: $0) }, lastUsedBy: item.lastUsedBy,
            counts: item.counts.map { UsageTotals($0) })
    }
}
