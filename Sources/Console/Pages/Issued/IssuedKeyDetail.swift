internal import IssuedKeys
internal import Policy
internal import Usage
internal import Vault

/// One issued key: what it may do, where it stands, how it is used, and what it has left.
enum IssuedKeyDetail {
    private static let template = Template(PackageResources.issued_detail_mustache)
    private static let days = 30

    static func show(_ visit: Visit) throws -> Answer {
        let family = KeyFamily(visit)
        let report = try visit.vault.issuedKeyReport(
            visit.requester, of: family.issuer, id: visit.parameter("id"))
        let key = report.record
        return .page(
            template,
            [
                "title": key.name, "list": family.list, "list_title": family.title, "id": key.id,
                "prefix": IssuedKeyWords.start(key), "state": IssuedKeyWords.badge(key.state),
                "description": key.description.shown, "owner": key.owner.shown, "access": family.isAccess,
                "scopes_label": family.scopesLabel, "scopes": key.scopes, "has_scopes": !key.scopes.isEmpty,
                "networks": key.networks, "anywhere": key.networks.isEmpty,
                "limits": key.limits.joined(separator: ", ").shown, "tier": key.tier.shown,
                "quota": key.quota.map(TierWords.words).shown, "environment": key.environment.rawValue,
                "visibility": key.visibility.rawValue, "created": Moment.view(key.created), "by": key.createdBy,
                "expires": Moment.shown(key.expires), "revoked": Moment.shown(key.revoked),
                "honoured": Moment.shown(key.honouredUntil), "imported": Moment.shown(key.imported),
                "used": Moment.shown(key.lastUsed), "used_from": (key.lastUsedFrom ?? "").shown,
                "successor": key.successor.map { ["id": $0, "href": family.key($0)] as View }.shown,
                "predecessor": key.predecessor.map { ["id": $0, "href": family.key($0)] as View }.shown,
                "metadata": key.metadata.sorted { $0.key < $1.key }.map {
                    ["name": $0.key, "value": $0.value] as View
                },
                "has_metadata": !key.metadata.isEmpty, "actions": actions(key, family, visit),
                "left": left(report), "has_left": !report.windows.isEmpty || report.quota != nil,
                "unlimited": key.isPublicAndUnlimited,
                "spark": spark(report, family, visit).view, "counts": counts(report, family),
                "audit": visit.may(.audit, .vault)
                    ? "/console/audit"
                        + FormEncoding.query([family.isAccess ? ("caller", key.id) : ("issued_key", key.id)])
                    : false as Any,
            ])
    }

    private static func actions(_ key: IssuedKeyRecord, _ family: KeyFamily, _ visit: Visit) -> View {
        let isInForce = key.state == .active || key.state == .rolled || key.state == .disabled
        func link(_ verb: String, when condition: Bool) -> Any { condition ? family.key(key.id, verb: verb) : false }
        let (mayIssue, mayRevoke) = (family.mayIssue(visit), family.mayRevoke(visit))
        return [
            "roll": link("roll", when: mayIssue && key.state == .active && key.successor == nil),
            "disable": link("disable", when: mayRevoke && (key.state == .active || key.state == .rolled)),
            "enable": link("enable", when: mayIssue && key.state == .disabled),
            "revoke": link("revoke", when: mayRevoke && isInForce),
        ]
    }

    /// What each limit has left, with a bar.
    private static func left(_ report: IssuedKeyReport) -> [View] {
        var left = report.windows.map { window -> View in
            bar("\(window.limit)", window.remaining, window.limit.uses, window.reset, report.time)
        }
        if let quota = report.quota {
            left.append(
                bar(
                    "quota \(TierWords.words(quota.quota))", quota.remaining, quota.quota.uses, quota.reset, report.time
                ))
        }
        return left
    }

    private static func bar(_ name: String, _ remaining: Int64, _ all: Int64, _ reset: Int64?, _ now: Int64) -> View {
        [
            "name": name, "remaining": ChartScale.grouped(UInt64(max(0, remaining))),
            "all": ChartScale.grouped(UInt64(max(0, all))),
            "length": ChartScale.text(Double(max(0, remaining)) / Double(max(1, all)) * 100),
            "resets": reset.flatMap { $0 > 0 ? Moment.view(now + $0) : nil }.shown,
        ]
    }

    private static func spark(_ report: IssuedKeyReport, _ family: KeyFamily, _ visit: Visit) -> Sparkline {
        let last = ChartDay(of: visit.now)
        let periods = report.days.map { period -> (start: Int64, count: UInt64) in
            let counts = period.counts
            return (
                start: period.start,
                count: family.isAccess ? counts.reads &+ counts.actions &+ counts.refused : counts.verified
            )
        }
        return Sparkline(
            counts: Sparkline.counts(periods, days: days, last: last),
            what: family.isAccess ? "requests" : "verifications",
            last: last)
    }

    private static func counts(_ report: IssuedKeyReport, _ family: KeyFamily) -> [View] {
        let total = report.total
        var counts: [(String, UInt64)] =
            family.isAccess ? [("Reads", total.reads), ("Other actions", total.actions)] : []
        let byCode = family.isAccess ? total.refusals : total.verifications
        counts += byCode.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
        return counts.map { ["name": $0.0, "count": ChartScale.grouped($0.1)] }
    }
}
