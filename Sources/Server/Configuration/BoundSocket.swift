internal import Glibc
internal import NIOCore

/// An address that is taken, and at which nobody listens. It is given back when this is gone.
final class BoundSocket: Sendable {
    private let descriptor: CInt

    /// - Parameter reusing: whether connections of an earlier process that linger are no obstacle. Whoever else says so, too,
    ///   can take the same address.
    /// - Throws: what the system says.
    init(_ address: SocketAddress, reusing: Bool) throws(Refused) {
        descriptor = socket(address.protocol.rawValue, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Refused(code: errno) }
        var reuse: CInt = reusing ? 1 : 0
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<CInt>.size))
        let code = unsafe address.withSockAddr { place, size in
            unsafe bind(descriptor, place, socklen_t(size)) == 0 ? 0 : errno
        }
        guard code == 0 else { throw Refused(code: code) }
    }

    deinit { if descriptor >= 0 { _ = close(descriptor) } }

    struct Refused: Error {
        let code: CInt
    }
}
