/// Where a vault is: `https://host[:port]`, `http://host[:port]` on this machine, or `unix:/path/of/socket`.
///
/// Plain `http` is accepted for loopback hosts alone, because keys would be readable on the way to any other.
///
/// ```swift
/// let address = try KeyturnAddress("unix:/run/keyturn/apps.sock")
/// ```
public struct KeyturnAddress: Hashable, Sendable, CustomStringConvertible {
    enum Place: Hashable {
        case network(isEncrypted: Bool, host: String, port: Int?)
        case socket(path: String)
    }

    let place: Place

    /// The address that a server listens on unless told otherwise: `http://127.0.0.1:8200`.
    public static let standard = KeyturnAddress(.network(isEncrypted: false, host: "127.0.0.1", port: 8200))

    init(_ place: Place) { self.place = place }

    /// The socket at an absolute path.
    ///
    /// - Throws: ``KeyturnAddressError``.
    public static func socket(atPath path: String) throws(KeyturnAddressError) -> KeyturnAddress {
        guard path.utf8.first == UInt8(ascii: "/"), !path.utf8.contains(0) else { throw .socketPathNotAbsolute }
        guard path.utf8.count <= longestSocketPath else { throw .socketPathTooLong }
        return KeyturnAddress(.socket(path: path))
    }

    /// Reads an address.
    ///
    /// - Throws: ``KeyturnAddressError``, which does not repeat the text.
    public init(_ text: String) throws(KeyturnAddressError) {
        if let path = text.dropping(prefix: "unix://") ?? text.dropping(prefix: "unix:") {
            self = try .socket(atPath: String(path))
        } else if let authority = text.dropping(prefix: "https://") {
            place = try Self.network(authority, isEncrypted: true)
        } else if let authority = text.dropping(prefix: "http://") {
            place = try Self.network(authority, isEncrypted: false)
        } else {
            throw .unknownScheme
        }
    }

    /// The address as it is written.
    public var description: String {
        switch place {
        case .socket(let path): "unix:\(path)"
        case .network(let isEncrypted, let host, let port):
            (isEncrypted ? "https://" : "http://") + host + (port.map { ":\($0)" } ?? "")
        }
    }

    /// Whether it is a socket on this machine.
    package var isSocket: Bool {
        if case .socket = place { true } else { false }
    }

    /// `sun_path` of `unix(7)` holds 108 bytes with the closing zero.
    private static let longestSocketPath = 107
}

extension String {
    fileprivate func dropping(prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
