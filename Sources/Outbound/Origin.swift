/// A scheme, host and port that requests may go to: `https://api.example.com`, `https://10.0.0.5:8443`,
/// `http://localhost:8080`.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
    package let isEncrypted: Bool
    /// Lower-case; an IPv6 address without its brackets.
    package let host: String
    package let port: Int

    /// Reads an origin and nothing else: no path, no user, no query.
    ///
    /// - Throws: ``OriginError``.
    package init(parsing text: String) throws(OriginError) {
        let rest: Substring
        if text.hasPrefix("https://") {
            isEncrypted = true
            rest = text.dropFirst(8)
        } else if text.hasPrefix("http://") {
            isEncrypted = false
            rest = text.dropFirst(7)
        } else {
            throw .scheme
        }
        var host = rest
        var port = isEncrypted ? 443 : 80
        let bracket = rest.lastIndex(of: "]")
        if let colon = rest.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            let digits = rest[rest.index(after: colon)...]
            let isNumber = digits.utf8.allSatisfy { (48...57).contains($0) }
            guard isNumber, let number = Int(digits), (1...65_535).contains(number), !digits.hasPrefix("0") else {
                throw .malformed
            }
            port = number
            host = rest[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard SystemResolver.literal(String(host))?.count == 16 else { throw .malformed }
        } else {
            guard Self.isName(host) else { throw .malformed }
        }
        self.host = host.lowercased()
        self.port = port
        guard isEncrypted || isLoopback else { throw .plainHTTP }
    }

    /// Labels of letters, digits and hyphens; at most 253 bytes.
    private static func isName(_ host: Substring) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return host.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                            true
                        default: false
                        }
                    }
            }
    }

    /// Whether the name or address can only be this machine.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        return SystemResolver.literal(host).map { $0.count == 4 && $0[0] == 127 } ?? false
    }

    /// `host:port`, as policies name it.
    package var hostAndPort: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    package var description: String { (isEncrypted ? "https://" : "http://") + hostAndPort }
}

/// Why a text is no origin.
package enum OriginError: Error, Equatable, Sendable, CustomStringConvertible {
    case scheme
    case malformed
    case plainHTTP

    package var description: String {
        switch self {
        case .scheme: "it does not begin with https://"
        case .malformed: "it is no scheme, host and port and nothing more, such as https://api.example.com"
        case .plainHTTP: "http:// is only for this machine (localhost, 127.0.0.1, [::1]); use https://"
        }
    }
}
