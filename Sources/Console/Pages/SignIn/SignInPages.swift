internal import IssuedKeys
internal import SecretMemory
internal import Vault
internal import VaultAPI

extension Page {
    /// Coming and going.
    static let signIn: [Page] = [
        Page(.get, "/sign-in", for: .anyone) { try SignIn.show($0) },
        Page(.post, "/sign-in", for: .anyone, bytes: 4 * 1024) { try await SignIn.enter($0) },
        Page(.get, "/enter", for: .anyone) { Entrance.arrive($0) },
        Page(.post, "/sign-out", for: .anyone, bytes: 4 * 1024) { SignIn.leave($0) },
    ]
}

/// Signing in with an access key, which is in the body of a form and nowhere else.
enum SignIn {
    private static let template = Template(PackageResources.sign_in_mustache)

    /// Why somebody is here who did not ask to be.
    private static func reason(_ word: String) -> String? {
        switch word {
        case "over":
            "You are signed out: the session was idle for 15 minutes or ended, the vault was sealed, or the access key is no longer in force."
        case "out": "You are signed out."
        case "open": "The vault is open. An access key says who you are, and what you may do in it."
        default: nil
        }
    }

    static func show(_ visit: Visit) throws -> Answer {
        if let elsewhere = elsewhere(visit) { return elsewhere }
        if visit.session != nil { return .elsewhere(goal(visit.query)) }
        return page(visit, to: goal(visit.query), reason: reason(visit.query["reason"]))
    }

    private static func elsewhere(_ visit: Visit) -> Answer? {
        switch visit.vault.status().state {
        case .uninitialized: .elsewhere("/console/initialize")
        case .sealed: .elsewhere("/console/unseal")
        case .unsealed: nil
        }
    }

    private static func page(
        _ visit: Visit, to goal: String, reason: String? = nil, error: String? = nil, status: Int = 200,
        headers: [(name: String, value: String)] = []
    ) -> Answer {
        var errors = FieldErrors()
        if let error { errors.add("key", error) }
        let field = FormField(
            name: "key", label: "Access key", kind: .password,
            hint:
                "It starts with keyturn_. The first one was shown when the vault was made; an operator can make others.",
            isRequired: true, completion: "current-password", isMono: true, isFirst: true)
        return .page(
            template,
            [
                "title": "Sign in", "to": goal, "field": field.view(errors), "reason": reason ?? false,
                "elsewhere": Origin.isElsewhere(visit.request) ? goal : false,
            ], status: status, headers: headers)
    }

    /// Where to go afterwards: a page of the console, and nothing else.
    static func goal(_ fields: FormFields) -> String {
        let path = fields["to"]
        return isPage(path) ? path : "/console/keys"
    }

    /// Whether this can be the path of a page of the console, and cannot be anything else.
    static func isPage(_ path: String) -> Bool {
        let isPlain = path.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F: true
            default: false
            }
        }
        return path.hasPrefix("/console/") && isPlain && !path.contains("//") && path.utf8.count <= 512
    }

    static func enter(_ visit: Visit) async throws -> Answer {
        if let elsewhere = elsewhere(visit) { return elsewhere }
        let console = visit.console
        let goal = goal(visit.form)
        let address = visit.requester.address?.description ?? "local"
        guard let key = trimmed(visit.form.secret("key")), key.count > 0 else {
            return page(visit, to: goal, error: "Enter an access key", status: 400)
        }
        var requester = visit.requester
        requester.credential = .accessKey(key)
        // A right access key is let in, whatever others at its address have tried. A glimpse writes nothing down.
        if visit.vault.glimpse(requester) == nil, let seconds = console.throttle.wait(address, at: console.steady()) {
            visit.vault.recordRefusal(visit.requester, code: "slow_down")
            return page(
                visit, to: goal, error: "Too many wrong access keys; try again in \(seconds) s", status: 429,
                headers: [("Retry-After", String(seconds))])
        }
        do throws(VaultError) {
            // As every call of the access key, this one is counted and written down.
            if try !visit.vault.spendNow(&requester) { try await visit.vault.spend(&requester) }
            _ = try visit.vault.whoAmI(requester)
        } catch {
            guard error.code == .unauthorized else { throw error }
            console.throttle.failed(address, at: console.steady())
            return page(visit, to: goal, error: error.detail, status: 403)
        }
        console.throttle.succeeded(address)
        if let before = visit.session { console.sessions.end(before) }
        let place = console.place(of: visit.request)
        if place == .labelled {
            // Never under this label: others may know it.
            guard let base = Console.base(ofLabel: visit.request.host) else {
                throw ConsoleError(.internal, "The console has no other name to go on under.")
            }
            return Entrance.lead(visit, key, beneath: base, to: goal)
        }
        let session = console.sessions.begin(key: key, host: visit.request.host.lowercased(), at: console.steady())
        let cookies = Cookies(place: place)
        return .elsewhere(goal, headers: [cookies.set(.session, session.cookie), cookies.clear(.visit)])
    }

    /// The text without spaces and line ends around it; nil where it is longer than any access key.
    private static func trimmed(_ bytes: WipedBytes?) -> WipedBytes? {
        guard let bytes, bytes.count <= 1024 else { return nil }
        return bytes.withBytes { bytes in
            func isSpace(_ offset: Int) -> Bool { bytes.byte(at: offset) <= 0x20 }
            var (first, last) = (0, bytes.byteCount)
            while first < last, isSpace(first) { first += 1 }
            while last > first, isSpace(last - 1) { last -= 1 }
            return WipedBytes(copying: bytes.extracting(first..<last))
        }
    }

    static func leave(_ visit: Visit) -> Answer {
        if let session = visit.session { visit.console.sessions.end(session) }
        let place = visit.console.place(of: visit.request)
        var headers = [Cookies(place: place).clear(.session)]
        // A label is this console's alone; another host's cookies may be of others, which are not to be cleared.
        let kinds = place == .labelled ? #""cache", "cookies", "storage""# : #""cache""#
        headers.append(("Clear-Site-Data", kinds))
        return .elsewhere("/console/sign-in?reason=out", headers: headers)
    }
}
