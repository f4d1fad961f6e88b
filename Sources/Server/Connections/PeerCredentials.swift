internal import Glibc
internal import NIOCore

/// What the kernel knows of the process that opened a local connection (`SO_PEERCRED`, unix(7)): `struct ucred`.
private struct PeerCredentials: Sendable {
    var process: Int32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
}

extension Peer {
    /// The user at the other end of a local connection, as it was when the connection was opened.
    static func user(of channel: any Channel) -> EventLoopFuture<UInt32?> {
        guard let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let name = NIOBSDSocket.Option(rawValue: CInt(SO_PEERCRED))
        let credentials: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
            level: .socket, name: name)
        return credentials.map { .some($0.user) }
    }
}
