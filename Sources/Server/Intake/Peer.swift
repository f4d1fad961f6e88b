package import IssuedKeys
package import Vault

/// Who is at the other end of a connection, as the kernel says.
package struct Peer: Sendable, Equatable {
    /// On a TCP listener: where the connection comes from.
    package var address: IPAddress? { didSet { addressText = address?.description } }
    /// The same as text, made once for all requests of a connection.
    package private(set) var addressText: String?
    /// On a local socket: the user who opened the connection.
    package var user: UInt32?

    package init(address: IPAddress? = nil, user: UInt32? = nil) {
        self.address = address
        addressText = address?.description
        self.user = user
    }
}

/// The door that a connection came through, and what it is known as.
package struct Doorway: Sendable, Equatable {
    package var door: Door
    package var names: HostNames

    package init(door: Door, names: HostNames) {
        self.door = door
        self.names = names
    }
}

/// What decides whom a peer is taken for; the same for all connections.
package struct PeerRules: Sendable {
    /// Peers whose `X-Forwarded-For` is believed, as to its last entry.
    package var trustedProxies: NetworkList?
    /// The user that the server runs as: it and root are the operator on the operator's socket.
    package var serverUser: UInt32
    /// What the kernel says instead of a user that does not exist here, such as one of another container.
    package var overflowUser: UInt32

    package init(trustedProxies: NetworkList? = nil, serverUser: UInt32, overflowUser: UInt32 = 65534) {
        self.trustedProxies = trustedProxies
        self.serverUser = serverUser
        self.overflowUser = overflowUser
    }
}
