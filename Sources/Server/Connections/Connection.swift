internal import Dispatch
internal import Synchronization
internal import Vault

/// One connection, as the task that answers its requests sees it.
final class Connection: Sendable {
    let peer: Peer
    let doorway: Doorway
    private let admitted = Mutex<Admission?>(nil)
    private let name = Mutex<Name>(.unknown)
    private let waiting = Mutex(Waiting())

    private struct Waiting {
        var wait: RetrievalWait?
        var isOver = false
        var begun: (@Sendable () -> Void)?
    }

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

    /// What nobody has to be asked for: over a network there are no users.
    func introduce() { if peer.user == nil { name.withLock { $0 = .known(nil) } } }

    // MARK: Waiting

    /// Has `action` called when a request begins to wait; nil: no longer.
    func onWait(_ action: (@Sendable () -> Void)?) { waiting.withLock { $0.begun = action } }

    /// The request that is being answered waits for a change, unless the client has gone.
    func begin(_ wait: RetrievalWait) {
        let (isOver, begun) = waiting.withLock { waiting in
            waiting.wait = wait
            return (waiting.isOver, waiting.begun)
        }
        begun?()
        if isOver { wait.end() }
    }

    /// Nobody is to wait on this connection from now on: the client sends nothing more, or the server stops.
    func endWaits() {
        let wait = waiting.withLock { waiting in
            waiting.isOver = true
            return waiting.wait.take()
        }
        wait?.end()
    }

    /// The request has been answered.
    ///
    /// - Returns: it, as if it had come when its waiting ended: that is no time that anybody worked for it.
    func answered(_ admission: Admission) -> Admission {
        guard let ended = waiting.withLock({ $0.wait.take() })?.ended else { return admission }
        var admission = admission
        admission.requester.began = ended
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
