internal import Glibc
internal import NIOCore

extension ServerConfiguration {
    /// Checks all that can be checked before a vault is touched: the settings themselves, the certificate and its key,
    /// and that nobody listens at the address already.
    ///
    /// - Throws: ``ServerSettingError``. Nothing has been changed.
    package func check() throws(ServerSettingError) {
        _ = try listeners()
        _ = try proxies()
        guard let listen, listen.port != 0, !inherited.contains(where: { $0.address != nil }) else { return }
        let code = Self.bindAndLetGo(listen)
        guard code == 0 else { throw ServerSettingError("listen", ThisProcess.bindFailure("\(listen)", code)) }
    }

    /// Takes the address for a moment. Nothing listens there: whoever connected would be left with a connection that
    /// nobody serves.
    ///
    /// - Returns: 0, or what the system says.
    private static func bindAndLetGo(_ listen: ListenAddress) -> CInt {
        guard let address = try? SocketAddress.makeAddressResolvingHost(listen.host, port: listen.port) else {
            return EADDRNOTAVAIL
        }
        // As the listener does, so that connections of an earlier process that linger are not in the way.
        do throws(BoundSocket.Refused) { _ = try BoundSocket(address, reusing: true) } catch { return error.code }
        return 0
    }
}
