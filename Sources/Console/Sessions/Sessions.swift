internal import SecretMemory
internal import Synchronization

/// Who has signed in. In memory alone: it ends with the process, and with the seal.
final class Sessions: Sendable {
    /// Sessions at one time, and of one access key; the one that was used least recently makes room.
    static let most = 256
    static let mostOfOne = 16

    private let open = Mutex<[String: Session]>([:])
    private let random: any RandomSource

    init(random: any RandomSource) { self.random = random }

    func begin(key: WipedBytes, host: String, at now: Int64) -> Session {
        let session = Session(key: key, host: host, now: now, random: random)
        open.withLock { open in
            open = open.filter { !$0.value.isOver(at: now) }
            let same = open.values.filter { other in
                key.withBytes { a in other.key.withBytes { constantTimeEqual(a, $0) } }
            }
            if same.count >= Self.mostOfOne { Self.remove(same, &open) }
            if open.count >= Self.most { Self.remove(Array(open.values), &open) }
            open[session.id] = session
        }
        return session
    }

    private static func remove(_ candidates: [Session], _ open: inout [String: Session]) {
        if let oldest = candidates.min(by: { $0.lastUsed < $1.lastUsed }) { open[oldest.id] = nil }
    }

    /// The session that a cookie opens at `host`, which is in use from then on.
    func find(_ cookie: String, host: String, at now: Int64) -> Session? {
        guard let dot = cookie.firstIndex(of: ".") else { return nil }
        let id = String(cookie[..<dot])
        return open.withLock { open in
            guard let session = open[id], session.isOpened(by: cookie), session.host == host else { return nil }
            guard !session.isOver(at: now) else {
                open[id] = nil
                return nil
            }
            session.use(at: now)
            return session
        }
    }

    func end(_ session: Session) { open.withLock { $0[session.id] = nil } }
    func endAll() { open.withLock { $0 = [:] } }
    var count: Int { open.withLock { $0.count } }
}
