internal import NIOHTTP1
internal import SecretMemory

/// What a proxy says of the request that it asks about with `GET /v1/verify`. The proxy's own credential stands where
/// every caller's does; what its customer presented never does.
struct CustomersKey: Sendable {
    /// The most bytes of a key; longer ones are known to nobody.
    static let longest = 512

    /// The text that was presented; empty where nothing was, or nothing that can be a key.
    var text: WipedBytes
    /// The customer's address as the proxy has it.
    var address: String?
    var scope: String?

    /// Nothing was asked.
    static let none = CustomersKey(HTTPHeaders())

    /// Takes the key alone, or after `Bearer` (RFC 6750) as a customer sends it.
    init(_ headers: HTTPHeaders) {
        var presented = headers.first(name: "Keyturn-Key").map { Substring($0) } ?? ""
        if let space = presented.firstIndex(of: " "), presented[..<space].lowercased() == "bearer" {
            presented = presented[space...].drop { $0 == " " }
        }
        let isPlain = presented.utf8.count <= Self.longest && presented.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        text = WipedBytes(utf8: isPlain ? String(presented) : "")
        address = headers.first(name: "Keyturn-Network")
        scope = headers.first(name: "Keyturn-Scope")
    }
}
