internal import Policy
internal import Vault

/// The keys of one issuer, and what the issuer is.
enum IssuedKeyList {
    private static let template = Template(PackageResources.issued_list_mustache)
    private static let size = 50
    private static let filters = FilterWords(
        filters: ["q", "state", "owner", "unused"],
        words: [("state", IssuedKeyState.allCases.map { $0.rawValue }), ("unused", ["30d"])])

    static func show(_ visit: Visit) throws -> Answer {
        let family = KeyFamily(visit)
        let query = visit.query
        let issuer = try family.isAccess ? nil : visit.vault.issuer(visit.requester, family.issuer)
        let filter = IssuedKeyFilter(
            state: IssuedKeyState(rawValue: query["state"]),
            words: query["q"].split(separator: " ").map(String.init), owner: query.text("owner"),
            unusedSince: query["unused"] == "30d" ? visit.now - 30 * ChartDay.length : nil)
        let mayList = family.mayIssue(visit) || family.mayRevoke(visit)
        let page =
            try mayList
            ? visit.vault.issuedKeys(
                visit.requester, of: family.issuer, filter, limit: size, cursor: query.text("cursor"))
            : nil
        let asked = filters.filters.map { (name: $0, value: query[$0]) }
        var view: View = [
            "title": family.isAccess ? "Access keys" : family.issuer, "access": family.isAccess,
            "noun": family.noun, "here": family.list, "q": query["q"], "owner": query["owner"],
            "scopes_label": family.scopesLabel, "may_list": mayList,
            "may_issue": family.mayIssue(visit) ? family.issue : false as Any,
            "states": states.map { ["value": $0.0, "label": $0.1, "selected": $0.0 == query["state"]] as View },
            "unused": query["unused"] == "30d", "filtered": asked.contains { !$0.value.isEmpty },
            "keys": page?.items.map { row($0, family, visit) } ?? [], "empty": page?.items.isEmpty ?? false,
            "unknown": filters.unknown(in: query), "pages": false, "issuer": issuer.map { about($0, visit) }.shown,
        ]
        let count = page?.items.count ?? 0
        view["part"] = KeyList.part(
            count, from: query.text("cursor") == nil ? 1 : nil, isCut: page?.cursor != nil,
            isFiltered: asked.contains { !$0.value.isEmpty })
        if page?.cursor != nil || query.text("cursor") != nil {
            let next = page?.cursor.map { family.list + FormEncoding.query(asked + [("cursor", $0)]) }
            let first = query.text("cursor").map { _ in family.list + FormEncoding.query(asked) }
            view["pages"] = ["next": next.shown, "first": first.shown] as View
        }
        return .page(template, view)
    }

    private static let states = [("", "Any state")] + IssuedKeyState.allCases.map { ($0.rawValue, $0.rawValue) }

    private static func row(_ key: IssuedKeyRecord, _ family: KeyFamily, _ visit: Visit) -> View {
        [
            "name": KeyList.cut(key.name, 80), "href": family.key(key.id), "id": key.id,
            "description": KeyList.cut(key.description, 140).shown, "owner": KeyList.cut(key.owner, 60).shown,
            "prefix": IssuedKeyWords.start(key), "state": IssuedKeyWords.badge(key.state),
            "scopes": key.scopes.prefix(4).map { $0 },
            "more_scopes": key.scopes.count > 4 ? key.scopes.count - 4 : false as Any,
            "tier": key.tier.shown, "created": Moment.view(key.created), "expires": Moment.shown(key.expires),
            "used": key.lastUsed.map { Moment.distance($0, now: visit.now) }.shown,
        ]
    }

    private static func about(_ issuer: IssuerRecord, _ visit: Visit) -> View {
        let family = KeyFamily(issuer: issuer.name)
        let may = visit.may(.administer, .vault)
        return [
            "description": issuer.description.shown, "prefix": issuer.prefix + "_",
            "environment": issuer.environment.rawValue, "visibility": issuer.visibility.rawValue,
            "lifetime": issuer.lifetime.map { DurationWords.text($0) } ?? "no end unless it is said",
            "scopes": issuer.scopes, "has_scopes": !issuer.scopes.isEmpty, "created": Moment.view(issuer.created),
            "by": issuer.createdBy, "tiers": issuer.tiers.map { tier($0) }, "has_tiers": !issuer.tiers.isEmpty,
            "edit": may ? family.list + ":edit" : false as Any,
            "delete": may ? family.list + ":delete" : false as Any,
        ]
    }

    private static func tier(_ tier: IssuerTier) -> View {
        [
            "name": tier.name, "limits": tier.limits.isEmpty ? "none" : tier.limits.joined(separator: ", "),
            "quota": tier.quota.map(TierWords.words) ?? "none", "description": tier.description.shown,
        ]
    }
}

/// The words for issued keys.
enum IssuedKeyWords {
    static func badge(_ state: IssuedKeyState) -> View {
        switch state {
        case .active: Badge.view("active", .good)
        case .expired: Badge.view("expired", .warning)
        case .revoked: Badge.view("revoked", .bad)
        case .disabled: Badge.view("disabled", .neutral)
        case .rolled: Badge.view("rolled", .accent)
        }
    }

    /// What its text begins with: nothing of the secret.
    static func start(_ key: IssuedKeyRecord) -> String {
        key.imported == nil
            ? "\(key.prefix)_\(key.id.prefix(4))…" : key.prefix.isEmpty ? "brought in" : key.prefix + "…"
    }
}
