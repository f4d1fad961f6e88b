internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOExtras
internal import NIOPosix
internal import ServiceLifecycle

/// Serves the connections of a socket that listens already, as HummingbirdCore's server does those of a socket that it
/// makes itself.
struct InheritedServer: Service {
    let descriptor: Int32
    let channel: GuardedChannel
    /// The most connections at one time.
    let most: Int
    let group: MultiThreadedEventLoopGroup
    let logger: Logger
    let onServerRunning: @Sendable (any Channel) async -> Void

    func run() async throws {
        let quiescing = ServerQuiescingHelper(group: group)
        let server = try await ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: CInt(KeyturnServer.backlog))
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionLimit(most))
                    try channel.pipeline.syncOperations.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .bind(descriptor, cleanupExistingSocketFile: false, serverBackPressureStrategy: nil) { child in
                channel.setup(channel: child, logger: logger)
            }
        await withGracefulShutdownHandler {
            await onServerRunning(server.channel)
            await withDiscardingTaskGroup { group in
                // What goes wrong here ends the accepting of connections, and with it the process.
                try? await server.executeThenClose { inbound in
                    for try await connection in inbound {
                        group.addTask { await channel.handle(value: connection, logger: logger) }
                    }
                }
            }
        } onGracefulShutdown: {
            quiescing.initiateShutdown(promise: nil)
        }
    }
}
