internal import Policy
internal import Rotation
internal import SecretMemory
internal import Usage
internal import Vault

/// One key: everything about it but its value.
enum KeyDetail {
    private static let template = Template(PackageResources.key_detail_mustache)

    static func show(_ visit: Visit) async throws -> Answer {
        let path = try visit.path()
        let key = try visit.vault.inspect(visit.requester, path)
        var view: View = [
            "title": key.name.isEmpty ? key.path.text : key.name, "path": key.path.text, "named": !key.name.isEmpty,
            "href": Visit.link(key.path.text), "state": KeyBadges.state(key.state), "id": key.id,
            "description": key.description.isEmpty ? false : key.description as Any,
            "trashed": key.state == .trashed, "facts": facts(key, visit), "versions": versions(key, visit),
            "actions": actions(key, visit), "rotation": false, "purge": false, "audit": false,
            "may_schedule": visit.may(.write, .key(path)), "readers": readers(key, visit),
        ]
        if let rotation = key.rotation { view["rotation"] = self.rotation(rotation, key, visit) }
        if let purge = key.purgeAfter { view["purge"] = Moment.view(purge) }
        view["audit"] = await audit(path, visit)
        return .page(template, view)
    }

    // MARK: Parts

    private static func facts(_ key: KeyMetadata, _ visit: Visit) -> [View] {
        func text(_ label: String, _ value: String?, mono: Bool = false) -> View? {
            guard let value, !value.isEmpty else { return nil }
            return ["label": label, "text": value, "mono": mono, "moment": false, "list": false]
        }
        func moment(_ label: String, _ value: Int64?) -> View? {
            value.map { ["label": label, "text": false, "mono": false, "moment": Moment.view($0), "list": false] }
        }
        func list(_ label: String, _ values: [View]) -> View? {
            values.isEmpty ? nil : ["label": label, "text": false, "mono": false, "moment": false, "list": values]
        }
        let tags = key.tags.map { tag -> View in
            ["text": tag, "href": "/console/keys" + FormEncoding.query([("tag", tag)])]
        }
        let provider =
            key.provider.isEmpty
            ? [] : [["text": key.provider, "href": "/console/keys" + FormEncoding.query([("provider", key.provider)])]]
        return [
            text("Id", key.id, mono: true), text("Prefix", key.prefix, mono: true), list("Provider", provider),
            list("Tags", tags),
            text(
                "Visibility",
                key.visibility == .public ? "public: it may be embedded where anybody can read it" : "private"),
            moment("Created", key.created), moment("Changed", key.updated), moment("Expires", key.expires),
            moment("Deleted", key.deleted), moment("Last used", key.lastUsed),
            text("Last used by", key.lastUsedBy, mono: true),
        ].compactMap { $0 }
    }

    private static func versions(_ key: KeyMetadata, _ visit: Visit) -> [View] {
        let mayReveal = key.state == .active && visit.may(.retrieve, .key(key.path))
        return key.versions.reversed().map { version in
            var view: View = [
                "number": version.number, "stage": false, "created": Moment.view(version.created),
                "by": version.createdBy, "prefix": version.prefix.isEmpty ? false : version.prefix as Any,
                "fields": version.fields.joined(separator: ", "), "until": false,
                "reveal": mayReveal && version.stage != .pending
                    ? Visit.link(key.path.text, verb: "reveal") : false as Any,
            ]
            switch version.stage {
            case .current: view["stage"] = Badge.view("current", .good)
            case .pending: view["stage"] = Badge.view("pending", .accent)
            case .previous:
                view["stage"] = Badge.view("previous", .neutral)
                if let until = key.previousUntil { view["until"] = Moment.view(until) }
            case nil: break
            }
            return view
        }
    }

    /// Buttons for what the caller may do with the key as it stands.
    private static func actions(_ key: KeyMetadata, _ visit: Visit) -> View {
        let target = PolicyTarget.key(key.path)
        let isThere = key.state != .trashed
        let mayRotate = isThere && visit.may(.rotate, target)
        let rotation = key.rotation
        let isUnderWay = rotation.map { $0.step != .idle && $0.step != .overlap } ?? false
        let isPaused = rotation?.settings.paused ?? false
        func link(_ verb: String, when condition: Bool) -> Any {
            condition ? Visit.link(key.path.text, verb: verb) : false
        }
        return [
            "reveal": link("reveal", when: key.state == .active && visit.may(.retrieve, target)),
            "edit": link("edit", when: isThere && visit.may(.write, target)),
            "store": link("store", when: isThere && visit.may(.write, target)),
            "rotate": link("rotate", when: mayRotate && rotation?.step == .idle && !isPaused),
            "rollback": link("rollback", when: mayRotate && rotation != nil && key.previous != nil),
            "pause": link("pause", when: mayRotate && rotation != nil && !isPaused),
            "unpause": link("unpause", when: mayRotate && isPaused),
            "resume": link("resume", when: mayRotate && rotation?.waitsForSomebody == true),
            "abort": link("abort", when: mayRotate && isUnderWay),
            "delete": link("delete", when: isThere && visit.may(.delete, target)),
            "restore": link("restore", when: !isThere && visit.may(.restore, target)),
            "destroy": link("destroy", when: visit.may(.destroy, target)),
        ]
    }

