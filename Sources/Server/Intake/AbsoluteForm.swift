internal import NIOHTTP1

/// A target that is a whole address, as a client sends it that takes a server for a proxy (RFC 9112, section 3.2.2).
enum AbsoluteForm {
    /// The same request in the usual form: the path and what follows as its target, the address's host in its Host header,
    /// since what that says beside a whole address counts for nothing. Nil where the target is no `http://HOST…`, or
    /// `https://HOST…` on a listener with TLS.
    ///
    /// A request without a Host header still has none, and is still refused.
    static func origin(of head: HTTPRequestHead, isTLS: Bool) -> HTTPRequestHead? {
        let scheme = isTLS ? "https://" : "http://"
        let target = head.uri.utf8
        guard target.count > scheme.utf8.count,
            zip(target, scheme.utf8).allSatisfy({ ($0 | ($0.isCapital ? 0x20 : 0)) == $1 })
        else { return nil }
        let address = target.dropFirst(scheme.utf8.count)
        let host = address.prefix { $0.isOfHost }
        let rest = address[host.endIndex...]
        guard !host.isEmpty, rest.isEmpty || rest.first == UInt8(ascii: "/") || rest.first == UInt8(ascii: "?") else {
            return nil
        }
        var origin = head
        let path = String(decoding: rest, as: UTF8.self)
        origin.uri = path.hasPrefix("/") ? path : "/" + path
        if head.headers.contains(name: "Host") {
            origin.headers.replaceOrAdd(name: "Host", value: String(decoding: host, as: UTF8.self))
        }
        return origin
    }
}

extension UInt8 {
    fileprivate var isCapital: Bool { (0x41...0x5A).contains(self) }

    /// Of a name, an address or a port; a user's name has no place here.
    fileprivate var isOfHost: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }
}
