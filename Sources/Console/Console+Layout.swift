internal import Usage
internal import Vault

/// The parts of a page that are the same on all: the header, the ways to other pages, and what needs attention.
extension Console {
    private static let ways: [(label: String, href: String)] = [
        ("Stored keys", "/console/keys"), ("Issued keys", "/console/issuers"), ("Access keys", "/console/access"),
        ("Rotation", "/console/rotation"), ("Policies", "/console/policies"), ("Audit", "/console/audit"),
        ("Usage", "/console/usage"),
    ]

    /// Keys that expire within so long are told of: 7 days.
    private static let soon: Int64 = 7 * 86_400_000

    func layout(_ view: View, _ visit: Visit, _ context: Context) -> View {
        var whole = plainLayout(
            view, formToken: visit.formToken, session: context.session, at: context.request.path)
        whole["banners"] = banners(visit)
        if let notice = visit.session?.takeNotice() { whole["notice"] = notice.view }
        if let glimpse = visit.glimpse { whole["signed_in_as"] = glimpse.caller.name }
        return whole
    }

    /// The layout without anything that has to be asked for.
    func plainLayout(_ view: View, formToken: String, session: Session?, at path: String = "") -> View {
        let state = vault.status()
        let word = state.readOnly ? "read-only" : state.state == .uninitialized ? "no vault yet" : state.state.rawValue
        var whole: View = [
            "csrf": formToken, "signed_in": session != nil, "signed_in_as": false, "notice": false, "banners": [View](),
            "vault_state": Badge.view(word, state.state == .unsealed && !state.readOnly ? .good : .warning),
            "unsealed": state.state == .unsealed,
            "ways": Self.ways.map { way -> View in
                let isHere =
                    path == way.href || path == "/console/add-key" && way.href == "/console/keys"
                    || path.hasPrefix(way.href + "/") || path.hasPrefix(way.href + ":")
                return ["label": way.label, "href": way.href, "here": isHere]
            },
        ]
        whole.merge(view) { $1 }
        return whole
    }

    private func banners(_ visit: Visit) -> [View] {
        var banners: [View] = []
        func add(_ tone: Badge.Tone, _ text: String, _ link: String, _ href: String) {
            banners.append(["tone": tone.rawValue, "text": text, "link": link, "href": href])
        }
        if vault.status().state == .sealed {
            banners.append([
                "tone": "warning", "text": "The vault is sealed: no key is served.", "link": false,
            ])
        }
        for check in vault.health().checks where check.name != "seal" && !check.ok {
            let name = check.name == "audit" ? "Audit log" : "Store"
            banners.append(["tone": "bad", "text": "\(name): \(check.detail).", "link": false])
        }
        for sink in vault.auditStanding().further where !sink.isUp {
            banners.append([
                "tone": "warning", "text": "The audit log's sink \(sink.name) does not take its lines.", "link": false,
            ])
        }
        guard visit.session != nil else { return banners }
        if let health = vault.rotationHealth() {
            if health.isClockHeld {
                add(.bad, "The clock was put far forward, so nothing rotates.", "Rotation", "/console/rotation")
            }
            let late = [
                (health.failing, "failing"), (health.overdue, "overdue"), (health.held, "held"),
            ].filter { $0.0 > 0 && !($0.1 == "held" && health.isClockHeld) }
            if !late.isEmpty {
                let words = late.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
                add(
                    health.failing + health.held > 0 ? .bad : .warning, "Rotations: \(words).", "Look at them",
                    "/console/rotation?state=failing,held,overdue")
            }
        }
        let expiring = expiring(visit)
        if expiring > 0 {
            add(
                .warning, expiring == 1 ? "1 key expires within 7 days." : "\(expiring) keys expire within 7 days.",
                "Show", "/console/keys?sort=expires")
        }
        return banners
    }

    /// How many keys, of those that the caller may inspect, expire soon. Counting goes over all keys: once a minute.
    private func expiring(_ visit: Visit) -> Int {
        guard let session = visit.session else { return 0 }
        if let count = session.expiring(at: steady()) { return count }
        let found = try? vault.expiring(visit.requester, .keys, within: Self.soon, limit: 1)
        session.remember(expiring: found?.count ?? 0, at: steady())
        return found?.count ?? 0
    }
}
