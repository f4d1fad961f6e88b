internal import Vault

/// What every connection of a server shares.
struct FrontDesk: Sendable {
    let intake: Intake
    let limits: ServerLimits
    let vault: Vault
    let log: AccessLog
    let connections: ConnectionRegistry
    /// Wall-clock time in milliseconds since 1970, from which lifetimes are counted.
    let now: @Sendable () -> Int64

    /// Somebody of whom nothing is known but the connection.
    func stranger(_ connection: Connection) -> Requester {
        Requester(
            credential: .none, door: connection.doorway.door == .network ? .network : .socket,
            address: connection.peer.address, route: "-")
    }

    /// The reply to a request that goes no further, after it has been counted.
    func refusal(_ away: TurnedAway) -> (reply: Reply, id: RequestID) {
        let id = RequestID()
        vault.recordRefusal(away.requester, code: away.refusal.code)
        log.record(away.requester, route: away.route, status: away.refusal.status, code: away.refusal.code, id: id)
        return (Reply(away.refusal), id)
    }
}
