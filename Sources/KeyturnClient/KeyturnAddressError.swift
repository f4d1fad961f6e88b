/// Why a text is no address of a vault. It does not repeat the text, which may hold a password in the wrong place.
public enum KeyturnAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It starts with none of the three.
    case unknownScheme
    /// A user or password stands in it.
    case hasCredentials
    /// Something follows the host and port.
    case hasMoreThanHost
    /// The host is missing or has characters that hosts do not have.
    case invalidHost
    /// The port is not a number from 1 to 65535.
    case invalidPort
    /// The path of the socket does not start with a slash.
    case socketPathNotAbsolute
    /// The path of the socket is longer than the system takes.
    case socketPathTooLong
    /// Plain `http` to another machine.
    case notEncrypted

    /// A sentence that says what would be right.
    public var description: String {
        switch self {
        case .unknownScheme: "an address starts with `https://`, `http://` or `unix:/`"
        case .hasCredentials: "an address holds no user and no password; the access key goes into KEYTURN_ACCESS_KEY"
        case .hasMoreThanHost: "an address ends after the host and the port"
        case .invalidHost: "the host of the address is not a name or an IP address (IPv6 in brackets)"
        case .invalidPort: "the port of the address is not a number from 1 to 65535"
        case .socketPathNotAbsolute: "the path of a socket starts with a slash: `unix:/run/keyturn.sock`"
        case .socketPathTooLong: "the path of the socket is longer than the 107 bytes that the system takes"
        case .notEncrypted:
            "plain `http` is for this machine only, as anyone on the way could read the keys; use `https`"
        }
    }
}
