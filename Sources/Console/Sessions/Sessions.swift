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
        add(session, at: now)
        return session
    }

    /// The same for a browser that has yet to be sent to `host`.
    ///
    /// - Returns: the code that lets it in there, once and within ``Session/arrival``.
    func beginElsewhere(key: WipedBytes, host: String, at now: Int64) -> String {
        let session = Session(key: key, host: host, now: now, random: random)
        let code = session.awaitBrowser(random: random)
        add(session, at: now)
        return code
    }

    private func add(_ session: Session, at now: Int64) {
        open.withLock { open in
            open = open.filter { !$0.value.isOver(at: now) }
            let same = open.values.filter { other in
                session.key.withBytes { a in other.key.withBytes { constantTimeEqual(a, $0) } }
            }
            if same.count >= Self.mostOfOne { Self.remove(same, &open) }
            if open.count >= Self.most { Self.remove(Array(open.values), &open) }
            open[session.id] = session
        }
    }

    private static func remove(_ candidates: [Session], _ open: inout [String: Session]) {
        if let oldest = candidates.min(by: { $0.lastUsed < $1.lastUsed }) { open[oldest.id] = nil }
    }

    /// The session that a cookie opens at `host`, which is in use from then on.
    func find(_ cookie: String, host: String, at now: Int64) -> Session? {
        session(of: cookie, at: host, now) { $0.isOpened(by: cookie) }
    }

    /// The session at `host` that awaits the browser with this code, which is good for nothing from then on.
    func enter(_ code: String, host: String, at now: Int64) -> Session? {
        session(of: code, at: host, now) { $0.take(code: code) }
    }

    /// - Parameters:
    ///   - text: the session's id, a dot, and a secret.
    ///   - isShown: whether the secret is the session's.
    private func session(
        of text: String, at host: String, _ now: Int64, where isShown: (Session) -> Bool
    ) -> Session? {
        guard let dot = text.firstIndex(of: ".") else { return nil }
        let id = String(text[..<dot])
        return open.withLock { open in
            guard let session = open[id], session.host == host else { return nil }
            guard !session.isOver(at: now) else {
                open[id] = nil
                return nil
            }
            guard isShown(session) else { return nil }
            session.use(at: now)
            return session
        }
    }

    func end(_ session: Session) { open.withLock { $0[session.id] = nil } }
    func endAll() { open.withLock { $0 = [:] } }
    var count: Int { open.withLock { $0.count } }
}