    private static func readers(_ key: KeyMetadata, _ visit: Visit) -> Any {
        let span = UsageSpan(since: visit.now - 30 * 86_400_000, until: .max)
        guard let report = try? visit.vault.usage(visit.requester, .key(key.path), by: .day, in: span) else {
            return false
        }
        return [
            "chart": KeyUsageChart.view(report.periods.map { ($0.start, $0.counts) }, now: visit.now),
            "list": report.readers.prefix(20).map { reader -> View in
                [
                    "caller": reader.caller, "name": reader.name, "reads": reader.reads,
                    "last": Moment.view(reader.last),
                ]
            },
        ] as View
    }

    /// The actions of who looks at a key's page.
    private static let looks: Set<String> = ["inspect", "usage", "plan_rotation", "audit"]

    /// How many entries are looked at, search by search: looking at this page leaves some, too, which are no news. A
    /// search is an entry itself, so that there are few of them.
    private static let searches = [100, 900]
    /// The entries that are shown.
    private static let shown = 10

    private static func audit(_ path: ResourcePath, _ visit: Visit) async -> Any {
        guard visit.may(.audit, .vault) else { return false }
        var query = AuditQuery()
        query.key = path.text
        var lines: [AuditLine] = []
        for limit in searches where lines.count < shown {
            query.limit = limit
            guard let found = try? await visit.vault.searchAudit(visit.requester, query) else {
                if lines.isEmpty { return false }
                break
            }
            for line in found.lines.lazy.compactMap({ AuditLine($0) }) where !looks.contains(line.action) {
                lines.append(line)
                if lines.count == shown { break }
            }
            guard let before = found.before else { break }
            query.before = before
        }
        return [
            "lines": lines.map(\.view),
            "href": "/console/audit" + FormEncoding.query([("key", path.text)]),
        ] as View
    }

    // MARK: Rotation

    private static func rotation(_ report: RotationReport, _ key: KeyMetadata, _ visit: Visit) -> View {
        let (orphans, honoured) = (report.namesOfOrphans, report.namesOfHonoured)
        var view: View = [
            "standing": KeyBadges.rotation(report.standing), "rotator": report.settings.rotator,
            "interval": interval(report.settings), "overlap": false, "error": RotationRow.error(report),
            "orphans": orphans, "has_orphans": !orphans.isEmpty,
            "honoured": honoured, "has_honoured": !honoured.isEmpty,
            "timeline": timeline(report, key, visit), "consumers": report.consumers.map { consumer($0) },
            "author": report.author, "next": false, "paused": false,
            "skipped": false,
        ]
        if report.skipped > 0 {
            view["skipped"] = report.skipped == 1 ? "1 rotation was" : "\(report.skipped) rotations were"
        }
        if let overlap = report.settings.overlap, overlap > 0 { view["overlap"] = DurationWords.text(overlap) }
        if report.settings.paused, report.standing != .paused { view["paused"] = KeyBadges.rotation(.paused) }
        if let next = report.nextAttempt, report.step != .idle { view["next"] = Moment.view(next) }
        return view
    }

    /// How often, in words.
    static func interval(_ settings: RotationSettingsInput) -> String {
        switch settings.timing {
        case .every(let length): "every \(DurationWords.text(length))"
        case .schedule(let text): "on the schedule \(text) (UTC)"
        case .whenAsked: "when somebody asks"
        }
    }

    private static func consumer(_ consumer: RotationConsumer) -> View {
        [
            "caller": consumer.caller, "name": consumer.name ?? "",
            "instance": consumer.instance.isEmpty ? false : consumer.instance as Any, "version": consumer.version,
            "seen": Moment.view(consumer.seen), "holds": consumer.holdsBack,
        ]
    }

    /// What was and what is to come, in order of time.
    private static func timeline(_ report: RotationReport, _ key: KeyMetadata, _ visit: Visit) -> [View] {
        func point(_ kind: String, _ text: String, _ time: Int64) -> (Int64, View) {
            (
                time,
                [
                    "kind": kind, "text": text, "moment": Moment.view(time),
                    "relative": Moment.relative(time, now: visit.now),
                ]
            )
        }
        var points = key.versions.suffix(5).map { point("past", "Version \($0.number)", $0.created) }
        points.append(point("now", "Now", visit.now))
        if let until = key.previousUntil, until > visit.now {
            points.append(point("next", "Version \(key.previous ?? 0) ends", until))
        }
        let plan = try? visit.vault.planRotation(visit.requester, key.path)
        if let begins = plan?.begins { points.append(point("next", "Next rotation", begins)) }
        for later in plan?.later.prefix(3) ?? [] { points.append(point("next", "Rotation after that", later)) }
        return points.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
