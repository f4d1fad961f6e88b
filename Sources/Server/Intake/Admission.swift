internal import NIOHTTP1
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// A request whose head has been found in order: the call it wants, with everything that stands in the head, read.
struct Admission: Sendable {
    /// What was read. An object: it is handed from one to the next with each request.
    let head: Head
    var requester: Requester
    /// Shown to the client, so that a complaint can be found in the log.
    let requestID = RequestID()
    /// Whether its access key has paid for it.
    var hasPaid = false

    /// What the head of a request says, but for who asks.
    final class Head: Sendable {
        let route: Route
        let parameters: [String: String]
        let query: Query
        let framing: BodyFraming
        let conditions: Conditions
        let secrets: Secrets
        /// What a proxy asks about; empty for other calls.
        let customersKey: CustomersKey
        /// Which of its instances the caller says it is, in a call that asks for values.
        let instance: String?
        /// Whether a passphrase's body is sent as a form.
        let isForm: Bool
        /// Whether the connection can serve another request afterwards.
        let keepsAlive: Bool
        /// What a page of the console needs of the head; nil for calls.
        let page: PageHead?

        init(
            route: Route, parameters: [String: String], query: Query, framing: BodyFraming,
            conditions: Conditions = Conditions(), secrets: Secrets = Secrets(), customersKey: CustomersKey = .none,
            instance: String? = nil, isForm: Bool, keepsAlive: Bool, page: PageHead? = nil
        ) {
            self.route = route
            self.parameters = parameters
            self.query = query
            self.framing = framing
            self.conditions = conditions
            self.secrets = secrets
            self.customersKey = customersKey
            self.instance = instance
            self.isForm = isForm
            self.keepsAlive = keepsAlive
            self.page = page
        }
    }

    var route: Route { head.route }
    var parameters: [String: String] { head.parameters }
    var query: Query { head.query }
    var framing: BodyFraming { head.framing }
    var conditions: Conditions { head.conditions }
    var secrets: Secrets { head.secrets }
    var customersKey: CustomersKey { head.customersKey }
    var instance: String? { head.instance }
    var isForm: Bool { head.isForm }
    var keepsAlive: Bool { head.keepsAlive }
    var page: PageHead? { head.page }

    init(_ head: Head, from requester: Requester) {
        self.head = head
        self.requester = requester
    }

    /// `If-Match` and `If-None-Match`.
    struct Conditions: Sendable {
        var match: EntityTags?
        var noneMatch: EntityTags?
    }

    /// Headers whose values are secrets.
    struct Secrets: Sendable {
        var authorization: WipedBytes?
        var initToken: WipedBytes?
    }
}

/// A head that is not in order: why, and the call it was for as far as that was known.
struct TurnedAway: Error {
    var refusal: Refusal
    var requester: Requester
    var route: Route?
    /// Whether somebody at a browser is told.
    var isPage = false
    /// Whether the audit log has it already.
    var isRecorded = false
}

/// Reads the heads of requests. It holds nothing of its own and does no I/O.
struct Intake: Sendable {
    var routes: RouteTable = .standard
    var rules: PeerRules
    /// The pages of the console, where it is served.
    var pages: RouteTable?

    /// - Throws: ``TurnedAway``.
    func admit(
        _ head: HTTPRequestHead, peer: Peer, doorway: Doorway, began: ContinuousClock.Instant = .now
    ) throws(TurnedAway) -> Admission {
        var requester = Requester(
            credential: .none, door: doorway.door == .network ? .network : .socket, address: peer.address,
            route: "-", began: began)
        var route: Route?
        // A second Host header is looked for in what came.
        let given = head
        let head =
            head.uri.utf8.first == UInt8(ascii: "/")
            ? head : AbsoluteForm.origin(of: head, isTLS: doorway.names.isTLS) ?? head
        let isPage = pages != nil && PageHead.isAddress(head)
        do throws(Refusal) {
            let seen = try HeaderCheck.check(given)
            if isPage, let pages {
                return try admit(page: head, pages, peer: peer, doorway: doorway, &requester, &route)
            }
            try HeaderCheck.check(head, cameTo: doorway)
            let target = try RequestTarget(checking: head.uri)
            let match = try routes.match(head.method.rawValue, target.path)
            route = match.route
            requester.route = match.route.name
            let asker = try rules.asker(head.headers, peer: peer, door: doorway.door)
            requester.credential = asker.credential
            requester.place(asker, on: peer)
            let read = Admission.Head(
                route: match.route, parameters: match.parameters,
                query: try Query(parsing: target.query, knowing: match.route.queryNames),
                framing: seen.isDisjoint(with: .framing)
                    ? .noBody : try BodyFraming(head, limit: match.route.body.limit),
                conditions: seen.isDisjoint(with: .conditions)
                    ? Admission.Conditions() : try conditions(head, match.route),
                secrets: seen.isDisjoint(with: .secrets) ? Admission.Secrets() : secrets(head),
                customersKey: match.route.verifiesForProxy ? CustomersKey(head.headers) : .none,
                instance: seen.isDisjoint(with: .instance) ? nil : try instance(head, match.route),
                isForm: match.route.body == .secret && Self.isForm(head),
                keepsAlive: Self.keepsAlive(head) && match.route.body != .secret)
            return Admission(read, from: requester)
        } catch {
            throw TurnedAway(refusal: error, requester: requester, route: route, isPage: isPage)
        }
    }

    /// Conditions mean something to the calls that list them; elsewhere they are passed over, as RFC 9110 allows.
    private func conditions(_ head: HTTPRequestHead, _ route: Route) throws(Refusal) -> Admission.Conditions {
        func tags(_ name: String) throws(Refusal) -> EntityTags? {
            guard route.headers.contains(where: { $0.name == name }), let value = head.headers.first(name: name) else {
                return nil
            }
            return try EntityTags(parsing: value, header: name)
        }
        return Admission.Conditions(match: try tags("If-Match"), noneMatch: try tags("If-None-Match"))
    }

    /// It means something to the calls that list it; elsewhere it is passed over.
    private func instance(_ head: HTTPRequestHead, _ route: Route) throws(Refusal) -> String? {
        guard let name = head.headers[InstanceName.header].first, route.headers.contains(.instance) else { return nil }
        guard InstanceName.isValid(name) else {
            throw Refusal(
                .invalidField, "\(InstanceName.header) is \(InstanceName.expectation)", field: InstanceName.header)
        }
        return name
    }

    func secrets(_ head: HTTPRequestHead) -> Admission.Secrets {
        Admission.Secrets(
            authorization: head.headers.first(name: "Keyturn-Authorization").map { WipedBytes(utf8: $0) },
            initToken: head.headers.first(name: "Keyturn-Init-Token").map { WipedBytes(utf8: $0) })
    }

    static func isForm(_ head: HTTPRequestHead) -> Bool {
        let type = head.headers.first(name: "Content-Type")?.split(separator: ";").first ?? ""
        return type.lowercased().filter { $0 != " " } == "application/x-www-form-urlencoded"
    }

    /// HTTP/1.0 ends with its reply, and so does whoever asks for it, in whatever case, or for another protocol.
    static func keepsAlive(_ head: HTTPRequestHead) -> Bool {
        guard head.version == .http1_1, !head.headers.contains(name: "Upgrade") else { return false }
        return !head.headers[canonicalForm: "Connection"].contains { $0.lowercased() == "close" }
    }
}
