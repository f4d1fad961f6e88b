internal import Vault
internal import VaultAPI

/// Who may come in, and where: hosts, origins, cookies, the tokens in forms.
extension Console {
    func place(of request: ConsoleRequest) -> Place {
        Place(host: request.host, isTLS: request.isTLS, labels: labels)
    }

    func session(of request: ConsoleRequest, at place: Place) -> Session? {
        // A file that a page needs is no use of a session.
        guard place == .encrypted || place == .labelled, !request.path.hasPrefix(Self.assets) else { return nil }
        return Cookies(place: place).value(.session, in: request.cookies).flatMap {
            sessions.find($0, host: request.host.lowercased(), at: steady())
        }
    }

    /// What is answered to a request that goes no further: it came under a name where no session can live, or its form
    /// was not sent by a page of ours.
    func refusal(_ request: ConsoleRequest, at place: Place) -> ConsoleReply? {
        let isPost = request.route.hasPrefix("POST ")
        let isAsset = request.path.hasPrefix(Self.assets)
        switch place {
        case .encrypted, .labelled: break
        case .bare where isAsset && !isPost: return nil
        case .bare where !isPost:
            // The port is the one that the browser asked at.
            let port = request.host.lastIndex(of: ":").map { request.host[$0...] } ?? ""
            let isPort = port.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
            return moved("http://\(labels.make()).localhost\(isPort ? String(port) : "")", request)
        case .strangeLabel(let rest) where !isPost: return moved("http://" + rest, request)
        case .bare, .strangeLabel:
            return turnedAway(request, "This form is of a console that has ended. Open the console again.")
        }
        if isPost, !Origin.isOurs(request) {
            return turnedAway(request, "This form was not sent by a page of this console, so nothing was done.")
        }
        return nil
    }

    /// Counted in the audit log, as every request that is refused before the vault hears of it.
    private func turnedAway(_ request: ConsoleRequest, _ detail: String) -> ConsoleReply {
        vault.recordRefusal(request.requester, code: ProblemCode.originRefused.rawValue)
        return problem(Problem(.originRefused, detail), nil)
    }

    static let assets = "/console/assets/"

    private func moved(_ origin: String, _ request: ConsoleRequest) -> ConsoleReply {
        let query = request.query.map { "?" + $0 } ?? ""
        return redirect(origin + request.path + query)
    }

    /// Where somebody who has not signed in is led.
    func way(in state: SealState, from context: Context, wasSignedIn: Bool) -> ConsoleReply {
        var reply: ConsoleReply
        switch state {
        case .uninitialized: reply = redirect("/console/initialize")
        case .sealed: reply = redirect("/console/unseal")
        case .unsealed:
            let isGet = context.request.route.hasPrefix("GET ")
            let reason =
                wasSignedIn || context.cookies.value(.session, in: context.request.cookies) != nil ? "over" : ""
            reply = redirect(
                "/console/sign-in"
                    + FormEncoding.query([("reason", reason), ("to", isGet ? context.request.path : "")]))
        }
        if context.cookies.value(.session, in: context.request.cookies) != nil {
            reply.headers.append(context.cookies.clear(.session))
        }
        return reply
    }

    /// What forms carry: the session's own token, or one that goes with the cookie of the visit.
    func formToken(_ context: Context) -> String {
        if let session = context.session { return session.formToken }
        return context.visit.map { hexadecimal(sums.bytes("form " + $0, count: 16)) } ?? ""
    }

    /// - Throws: ``ConsoleError`` where the form was not made for this browser.
    func check(_ form: FormFields, _ context: Context) throws {
        let expected = formToken(context)
        guard !expected.isEmpty, isSame(form["csrf"], expected) else {
            throw ConsoleError(
                .originRefused,
                """
                This form is too old, or the browser did not send the cookie that goes with it. Nothing was done. \
                Open the page again; cookies have to be allowed, and a name that is not of this host needs TLS.
                """)
        }
    }
}
