/// How hosts stand in rules: as a path of two segments, the host and the port, so that they are found and compared as
/// everything else is.
enum HostPattern {
    private static let colon = UInt8(ascii: ":")

    /// `HOST:PORT` as what it is compared as; nil where it is no such thing.
    static func path(of target: String) -> String? {
        guard let (host, port) = divided(target), let port, !target.utf8.contains(Segment.star),
            let number = UInt16(port), number > 0, String(number) == port, let host = segment(host)
        else { return nil }
        return "\(host)/\(port)"
    }

    /// A pattern over hosts: `HOST` for all its ports, or `HOST:PORT`; `*` stands for any part of the host.
    ///
    /// - Throws: ``PathPatternError``, as patterns over paths do.
    static func pattern(_ text: String) throws(PathPatternError) -> PathPattern {
        guard !text.isEmpty else { throw .empty }
        guard !text.utf8.contains(Segment.slash), let (host, port) = divided(text), let host = segment(host),
            port.map({ $0 == "*" || UInt16($0).map { $0 > 0 } ?? false }) ?? true
        else { throw .host }
        let pattern = try PathPattern(parsing: "\(host)/\(port ?? "*")")
        guard pattern.parts.allSatisfy({ $0.kind != .deep }) else { throw .host }
        return pattern
    }

    /// The host, in brackets where it is an address of IPv6, and the port where there is one.
    private static func divided(_ text: String) -> (host: Substring, port: String?)? {
        guard let end = text.utf8.lastIndex(of: colon), text[end...].utf8.dropFirst().first != nil,
            !(text.hasPrefix("[") && text.hasSuffix("]"))
        else { return text.hasSuffix(":") ? nil : (text[...], nil) }
        return (text[..<end], String(text[text.index(after: end)...]))
    }

    /// A host as one segment: in lower case. An address of IPv6 gets a beginning that no name has.
    private static func segment(_ host: Substring) -> String? {
        let lower = String(decoding: host.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
        guard lower.hasPrefix("[") else { return lower.utf8.contains(colon) || lower.isEmpty ? nil : lower }
        guard lower.hasSuffix("]"), lower.utf8.count > 2 else { return nil }
        let address = lower.utf8.dropFirst().dropLast().map { $0 == colon ? UInt8(ascii: "-") : $0 }
        return "V6_" + String(decoding: address, as: UTF8.self)
    }
}
