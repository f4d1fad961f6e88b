internal import Policy
internal import Rotation
internal import SecretMemory
internal import Vault

/// The calendar, the next 90 days, and the keys by where their rotation stands.
enum RotationOverview {
    private static let template = Template(PackageResources.rotation_mustache)
    /// Keys of one page of the list, and of the timeline.
    private static let size = 50
    /// Keys that are looked at for the calendar.
    private static let most = 5_000

    private static let filters = FilterWords(
        filters: ["state", "prefix", "day"], beside: ["is", "cursor"],
        words: [("state", RotationStanding.allCases.map { $0.rawValue })])

    /// What the address says.
    private struct Asked {
        var standings: Set<RotationStanding>
        var day: ChartDay?
        /// What the keys are to be beneath; empty: everything.
        var prefix = ""
        /// The same as it was typed, and what is wrong with it.
        var typed: String
        var errors = FieldErrors()
        /// What of it is not known, for the partial `unknown`.
        var unknown: Any

        init(_ query: FormFields) {
            var words = query["state"].split(separator: ",").map { String($0) }
            words += query.secrets("is").compactMap { $0.disclosedText() }
            standings = Set(words.compactMap { RotationStanding(rawValue: $0) })
            day = ChartDay(iso: query["day"])
            typed = query["prefix"]
            // As policies and the search of the audit log have it.
            let path = typed.hasSuffix("/**") ? String(typed.dropLast(3)) : typed
            do throws(ResourcePathError) { prefix = try KeyPrefix(parsing: path).text } catch {
                errors.add("prefix", "\(error)")
            }
            let isDay = day != nil || query["day"].isEmpty
            let wrongDay = "No such day: \(KeyList.cut(query["day"], 40)). Days are written like 2026-11-21."
            unknown = RotationOverview.filters.unknown(
                in: query, given: ["state": words], more: isDay ? [] : [wrongDay])
        }

        var state: String { standings.map(\.rawValue).sorted().joined(separator: ",") }
        var isFiltered: Bool { !standings.isEmpty || day != nil || !prefix.isEmpty }

        /// The address of this list from its beginning, or from where a page ended.
        func link(cursor: String = "") -> String { link(day: day, cursor: cursor) }

        /// The same for another day, or for all of them.
        func link(day: ChartDay?, cursor: String = "") -> String {
            "/console/rotation"
                + FormEncoding.query([
                    ("state", state), ("prefix", prefix), ("day", day?.iso ?? ""), ("cursor", cursor),
                ])
        }
    }

    static func show(_ visit: Visit) throws -> Answer {
        let asked = Asked(visit.query)
        let allDays = asked.link(day: nil) + "#keys"
        let beneath = FormField(name: "prefix", label: "Beneath", value: asked.typed, placeholder: "payments")
        let health = visit.vault.rotationHealth()
        let (due, isCut) = try ahead(asked, visit)
        let (keys, next) = try listed(asked, due, visit)
        let trouble = try visit.vault.listRotations(
            visit.requester,
            RotationQuery(standings: [.failing, .held], prefix: asked.prefix, limit: size))
        let allTrouble = FormEncoding.query([("state", "failing,held"), ("prefix", asked.prefix)])
        let moreTrouble: View? =
            trouble.cursor == nil
            ? nil : ["count": trouble.items.count, "href": "/console/rotation\(allTrouble)#keys"]
        var view: View = [
            "title": "Rotation", "keys": keys.map { RotationRow.view($0, visit) }, "empty": keys.isEmpty,
            "filtered": asked.isFiltered, "fields": [beneath.view(asked.errors)],
            "problems": asked.errors.isEmpty ? false : asked.errors.view([beneath]), "unknown": asked.unknown,
            "states": RotationStanding.allCases.map { state($0, asked) },
            "day": asked.day.map { ["long": $0.long, "iso": $0.iso, "off": allDays] as View }.shown,
            "trouble": trouble.items.map { RotationRow.view($0, visit) }, "troubled": !trouble.items.isEmpty,
            "more_trouble": moreTrouble.shown,
            "health": health.map { self.health($0) }.shown, "clock": health?.isClockHeld ?? false,
            "may_operate": visit.may(.operate, .vault), "pages": false, "cut": isCut,
            "months": calendar(due, asked, visit), "total": due.count,
            "timeline": timeline(due, visit).view, "more_rows": due.count > size ? due.count - size : false as Any,
        ]
        if next != nil || visit.query.text("cursor") != nil {
            view["pages"] =
                [
                    "next": next.map { asked.link(cursor: $0) + "#keys" }.shown,
                    "first": visit.query.text("cursor").map { _ in asked.link() + "#keys" }.shown,
                ] as View
        }
        return .page(template, view, status: asked.errors.isEmpty ? 200 : 400)
    }

