package import SecretMemory
package import Vault
internal import VaultAPI

/// The console: pages on which people look after keys, answered by the same process as the API.
///
/// It reaches the vault through its operations alone, as whoever has signed in. It knows no sockets: the server hands it
/// requests whose heads are in order.
package final class Console: Sendable {
    let vault: Vault
    let sessions: Sessions
    let throttle = SignInThrottle()
    let labels: HostLabels
    let sums: KeyedSum
    let now: @Sendable () -> Int64
    let steady: @Sendable () -> Int64
    let random: any RandomSource
    let auditCheck: AuditCheckDesk
    private let pages: [String: Page]

    /// - Parameters:
    ///   - now: wall-clock time in milliseconds since 1970.
    ///   - steady: milliseconds of a clock that nobody sets, from which the age of sessions is counted.
    package init(
        vault: Vault, now: @escaping @Sendable () -> Int64, steady: @escaping @Sendable () -> Int64,
        random: any RandomSource = SystemRandom()
    ) {
        self.vault = vault
        self.now = now
        self.steady = steady
        self.random = random
        auditCheck = AuditCheckDesk(now: now)
        sessions = Sessions(random: random)
        sums = KeyedSum(random: random)
        labels = HostLabels(sums: sums, random: random)
        pages = Dictionary(Page.all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        // A verification that runs holds the access key of whoever began it.
        vault.onSealed { [sessions, auditCheck] in
            sessions.endAll()
            auditCheck.stop()
        }
    }

    /// A page's address and what it takes, for the server's table of routes.
    package struct Route: Sendable {
        package var method: String
        package var template: String
        /// The most bytes of its form.
        package var bytes: Int
    }

    /// All addresses of the console.
    package static let routes = Page.all.map {
        Route(method: $0.method.rawValue, template: $0.template, bytes: $0.bytes)
    }

    /// The name that a label stands beneath: `localhost:8200` of `LABEL.localhost:8200`; nil for other names. A listener
    /// that may be asked for under the one may be asked for a page under the other.
    package static func base(ofLabel host: String) -> String? { HostLabels.split(host)?.rest }

    // MARK: Answers

    /// Whether the body of a request is worth reading. Forms of those who have not signed in are small.
    package func refusesBody(of request: ConsoleRequest) -> Bool {
        guard let page = pages[request.route], page.audience == .signedIn else { return false }
        return session(of: request, at: place(of: request)) == nil
    }

    /// Answers a request.
    package func answer(_ request: ConsoleRequest) async -> ConsoleReply {
        let place = place(of: request)
        if let reply = refusal(request, at: place) { return reply }
        let context = Context(request: request, place: place, session: session(of: request, at: place))
        do {
            guard let page = pages[request.route] else { throw ConsoleError(.notFound, "There is no such page.") }
            return try await answer(page, context)
        } catch {
            return reply(to: error, context)
        }
    }

    /// A problem that the server found before the request came here, as a page.
    ///
    /// - Parameter code: of the problem.
    package func problem(_ code: String, retryAfter: Int? = nil) -> ConsoleReply {
        let code = ProblemCode(rawValue: code) ?? .internal
        return problem(Problem(code, Self.words(of: code), retryAfter: retryAfter), nil)
    }

    /// What people are told where no page has had a say.
    private static func words(of code: ProblemCode) -> String {
        switch code {
        case .notFound: "There is no page with this address."
        case .unsupportedMethod: "This address is not asked for in this way; open it from the page that it belongs to."
        case .tooLarge: "What was sent is more than this form takes."
        case .hostRefused:
            "This server is not known under the name in the address; an operator allows names by the setting allowed_hosts."
        case .invalidPath: "The address has parts that no address of the console has."
        default: "The request could not be answered."
        }
    }

    /// What is known of a request before its page is.
    struct Context {
        var request: ConsoleRequest
        var place: Place
        var session: Session?
        /// Who visits without a session, by the cookie that it has or gets.
        var visit: String?
        var cookies: Cookies { Cookies(place: place) }
        /// Who asks: whoever signed in, with the access key of the session.
        var requester: Requester {
            var requester = request.requester
            if let session { requester.credential = .accessKey(session.key) }
            return requester
        }
    }

    private func answer(_ page: Page, _ context: Context) async throws -> ConsoleReply {
        var context = context
        let state = vault.status().state
        var requester = context.requester
        requester.route = context.request.route
        var glimpse: Glimpse?
        if let session = context.session {
            glimpse = vault.glimpse(requester)
            if glimpse == nil {
                sessions.end(session)
                context.session = nil
            }
        } else if page.audience == .anyone {
            context.visit = context.cookies.value(.visit, in: context.request.cookies)
        }
        if page.audience == .signedIn, glimpse == nil {
            return way(
                in: state, from: context, wasSignedIn: context.session == nil && requester.credential.isAccessKey)
        }
        let form = try page.method == .post ? fields(context.request.body) : FormFields()
        if page.method == .post { try check(form, context) }
        if context.session == nil, context.visit == nil { context.visit = hexadecimal(random.bytes(16)) }
        let visit = Visit(
            console: self, request: context.request, query: try fields(context.request.query), form: form,
            session: context.session, glimpse: glimpse, requester: requester, formToken: formToken(context))
        try await charge(visit)
        if let answer = LedHere.answer(visit, at: context.place) { return reply(answer, visit, context) }
        return reply(try await page.answer(visit), visit, context)
    }

    private func fields(_ body: WipedBytes) throws -> FormFields {
        do { return try FormFields(decoding: body) } catch {
            throw ConsoleError(.malformed, "The form could not be read.")
        }
    }

    private func fields(_ query: String?) throws -> FormFields {
        do { return try FormFields(decoding: query) } catch {
            throw ConsoleError(.malformed, "The address could not be read.")
        }
    }

    /// An access key pays for a page as for a call.
    private func charge(_ visit: Visit) async throws {
        guard visit.session != nil else { return }
        var requester = visit.requester
        if try !vault.spendNow(&requester) { try await vault.spend(&requester) }
    }
}
