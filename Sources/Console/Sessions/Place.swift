/// Where a browser thinks that the console is, by the Host header: what its cookies are worth there.
enum Place: Equatable {
    /// Behind TLS, here or at a proxy: cookies are for this host alone and never go in the clear.
    case encrypted
    /// Plain loopback under a label that this process gave, perhaps to somebody else.
    case labelled
    /// Plain loopback under a label that it did not give: of a process that ended, or anybody's.
    case strangeLabel(rest: String)
    /// Plain loopback under a name that servers share.
    case bare

    init(host: String, isTLS: Bool, labels: HostLabels) {
        if let (label, rest) = HostLabels.split(host) {
            self = labels.isOurs(label) ? .labelled : .strangeLabel(rest: rest)
        } else if !isTLS, Self.isLoopback(host) {
            self = .bare
        } else {
            // A name that was allowed by a setting is a proxy's.
            self = .encrypted
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        return host == "localhost" || host.hasPrefix("localhost:") || host.hasPrefix("127.") || host.hasPrefix("[::1]")
    }
}