    /// One page of the list: the keys that fit, or those with a rotation on the day that was chosen.
    ///
    /// - Parameter due: all that are due in the days that can be chosen.
    private static func listed(
        _ asked: Asked, _ due: [KeyMetadata], _ visit: Visit
    ) throws -> ([KeyMetadata], next: String?) {
        guard let day = asked.day else {
            let page = try visit.vault.listRotations(
                visit.requester,
                RotationQuery(
                    standings: asked.standings, prefix: asked.prefix, limit: size, cursor: visit.query.text("cursor")))
            return (page.items, page.cursor)
        }
        // In the order of their paths, so that a page goes on where the one before ended, whatever was rotated meanwhile.
        let last = visit.query["cursor"]
        let keys = due.filter { key in
            key.path.text > last && times(of: key, visit).contains { ChartDay(of: $0) == day }
        }.sorted { $0.path.text < $1.path.text }
        let page = Array(keys.prefix(size))
        return (page, keys.count > size ? page.last?.path.text : nil)
    }

    /// The keys that are due within 90 days, the first first.
    private static func ahead(_ asked: Asked, _ visit: Visit) throws -> (keys: [KeyMetadata], isCut: Bool) {
        var keys: [KeyMetadata] = []
        var cursor: String?
        repeat {
            let page = try visit.vault.listRotations(
                visit.requester,
                RotationQuery(
                    standings: asked.standings, dueBefore: end(visit), prefix: asked.prefix, limit: 1_000,
                    cursor: cursor))
            keys += page.items
            cursor = page.cursor
        } while cursor != nil && keys.count < most
        return (keys, cursor != nil)
    }

    private static func end(_ visit: Visit) -> Int64 { ChartDay(of: visit.now).start + DueDates.days * ChartDay.length }

    private static func times(of key: KeyMetadata, _ visit: Visit) -> [Int64] {
        guard let rotation = key.rotation, rotation.standing != .paused else { return [] }
        return DueDates.times(rotation.settings.timing, first: rotation.due, until: end(visit))
    }

    private static func calendar(_ keys: [KeyMetadata], _ asked: Asked, _ visit: Visit) -> [View] {
        var counts: [Int64: Int] = [:]
        for key in keys {
            // Several on one day are one: the day's list has the key once.
            for day in Set(times(of: key, visit).map { ChartDay(of: $0).number }) { counts[day, default: 0] += 1 }
        }
        return RotationCalendar(
            now: visit.now, counts: counts, until: ChartDay(of: visit.now).number + DueDates.days
        ) { asked.link(day: $0) + "#keys" }.view
    }

    private static func timeline(_ keys: [KeyMetadata], _ visit: Visit) -> RotationTimeline {
        RotationTimeline(
            now: visit.now,
            rows: keys.prefix(size).map { key in
                RotationTimeline.Row(
                    path: key.path.text, href: Visit.link(key.path.text),
                    badge: key.rotation.map { KeyBadges.rotation($0.standing) } ?? Badge.view("none", .neutral),
                    times: times(of: key, visit), isOverdue: key.rotation?.standing == .overdue)
            })
    }

    private static func state(_ standing: RotationStanding, _ asked: Asked) -> View {
        ["word": standing.rawValue, "id": "f-is-" + standing.rawValue, "ticked": asked.standings.contains(standing)]
    }

    private static func health(_ health: RotationHealth) -> View {
        let numbers = [("failing", health.failing), ("overdue", health.overdue), ("held", health.held)]
        return [
            "numbers": numbers.map { name, count -> View in
                [
                    "name": name, "count": count, "href": "/console/rotation?state=\(name)#keys",
                    "badge": Badge.view(name, count == 0 ? .good : name == "overdue" ? .warning : .bad),
                ]
            }
        ]
    }
}
