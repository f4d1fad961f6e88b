internal import Audit
internal import IssuedKeys
internal import Policy
internal import Sealing
package import Usage

extension Vault {
    /// What was counted of one subject, by hour or day.
    ///
    /// The caller needs `audit`; for one key, `inspect` on that key is enough; for an issuer or one of its keys, `issue` or
    /// `revoke` on it.
    ///
    /// - Throws: ``VaultError``: `refused`, `invalid_field` where a caller's name is not one caller's.
    package func usage(
        _ requester: Requester, _ target: UsageTarget, by step: UsageBook.Step, in span: UsageSpan
    ) throws(VaultError) -> UsageReport {
        var admitted = try recognise(requester, "usage", .vault)
        try admitToUsage(&admitted, target)
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let subject = try subject(of: target, admitted.session)
            let report = trail.usage.read { $0.report(target, subject, by: step, in: span) }
            guard var report else { throw VaultError.sealed() }
            complete(&report, subject, admitted.session)
            return report
        }
    }

    /// The subjects that were used most, the highest first. The caller needs `audit`; for the issued keys of one issuer,
    /// `issue` or `revoke` on it is enough.
    package func topUsage(
        _ requester: Requester, _ kind: UsageKind, by measure: UsageBook.Measure, in span: UsageSpan,
        issuer: String? = nil, limit: Int
    ) throws(VaultError) -> UsageList {
        var admitted = try recognise(requester, "usage", .vault)
        if !mayCount(admitted, kind, issuer) { try authorise(admitted, .audit, .vault) }
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let limit = try usageLimit(limit)
            let found = trail.usage.read { book in
                book.top(kind.subjects, by: measure, in: span, limit: limit) { subject, label in
                    issuer == nil || kind != .issuedKeys || label == issuer
                }
            }
            guard let found else { throw VaultError.sealed() }
            let items = found.map { item(kind, $0.subject, $0.counts, admitted.session) }
            return UsageList(items: items, count: items.count)
        }
    }

    /// What has not been used for so long, the longest unused first: keys that nobody read, or issued keys that
    /// nobody used. What is younger than that is left out.
    ///
    /// The caller sees all with `audit`; with `issue` or `revoke` on an issuer, that one's keys; and else the keys that it
    /// may inspect.
    package func unused(
        _ requester: Requester, _ kind: UsageKind, for milliseconds: Int64, issuer: String? = nil, limit: Int
    ) throws(VaultError) -> UsageList {
        try listing(requester, kind, issuer, limit) { dates, now in
            let used = dates.lastUsed
            return max(used, dates.created) <= now - milliseconds ? used : nil
        }
    }

    /// What expires within that time, the first first. The caller sees what ``unused(_:_:for:issuer:limit:)`` shows.
    package func expiring(
        _ requester: Requester, _ kind: UsageKind, within milliseconds: Int64, issuer: String? = nil, limit: Int
    ) throws(VaultError) -> UsageList {
        try listing(requester, kind, issuer, limit) { dates, now in
            guard let expires = dates.expires, expires > now, expires - now <= milliseconds else { return nil }
            return expires
        }
    }

    /// Who read a key within the last day: they will miss it.
    func recentReaders(of entry: KeyEntry, at now: Timestamp) -> [KeyReader] {
        let since = max(now - 86_400_000, Timestamp(entry.summary.created))
        return trail.usage.read { $0.readers(of: entry.path.text, since: since) }?.map { KeyReader($0) } ?? []
    }

    // MARK: Who may

    private func admitToUsage(_ admitted: inout Admitted, _ target: UsageTarget) throws(VaultError) {
        if case .key(let path) = target {
            admitted.draft.key = path.text
            guard !mayAudit(admitted) else { return }
            return try authorise(admitted, .inspect, .key(path))
        }
        switch target {
        case .issuer(let name):
            if IssuedKeyChecks.isName(name) { admitted.draft.issuer = name }
            if mayCount(admitted, .issuedKeys, name) { return }
        case .issuedKey(let id):
            let entry = admitted.session.issued(id)
            admitted.draft.issuedKey = entry == nil ? nil : id
            if let entry, admitted.maySeeKey(entry) { return }
        default: break
        }
        try authorise(admitted, .audit, .vault)
    }

    /// Whether the caller may see the counts of an issuer's keys because the keys are its own to manage.
    private func mayCount(_ admitted: Admitted, _ kind: UsageKind, _ issuer: String?) -> Bool {
        guard kind == .issuedKeys, let issuer, issuer != AccessKeys.issuer else { return false }
        return admitted.may(.issue, issuer) || admitted.may(.revoke, issuer)
    }

    private func mayAudit(_ admitted: Admitted) -> Bool {
        admitted.policies.decide(admitted.caller.policies, .audit, .vault).allowed
    }

    // MARK: Lists

    /// What has a date, by that date and then by name. The texts of a key are decoded where it is one of the first
    /// `limit`, and of no other.
    ///
    /// - Parameter date: nil for what is not on the list.
    private func listing(
        _ requester: Requester, _ kind: UsageKind, _ issuer: String?, _ limit: Int,
        by date: (UsageDates, Timestamp) -> Timestamp?
    ) throws(VaultError) -> UsageList {
        var admitted = try recognise(requester, "usage", .vault)
        let seesAll = mayAudit(admitted)
        if kind != .keys, !mayCount(admitted, kind, issuer) { try authorise(admitted, .audit, .vault) }
        return try audited(&admitted) { (admitted) throws(VaultError) in
            let limit = try usageLimit(limit)
            let (now, set, policies) = (admitted.now, admitted.policies, admitted.caller.policies)
            switch kind {
            case .callers:
                throw VaultError(
                    .invalidField, "keys and issued-keys are listed so; for callers see the most active", field: "of")
            case .keys:
                var found: [(date: Timestamp, name: String, entry: KeyEntry)] = []
                for entry in admitted.session.sortedKeys.all where entry.state(at: now) == .active {
                    guard let known = date(UsageDates(entry), now),
                        seesAll || set.decide(policies, .inspect, .key(entry.path)).allowed
                    else { continue }
                    found.append((known, entry.path.text, entry))
                }
                return Self.ordered(found, limit) { UsageItem($0) }
            case .issuedKeys:
                var found: [(date: Timestamp, name: String, entry: IssuedEntry)] = []
                for entry in admitted.session.allIssued where issuer == nil || entry.stored.issuer == issuer {
                    let state = entry.state(at: now)
                    guard state == .active || state == .rolled, let known = date(UsageDates(entry), now) else {
                        continue
                    }
                    found.append((known, entry.stored.id, entry))
                }
                return Self.ordered(found, limit) { UsageItem($0) }
            }
        }
    }

    private static func ordered<Entry>(
        _ found: [(date: Timestamp, name: String, entry: Entry)], _ limit: Int, _ item: (Entry) -> UsageItem
    ) -> UsageList {
        let first = found.sorted { ($0.date, $0.name) < ($1.date, $1.name) }.prefix(limit)
        return UsageList(items: first.map { item($0.entry) }, count: found.count)
    }

    private func usageLimit(_ limit: Int) throws(VaultError) -> Int {
        guard limit > 0 else {
            throw VaultError(.invalidField, "a list has 1 to \(VaultLimits.page) entries", field: "limit")
        }
        return min(limit, VaultLimits.page)
    }

    // MARK: Names

    private func subject(of target: UsageTarget, _ session: Session) throws(VaultError) -> UsageSubject {
        switch target {
        case .all: return .all
        case .key(let path): return UsageSubject(.key, path.text)
        case .issuer(let name): return UsageSubject(.issuer, name)
        case .issuedKey(let id): return UsageSubject(.issuedKey, id)
        case .caller(let text): return try caller(text, session)
        }
    }

    private func caller(_ text: String, _ session: Session) throws(VaultError) -> UsageSubject {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            switch parts[0] {
            case "access-key": return UsageSubject(.accessKey, session.issued(parts[1])?.stored.lineage ?? parts[1])
            case "unix-user", "operator": return UsageSubject(.unixUser, parts[1])
            case "certificate": return UsageSubject(.certificate, parts[1])
            default: break
            }
        }
        if let entry = session.issued(text) { return UsageSubject(.accessKey, entry.stored.lineage) }
        let named = trail.usage.read { $0.callers(named: text) } ?? []
        guard let one = named.first, named.count == 1 else {
            throw VaultError(
                .invalidField,
                named.isEmpty
                    ? "no caller of this name has been counted; name one as access-key:<id> or unix-user:<number>"
                    : "several callers have this name; name one as access-key:<id> or unix-user:<number>",
                field: "caller")
        }
        return one
    }

    /// Adds what the records know.
    private func complete(_ report: inout UsageReport, _ subject: UsageSubject, _ session: Session) {
        switch subject.kind {
        case .key:
            guard let used = session.key(subject.id)?.usage.value, used.time > report.lastUsed ?? 0 else { return }
            report.lastUsed = used.time
            report.lastUsedBy = used.by
        case .issuedKey, .accessKey:
            guard let entry = session.issued(subject.id) else { return }
            report.label = entry.stored.name
        default: break
        }
    }

    private func item(
        _ kind: UsageKind, _ subject: UsageSubject, _ counts: UsageCounts, _ session: Session
    ) -> UsageItem {
        var item: UsageItem
        switch subject.kind {
        case .key: item = session.key(subject.id).map { UsageItem($0) } ?? UsageItem(name: subject.id, label: "")
        case .issuedKey:
            item = session.issued(subject.id).map { UsageItem($0) } ?? UsageItem(name: subject.id, label: "")
        default:
            let label = session.issued(subject.id)?.stored.name ?? trail.usage.read { $0.label(subject) } ?? ""
            item = UsageItem(name: subject.reference, label: label)
            item.lastUsed = trail.usage.read { $0.last(subject) } ?? nil
        }
        item.counts = counts
        return item
    }
}

