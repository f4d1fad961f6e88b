internal import Dispatch
internal import Synchronization
internal import Vault

/// One connection, as the task that answers its requests sees it.
final class Connection: Sendable {
    let peer: Peer
    let doorway: Doorway
    private let admitted = Mutex<Admission?>(nil)
    private let name = Mutex<Name>(.unknown)

    /// What the user at the other end is called.
    private enum Name {
        case unknown
        case known(String?)
    }

    /// The connection whose requests the current task answers.
    @TaskLocal static var current: Connection?

    init(peer: Peer, doorway: Doorway) {
        self.peer = peer
        self.doorway = doorway
    }

    /// Leaves a request for the task. There is one at a time.
    func leave(_ admission: Admission) { admitted.withLock { $0 = admission } }

    /// The request that was left, once, with the user's name where a user asks.
    func take() -> Admission? {
        admitted.withLock { $0.take() }.map(named)
    }

    /// The request with the user's name, where a user asks.
    func named(_ admission: Admission) -> Admission {
        guard case .unixUser(let id, _) = admission.requester.credential, case .known(let text) = name.withLock({ $0 })
        else { return admission }
        var admission = admission
        admission.requester.credential = .unixUser(id: id, name: text)
        return admission
    }

    /// Whether it is known who is at the other end, and requests are answered.
    var isIntroduced: Bool { if case .known = name.withLock({ $0 }) { true } else { false } }

    /// Asks for the user's name, on a thread that may wait: a directory can answer over the network.
    func findName(in directory: UserDirectory) async {
        guard let user = peer.user else {
            name.withLock { $0 = .known(nil) }
            return
        }
        let found = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: directory.name(user)) }
        }
        name.withLock { $0 = .known(found) }
    }
}
