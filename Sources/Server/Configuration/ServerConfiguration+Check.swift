internal import NIOCore
internal import NIOPosix

extension ServerConfiguration {
    /// Checks all that can be checked before a vault is touched: the settings themselves, the certificate and its key,
    /// and that nobody listens at the address already.
    ///
    /// - Throws: ``ServerSettingError``. Nothing has been changed.
    package func check() async throws(ServerSettingError) {
        _ = try listeners()
        _ = try proxies()
        guard let listen, listen.port != 0, !inherited.contains(where: { $0.address != nil }) else { return }
        do {
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: listen.host, port: listen.port).get()
            try await channel.close()
        } catch {
            let code = (error as? IOError)?.errnoCode ?? 0
            throw ServerSettingError("listen", ThisProcess.bindFailure("\(listen)", code))
        }
    }
}
