/// The names under which a listener may be asked for. A request that names another host comes from a page that was
/// served under that name and then led here (DNS rebinding), or from somebody who is lost.
package struct HostNames: Sendable, Equatable {
    /// `name:port`, and `name` alone where that means the same; lower case.
    private let names: Set<String>
    /// The names of this host by themselves, where the port has to be said: what a proxy on it hands on, or who writes
    /// requests by hand. A browser never leaves the port out, and no page is served under them by another host.
    private let loopback: Set<String>
    /// Whether the listener speaks TLS.
    let isTLS: Bool

    /// - Parameters:
    ///   - own: the listener's address as it was written, without port; nil on a local socket.
    ///   - port: the port it listens on; nil on a local socket.
    ///   - isTLS: whether 443 rather than 80 is the port that need not be said.
    ///   - allowed: further names, with or without port. Without, the listener's port and no port both do.
    package init(own: String?, port: Int?, isTLS: Bool, allowed: [String]) {
        var names: Set<String> = []
        func add(_ name: String) {
            let name = name.lowercased()
            guard let port else {
                names.insert(name)
                return
            }
            names.insert("\(name):\(port)")
            if port == (isTLS ? 443 : 80) { names.insert(name) }
        }
        loopback = port == nil ? [] : ["localhost", "127.0.0.1", "[::1]"]
        for name in loopback { add(name) }
        if let own { add(own.contains(":") && !own.hasPrefix("[") ? "[\(own)]" : own) }
        for name in allowed {
            add(name)
            names.insert(name.lowercased())
        }
        self.names = names
        self.isTLS = isTLS
    }

    /// Whether a request that names `host` is meant for this listener. What comes from a page is held to
    /// ``contains(_:)``: a server at this host's port 80 is another origin.
    func accepts(_ host: String) -> Bool {
        contains(host) || host.utf8.count <= 255 && loopback.contains(host.lowercased())
    }

    /// Whether `host`, the value of a Host header, names this listener and its port.
    package func contains(_ host: String) -> Bool {
        guard host.utf8.count <= 255 else { return false }
        return names.contains(host.lowercased())
    }

    /// Whether `origin`, the value of an Origin header (RFC 6454, section 7), is this listener itself.
    package func containsOrigin(_ origin: String) -> Bool {
        for scheme in ["https://", "http://"] where origin.lowercased().hasPrefix(scheme) {
            return contains(String(origin.dropFirst(scheme.count)))
        }
        return false
    }
}
