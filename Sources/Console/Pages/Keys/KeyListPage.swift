internal import Policy
internal import Rotation
internal import Vault

extension Page {
    /// The stored keys: finding them, looking at one, adding and changing.
    static let storedKeys: [Page] = [
        Page(.get, "/keys") { try KeyList.show($0) },
        Page(.get, "/keys/{path}") { try await KeyDetail.show($0) },
        Page(.get, "/add-key") { KeyAdding.show($0) },
        Page(.post, "/add-key", bytes: KeyForm.bytes) { try await KeyAdding.add($0) },
        Page(.get, "/keys/{path}:edit") { try KeyEditing.show($0) },
        Page(.post, "/keys/{path}:edit", bytes: 64 * 1024) { try await KeyEditing.change($0) },
        Page(.get, "/keys/{path}:store") { try KeyStoring.show($0) },
        Page(.post, "/keys/{path}:store", bytes: KeyForm.bytes) { try await KeyStoring.store($0) },
        Page(.get, "/keys/{path}:schedule") { try KeyScheduling.show($0) },
        Page(.post, "/keys/{path}:schedule", bytes: 64 * 1024) { try await KeyScheduling.change($0) },
    ]
}

/// The list: search, filters, order, pages.
enum KeyList {
    private static let template = Template(PackageResources.key_list_mustache)
    /// Keys of one page.
    private static let size = 50

    /// What the address says.
    private struct Asked {
        var fields: [(name: String, value: String)]

        init(_ query: FormFields) { fields = KeyList.filters.filters.map { ($0, query[$0]) } }

        subscript(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }
        var isFiltered: Bool { fields.contains { $0.name != "sort" && !$0.value.isEmpty } }

        /// The address of this list with another value of a field, from its beginning.
        func link(_ name: String, _ value: String) -> String {
            "/console/keys" + FormEncoding.query(fields.map { $0.name == name ? (name, value) : $0 })
        }

        /// - Parameter from: which key of the list the next page begins with, where that is known.
        func link(after cursor: String, from: Int?) -> String {
            "/console/keys"
                + FormEncoding.query(fields + [("cursor", cursor), ("from", from.map { String($0) } ?? "")])
        }
    }

    private static let states = [
        ("", "Active and expired"), ("active", "Active"), ("expired", "Expired"), ("trashed", "In the trash"),
        ("all", "All"),
    ]
    private static let dues = [
        ("", "Any time"), ("0d", "Overdue or now"), ("1d", "Within a day"), ("7d", "Within 7 days"),
        ("30d", "Within 30 days"), ("90d", "Within 90 days"),
    ]
    private static let orders: [(order: KeyOrder, label: String)] = [
        (.path, "Path"), (.due, "Rotation due first"), (.expires, "Expiring first"), (.created, "Newest first"),
        (.updated, "Changed last"), (.used, "Longest unused"),
    ]

    private static let filters = FilterWords(
        filters: ["q", "provider", "tag", "state", "due", "sort"], beside: ["cursor", "from"],
        words: [
            ("state", states.map { $0.0 }.filter { !$0.isEmpty }), ("due", dues.map { $0.0 }.filter { !$0.isEmpty }),
            ("sort", orders.map { $0.order.rawValue }),
        ])