/// What decides whether something is on a list, told without a look at its texts.
private struct UsageDates {
    let created: Timestamp
    let expires: Timestamp?
    private let usage: UsageMark

    init(_ entry: KeyEntry) {
        created = Timestamp(entry.summary.created)
        expires = entry.summary.expires == 0 ? nil : Timestamp(entry.summary.expires)
        usage = entry.usage
    }

    init(_ entry: IssuedEntry) {
        created = Timestamp(entry.stored.created)
        expires = entry.standing.end
        usage = entry.usage
    }

    /// 0: never.
    var lastUsed: Timestamp { usage.value.time }
}

extension UsageBook {
    fileprivate func report(
        _ target: UsageTarget, _ subject: UsageSubject, by step: Step, in span: UsageSpan
    ) -> UsageReport {
        let readers = subject.kind == .key ? readers(of: subject.id) : []
        return UsageReport(
            target: target, name: subject.reference, label: label(subject), total: counts(of: subject, in: span),
            periods: periods(of: subject, by: step, in: span), lastUsed: last(subject),
            lastUsedBy: readers.first?.caller.reference, readers: readers.map { KeyReader($0) })
    }
}

extension UsageSubject {
    /// How callers are named everywhere: `access-key:<id>`, `unix-user:<number>`. Others by themselves.
    var reference: String {
        switch kind {
        case .accessKey: "access-key:\(id)"
        case .unixUser: "unix-user:\(id)"
        case .certificate: "certificate:\(id)"
        case .all, .key, .issuedKey, .issuer: id
        }
    }
}

extension UsageKind {
    var subjects: Set<UsageSubject.Kind> {
        switch self {
        case .keys: [.key]
        case .callers: [.accessKey, .unixUser, .certificate]
        case .issuedKeys: [.issuedKey]
        }
    }
}

extension KeyReader {
    init(_ reader: UsageReader) {
        self.init(caller: reader.caller.reference, name: reader.name, last: reader.last, reads: reader.count)
    }
}

extension UsageItem {
    init(_ entry: KeyEntry) {
        let used = entry.usage.value
        self.init(
            name: entry.path.text, label: entry.head.name, created: Timestamp(entry.summary.created),
            expires: entry.summary.expires == 0 ? nil : Timestamp(entry.summary.expires),
            lastUsed: used.time == 0 ? nil : used.time, lastUsedBy: used.by.isEmpty ? nil : used.by)
    }

    init(_ entry: IssuedEntry) {
        let used = entry.usage.value
        self.init(
            name: entry.stored.id, label: entry.stored.name, issuer: entry.stored.issuer,
            created: Timestamp(entry.stored.created), expires: entry.standing.end,
            lastUsed: used.time == 0 ? nil : used.time, lastUsedBy: used.by.isEmpty ? nil : used.by)
    }
}
