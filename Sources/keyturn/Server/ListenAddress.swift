/// Where a server listens: `HOST:PORT`.
struct ListenAddress: Equatable, CustomStringConvertible {
    /// A name or an IP address; IPv6 without its brackets.
    var host: String
    /// 0 lets the system choose.
    var port: Int

    static let standard = ListenAddress(host: "127.0.0.1", port: 8200)

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// - Returns: nil where the text is none.
    init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.count <= 5, digits.allSatisfy(\.isASCII), let port = Int(digits),
            !digits.hasPrefix("+"), !digits.hasPrefix("-"), (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
        } else {
            let isName = host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
            guard isName, !host.isEmpty, host.utf8.count <= 253 else { return nil }
        }
        self.host = host
        self.port = port
    }

    /// Whether only this machine can connect.
    var isLoopback: Bool {
        if host.lowercased() == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
