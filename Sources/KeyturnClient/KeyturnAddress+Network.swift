internal import VaultAPI

extension KeyturnAddress {
    /// Reads what follows `http://` or `https://`: RFC 3986, section 3.2, without user, path, query and fragment.
    static func network(_ text: Substring, isEncrypted: Bool) throws(KeyturnAddressError) -> Place {
        guard !text.contains("@") else { throw .hasCredentials }
        var authority = text
        if authority.last == "/" { authority.removeLast() }
        guard !authority.contains(where: { "/?#".contains($0) }) else { throw .hasMoreThanHost }
        let (host, rest) = try splitHost(authority)
        let port = try readPort(rest)
        guard isEncrypted || isLoopback(host) else { throw .notEncrypted }
        return .network(isEncrypted: isEncrypted, host: host.lowercased(), port: port)
    }

    private static func splitHost(_ authority: Substring) throws(KeyturnAddressError) -> (Substring, Substring) {
        let end: Substring.Index
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { throw .invalidHost }
            end = authority.index(after: bracket)
            let inside = authority[..<bracket].dropFirst()
            let isPlain = inside.utf8.allSatisfy {
                HexDigit.value(of: $0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
            }
            guard isPlain, inside.utf8.contains(UInt8(ascii: ":")) else { throw .invalidHost }
        } else {
            end = authority.firstIndex(of: ":") ?? authority.endIndex
            let name = authority[..<end]
            guard !name.isEmpty, name.utf8.count <= 253, name.utf8.allSatisfy(isNameCharacter) else {
                throw .invalidHost
            }
        }
        return (authority[..<end], authority[end...])
    }

    private static func readPort(_ text: Substring) throws(KeyturnAddressError) -> Int? {
        guard !text.isEmpty else { return nil }
        let digits = text.dropFirst()
        let isNumber = digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard text.first == ":", isNumber, digits.utf8.count <= 5, let port = Int(digits), (1...65_535).contains(port)
        else { throw .invalidPort }
        return port
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
