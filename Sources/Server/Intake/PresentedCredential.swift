internal import NIOHTTP1
internal import SecretMemory
internal import VaultAPI

/// The access key that a request presents in `Authorization: Bearer` (RFC 6750) or in `X-API-Key`.
enum PresentedCredential {
    /// The most bytes of what is presented; anything longer is no access key, and is not looked up.
    static let longest = 512

    /// The text that was presented, or nil where there is none.
    ///
    /// - Throws: ``Refusal``: `malformed` where a header is repeated or the two differ, `unauthorized` where what is
    ///   presented cannot be an access key.
    static func find(in headers: HTTPHeaders) throws(Refusal) -> WipedBytes? {
        let bearer = try single("Authorization", in: headers)
        let plain = try single("X-API-Key", in: headers)
        var presented: [Substring] = []
        if let bearer {
            guard let space = bearer.firstIndex(of: " "), bearer[..<space].lowercased() == "bearer" else {
                throw Refusal(.unauthorized, "present an access key as `Authorization: Bearer <access key>`")
            }
            presented.append(bearer[bearer.index(after: space)...])
        }
        if let plain { presented.append(plain[...]) }
        guard let first = presented.first else { return nil }
        if presented.count == 2, presented[0] != presented[1] {
            throw Refusal(.malformed, "Authorization and X-API-Key present different access keys; send one of them")
        }
        guard !first.isEmpty, first.utf8.count <= longest, first.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Refusal(.unauthorized, "what was presented is no access key")
        }
        return WipedBytes(utf8: String(first))
    }

    /// The value of a header that may be there once.
    static func single(_ name: String, in headers: HTTPHeaders) throws(Refusal) -> String? {
        let values = headers[name]
        guard values.count <= 1 else { throw Refusal.repeated(header: name) }
        return values.first
    }
}
