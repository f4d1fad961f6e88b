internal import Console
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// What every connection of a server shares: one object, which costs nothing to hand on with each request.
final class FrontDesk: Sendable {
    let intake: Intake
    let limits: ServerLimits
    let vault: Vault
    let log: AccessLog
    let connections: ConnectionRegistry
    /// Answers people at browsers; nil where it is switched off.
    let console: Console?
    /// Wall-clock time in milliseconds since 1970, from which lifetimes are counted.
    let now: @Sendable () -> Int64
    /// By which connections recognise a head that came before.
    let headKey = KeyedDigest.Key()

    init(
        intake: Intake, limits: ServerLimits, vault: Vault, log: AccessLog, connections: ConnectionRegistry,
        console: Console? = nil, now: @escaping @Sendable () -> Int64
    ) {
        self.intake = intake
        self.limits = limits
        self.vault = vault
        self.log = log
        self.connections = connections
        self.console = console
        self.now = now
    }

    /// Somebody of whom nothing is known but the connection.
    func stranger(_ connection: Connection) -> Requester {
        Requester(
            credential: .none, door: connection.doorway.door == .network ? .network : .socket,
            address: connection.peer.address, route: "-")
    }

    /// A request that its head turns away spends its access key's rate like any other; where none is left, that is what
    /// it is told.
    func charged(_ away: TurnedAway) -> TurnedAway {
        guard away.requester.credential.isAccessKey, let route = away.route, !route.isOpen else { return away }
        var away = away
        do throws(VaultError) { _ = try vault.spendNow(&away.requester) } catch {
            away.refusal = Refusal(error)
            away.isRecorded = true
        }
        return away
    }

    /// The reply to a request that goes no further, after it has been counted.
    func refusal(_ away: TurnedAway) -> (reply: Reply, id: RequestID) {
        let id = RequestID()
        let refusal = away.isRecorded ? away.refusal : recorded(away.refusal, of: away.requester)
        log.record(away.requester, route: away.route, status: refusal.status, code: refusal.code, id: id)
        return (reply(to: refusal, isPage: away.isPage), id)
    }

    /// The reply to a request whose operation failed, with its code, after what has to be kept of it has been.
    func reply(to error: any Error, of admission: Admission) -> (reply: Reply, code: String) {
        switch error {
        case let refusal as Refusal:
            let refusal = recorded(refusal, of: admission.requester)
            return (reply(to: refusal, isPage: admission.page != nil), refusal.code)
        case let error as VaultError where admission.page == nil:
            return (Reply(Refusal(error, to: admission.route)), error.code.rawValue)
        default:
            log.unexpected(error, route: admission.route, id: admission.requestID)
            return (reply(to: Refusal(.internal), isPage: admission.page != nil), ProblemCode.internal.rawValue)
        }
    }

    /// The refusal after it has been written down, or in its place that it cannot be.
    private func recorded(_ refusal: Refusal, of requester: Requester) -> Refusal {
        vault.recordRefusal(requester, code: refusal.code).map { Refusal($0) } ?? refusal
    }

    /// A problem document, or a page for who asked for one.
    private func reply(to refusal: Refusal, isPage: Bool) -> Reply {
        guard isPage, let console else { return Reply(refusal) }
        var reply = Reply(page: console.problem(refusal.problem.code, retryAfter: refusal.retryAfter))
        if !refusal.allow.isEmpty { reply.headers.append(("Allow", refusal.allow.joined(separator: ", "))) }
        return reply
    }

    /// Puts a warning into the reply where the access key that was presented ends soon.
    func warn(_ reply: inout Reply, _ admission: Admission) {
        guard let end = vault.endsSoon(admission.requester) else { return }
        reply.headers.append(("Keyturn-Access-Key-Expires", VaultAPI.Timestamp(milliseconds: end).description))
    }

    /// Notes how a request ended, before its reply leaves: every request that came to its operation passes here once.
    func finished(_ admission: Admission, status: Int, code: String?) {
        log.record(admission.requester, route: admission.route, status: status, code: code, id: admission.requestID)
    }
}
