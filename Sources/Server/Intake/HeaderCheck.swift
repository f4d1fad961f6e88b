internal import NIOHTTP1
internal import Vault
internal import VaultAPI

/// What is wrong with a request's head before anybody asks what it wants.
enum HeaderCheck {
    /// The most header fields of one request.
    static let mostFields = 64
    /// The most bytes of a request's header fields, names and values together.
    static let mostBytes = 16 * 1024

    /// Headers of which a second one could mean something else to somebody in between.
    private static let single = [
        "Host", "Authorization", "Content-Length", "Transfer-Encoding", "Content-Type", "Origin", "Expect",
        "X-API-Key", "Keyturn-Authorization", "Keyturn-Init-Token", "If-Match", "If-None-Match",
        "Keyturn-Key", "Keyturn-Network", "Keyturn-Scope", "Keyturn-Instance",
    ]

    /// Which of the headers that may be there once are there, so that nobody looks for those that are not.
    struct Seen: OptionSet {
        let rawValue: UInt64

        static let framing = Seen(["Content-Length", "Transfer-Encoding", "Expect"])
        static let conditions = Seen(["If-Match", "If-None-Match"])
        static let secrets = Seen(["Keyturn-Authorization", "Keyturn-Init-Token"])
        static let instance = Seen(["Keyturn-Instance"])

        init(rawValue: UInt64) { self.rawValue = rawValue }

        private init(_ names: [String]) {
            rawValue = names.compactMap(place).reduce(0) { $0 | 1 << UInt64($1) }
        }
    }

    /// - Throws: ``Refusal``.
    @discardableResult static func check(_ head: HTTPRequestHead) throws(Refusal) -> Seen {
        guard head.version.major == 1, head.version.minor <= 1 else {
            throw Refusal(.malformed, "this server speaks HTTP/1.1")
        }
        guard head.headers.count <= mostFields else {
            throw Refusal(.malformed, "a request has at most \(mostFields) header fields")
        }
        var seen: UInt64 = 0
        for (name, value) in head.headers {
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
                throw Refusal(.malformed, "a header has a control character")
            }
            guard let place = place(of: name) else { continue }
            guard seen & 1 << UInt64(place) == 0 else { throw Refusal.repeated(header: single[place]) }
            seen |= 1 << UInt64(place)
        }
        return Seen(rawValue: seen)
    }

    /// Where a header that may be there once stands in the list; nil for others. Most are told apart by their length.
    private static func place(of name: String) -> Int? {
        single.firstIndex { name.utf8.matches($0) }
    }

    /// Checks that the request is meant for this listener and does not come from another's web page.
    ///
    /// - Throws: ``Refusal``: `malformed`, `host_refused`, `origin_refused`.
    static func check(_ head: HTTPRequestHead, cameTo doorway: Doorway) throws(Refusal) {
        if doorway.door == .network {
            guard let host = head.headers.first(name: "Host") else {
                throw Refusal(.malformed, "a request names its host in a Host header", field: "Host")
            }
            guard doorway.names.accepts(host) else {
                throw Refusal(
                    .hostRefused,
                    "the Host header names another server; names are allowed by the setting `allowed_hosts`",
                    field: "Host")
            }
        }
        if let origin = head.headers.first(name: "Origin"), !doorway.names.containsOrigin(origin) {
            throw Refusal(.originRefused, "a web page from another origin may not use this server", field: "Origin")
        }
    }
}
