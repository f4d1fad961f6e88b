internal import Glibc
internal import NIOCore

/// The port of a plain loopback listener at the other loopback address, taken so that nobody else listens there.
///
/// Browsers take every name that ends in `localhost`, under which the console's sessions live, for both addresses, `::1`
/// first: whoever listened at the other one would be sent access keys and cookies. Nobody is answered there.
package final class HeldLoopback: Sendable {
    private let held: BoundSocket

    /// - Returns: nil where there is nothing to hold: no console, TLS, a listener that was handed over, or no such address
    ///   on this machine.
    /// - Throws: ``ServerSettingError`` about `listen` where another program is there.
    package init?(for configuration: ServerConfiguration) throws(ServerSettingError) {
        guard configuration.hasConsole, configuration.tls == nil, let listen = configuration.listen, listen.port != 0,
            !configuration.inherited.contains(where: { $0.address != nil }), let other = listen.otherLoopback,
            let address = try? SocketAddress(ipAddress: other, port: listen.port)
        else { return nil }
        do throws(BoundSocket.Refused) {
            // Without reuse, so that nobody else gets the address by it.
            held = try BoundSocket(address, reusing: false)
        } catch {
            guard error.code == EADDRINUSE else { return nil }
            throw ServerSettingError(
                "listen",
                "another program is at \(other), port \(listen.port), where browsers look for the console too; end it, choose another port, or switch the console off"
            )
        }
    }
}

extension ListenAddress {
    /// The address beside this one that names ending in `localhost` stand for.
    fileprivate var otherLoopback: String? {
        switch host {
        case "127.0.0.1": "::1"
        case "::1": "127.0.0.1"
        default: nil
        }
    }
}