    static func show(_ visit: Visit) throws -> Answer {
        let asked = Asked(visit.query)
        let order = orders.first { $0.order.rawValue == asked["sort"] }?.order ?? .path
        let days = dues.contains { $0.0 == asked["due"] } ? Int64(asked["due"].dropLast()) : nil
        let words = asked["q"].split(separator: " ").map(String.init)
        let state = asked["state"]
        let page = try visit.vault.list(
            visit.requester,
            KeyQuery(
                words: words, tag: visit.query.text("tag"), provider: visit.query.text("provider"),
                state: KeyState(rawValue: state), everything: state == "all", limit: size,
                cursor: visit.query.text("cursor")), by: order,
            dueBefore: days.map { visit.now + $0 * 86_400_000 + 1 })
        var view: View = [
            "title": "Stored keys", "keys": page.items.map { row($0, visit, asked) },
            "q": asked["q"], "provider": asked["provider"], "tag": asked["tag"],
            "states": options(states, asked["state"]), "dues": options(dues, asked["due"]),
            "orders": options(orders.map { ($0.order.rawValue, $0.label) }, order.rawValue),
            "filtered": asked.isFiltered, "unknown": filters.unknown(in: visit.query),
            "more": asked["provider"] + asked["tag"] + asked["due"] + asked["state"] != "",
            "may_add": true, "pages": false, "empty": false,
        ]
        let isFirst = visit.query.text("cursor") == nil
        let from: Int? = isFirst ? 1 : visit.query.integer("from", in: 2...1_000_000_000)
        let count = page.items.count
        view["part"] = part(count, from: from, isCut: page.cursor != nil, isFiltered: asked.isFiltered)
        let next = page.cursor.map { asked.link(after: $0, from: from.map { $0 + count }) }
        if let next { view["pages"] = ["next": next, "first": false] as View }
        if !isFirst {
            view["pages"] = ["next": next ?? false as Any, "first": asked.link("q", asked["q"])] as View
        }
        if page.items.isEmpty { view["empty"] = ["filtered": asked.isFiltered] as View }
        return .page(template, view)
    }

    /// Which part of the list a page has. Where it begins is known from the page before.
    static func part(_ count: Int, from: Int?, isCut: Bool, isFiltered: Bool) -> String {
        let what = isFiltered ? "found" : count == 1 ? "key on this page" : "keys on this page"
        guard count > 0, let from else { return "\(count) \(what)" }
        if from == 1 { return isCut ? "The first \(count) \(what)" : "\(count) \(what)" }
        return "\(from) to \(from + count - 1) " + (isFiltered ? "of those found" : "of the keys")
    }

    private static func options(_ options: [(String, String)], _ chosen: String) -> [View] {
        options.map { ["value": $0.0, "label": $0.1, "selected": $0.0 == chosen] }
    }

    private static func row(_ key: KeyMetadata, _ visit: Visit, _ asked: Asked) -> View {
        var view: View = [
            "href": Visit.link(key.path.text), "path": key.path.text, "id": String(key.id.prefix(8)),
            "whole_id": key.id,
            "name": key.name.isEmpty ? key.path.text : cut(key.name, 80), "named": !key.name.isEmpty,
            "description": cut(key.description, 140), "prefix": key.prefix.isEmpty ? false : key.prefix as Any,
            "created": Moment.view(key.created), "expires": false, "state": KeyBadges.state(key.state),
            "rotation": false, "due": false,
            "tags": key.tags.prefix(3).map { tag -> View in ["text": cut(tag, 24), "href": asked.link("tag", tag)] },
            "more_tags": key.tags.count > 3 ? key.tags.count - 3 : false as Any, "provider": false,
        ]
        if !key.provider.isEmpty {
            view["provider"] = ["text": cut(key.provider, 40), "href": asked.link("provider", key.provider)]
        }
        if let expires = key.expires { view["expires"] = Moment.view(expires) }
        if key.state != .trashed, let rotation = key.rotation {
            if rotation.standing != .scheduled { view["rotation"] = KeyBadges.rotation(rotation.standing) }
            if let due = rotation.due { view["due"] = Moment.distance(due, now: visit.now) }
        }
        return view
    }

    /// The start of a text that may be long.
    static func cut(_ text: String, _ most: Int) -> String {
        guard text.unicodeScalars.count > most else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(most - 1))) + "…"
    }
}

/// The words for how a key stands.
enum KeyBadges {
    static func state(_ state: KeyState) -> View {
        switch state {
        case .active: Badge.view("active", .good)
        case .expired: Badge.view("expired", .bad)
        case .trashed: Badge.view("in the trash", .neutral)
        }
    }

    static func rotation(_ standing: RotationStanding) -> View {
        switch standing {
        case .scheduled: Badge.view("scheduled", .neutral)
        case .due: Badge.view("due", .accent)
        case .rotating: Badge.view("rotating", .accent)
        case .overlapping: Badge.view("overlapping", .accent)
        case .failing: Badge.view("failing", .bad)
        case .held: Badge.view("held", .bad)
        case .overdue: Badge.view("overdue", .warning)
        case .paused: Badge.view("paused", .neutral)
        }
    }
}
