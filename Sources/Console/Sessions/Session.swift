internal import SecretMemory
internal import Synchronization

/// Somebody who has signed in with an access key. It holds the key, not what the key may do: each request presents the
/// key again, so that what was revoked or forbidden meanwhile is refused.
final class Session: Sendable {
    /// Not a secret: the secret is what a cookie has beside it.
    let id: String
    private let secret: String
    /// The text of the access key.
    let key: WipedBytes
    /// The host that the browser names; under another it is no session.
    let host: String
    /// What every form of this session carries.
    let formToken: String
    /// When it began, by the steady clock.
    let began: Int64
    private let changing: Mutex<Changing>

    private struct Changing {
        var lastUsed: Int64
        /// The code with which the browser has yet to come; nil where none is awaited.
        var awaited: String?
        var notice: Notice?
        var expiring: (count: Int, at: Int64)?
        var held: (id: String, text: WipedBytes)?
    }

    /// Longer than this without a request, or this long in all, and it is over: 15 minutes and 8 hours.
    static let idle: Int64 = 15 * 60_000
    static let longest: Int64 = 8 * 3_600_000
    /// A browser that does not come to where its session lives has none after this long: 30 seconds.
    static let arrival: Int64 = 30_000

    init(key: WipedBytes, host: String, now: Int64, random: any RandomSource) {
        id = hexadecimal(random.bytes(8))
        secret = hexadecimal(random.bytes(32))
        formToken = hexadecimal(random.bytes(16))
        self.key = key
        self.host = host
        began = now
        changing = Mutex(Changing(lastUsed: now))
    }

    /// What the cookie holds.
    var cookie: String { "\(id).\(secret)" }

    func isOpened(by cookie: String) -> Bool { isSame(cookie, self.cookie) }

    func isOver(at now: Int64) -> Bool {
        changing.withLock { changing in
            now - began >= Self.longest || now - changing.lastUsed >= Self.idle
                || changing.awaited != nil && now - began >= Self.arrival
        }
    }

    func use(at now: Int64) { changing.withLock { $0.lastUsed = max($0.lastUsed, now) } }
    var lastUsed: Int64 { changing.withLock { $0.lastUsed } }

    // MARK: The way to it

    /// Awaits the browser, which is elsewhere as yet.
    ///
    /// - Returns: the code that it has to bring.
    func awaitBrowser(random: any RandomSource) -> String {
        let code = "\(id).\(hexadecimal(random.bytes(32)))"
        changing.withLock { $0.awaited = code }
        return code
    }

    /// Takes the code that is awaited; none is from then on.
    ///
    /// - Returns: false where this is another.
    func take(code: String) -> Bool {
        changing.withLock { changing in
            guard let awaited = changing.awaited, isSame(awaited, code) else { return false }
            changing.awaited = nil
            return true
        }
    }

    // MARK: What the next page shows

    func leave(_ notice: Notice) { changing.withLock { $0.notice = notice } }
    func takeNotice() -> Notice? {
        changing.withLock { changing in
            defer { changing.notice = nil }
            return changing.notice
        }
    }

    /// Keeps the text of a new key for the page that shows it this once; the one before is forgotten.
    func hold(_ text: WipedBytes, of id: String) { changing.withLock { $0.held = (id, text) } }
    /// The text that is kept for a key; it is not kept any longer, whatever key was asked for.
    func takeHeld(of id: String) -> WipedBytes? {
        changing.withLock { changing in
            defer { changing.held = nil }
            return changing.held.flatMap { $0.id == id ? $0.text : nil }
        }
    }

    /// How many keys expire soon, where that was counted less than a minute ago.
    func expiring(at now: Int64) -> Int? {
        changing.withLock { changing in
            changing.expiring.flatMap { now - $0.at < 60_000 ? $0.count : nil }
        }
    }
    func remember(expiring count: Int, at now: Int64) { changing.withLock { $0.expiring = (count, now) } }
}

/// What became of an action, on the page after it.
struct Notice: Sendable, Equatable {
    var tone: Badge.Tone = .good
    var text: String
    /// A link behind it.
    var link: (text: String, href: String)?

    static func == (a: Notice, b: Notice) -> Bool { a.tone == b.tone && a.text == b.text }

    var view: View {
        var view: View = ["tone": tone.rawValue, "text": text]
        if let link { view["link"] = ["text": link.text, "href": link.href] }
        return view
    }
}
