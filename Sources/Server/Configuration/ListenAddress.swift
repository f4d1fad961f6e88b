internal import IssuedKeys

/// Where a TCP listener listens: an address and a port.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// An IPv4 or IPv6 address without brackets, or `localhost`.
    package let host: String
    /// 0: whichever is free.
    package let port: Int

    /// Reads `HOST:PORT`; an IPv6 address stands in brackets, as in `[::1]:8200`.
    ///
    /// - Throws: ``ServerSettingError`` about `listen`.
    package init(parsing text: String) throws(ServerSettingError) {
        let expected = ServerSettingError(
            "listen", "an address and a port is wanted, such as 127.0.0.1:8200, [::1]:8200 or localhost:8200")
        guard let colon = text.lastIndex(of: ":") else { throw expected }
        var host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            port <= 65535
        else { throw expected }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard isBracketed == host.contains(":") else { throw expected }
        if host != "localhost" {
            do { _ = try IPAddress(parsing: String(host)) } catch { throw expected }
        }
        self.host = String(host)
        self.port = port
    }

    /// Whether nobody but this host can reach it.
    package var isLoopback: Bool {
        guard host != "localhost" else { return true }
        guard let address = try? IPAddress(parsing: host),
            let loopback = try? NetworkList(parsing: ["127.0.0.0/8", "::1/128"])
        else { return false }
        return loopback.contains(address)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
