internal import HummingbirdCore
internal import IssuedKeys
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOSSL
internal import Vault

/// Sets up and serves the connections of one listener: TLS where there is any, HTTP/1, the gate, and behind it
/// Hummingbird's loop of request and response.
struct GuardedChannel: ServerChildChannel, HTTPChannelHandler {
    let responder: HTTPChannelHandler.Responder
    let listener: Listener
    let desk: FrontDesk
    let directory: UserDirectory
    let registry: ConnectionRegistry
    let start: StartLine
    /// By event loop.
    let lanes: [ObjectIdentifier: Lane]

    /// A connection that is set up.
    struct Value: ServerChildChannelValue {
        let connection: Connection
        let parts: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        var channel: any Channel { parts.channel }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        registry.add(channel)
        guard listener.isLocal else {
            let address = channel.remoteAddress?.ipAddress.flatMap { try? IPAddress(parsing: $0) }
            return channel.eventLoop.makeCompletedFuture { try setUp(channel, Peer(address: address)) }
        }
        return Peer.user(of: channel).flatMapThrowing { try setUp(channel, Peer(user: $0)) }
    }

    /// On the event loop of `channel`.
    private func setUp(_ channel: any Channel, _ peer: Peer) throws -> Value {
        let connection = Connection(peer: peer, doorway: listener.doorway(port: channel.localAddress?.port))
        if start.isOpen { connection.introduce() }
        let pipeline = channel.pipeline.syncOperations
        if let certificates = listener.certificates {
            try pipeline.addHandler(NIOSSLServerHandler(context: certificates.context))
        }
        let watch = ByteWatch()
        let gate = Gate(
            connection: connection, desk: desk, lane: lanes[ObjectIdentifier(channel.eventLoop)], watch: watch)
        watch.arrived = { [weak gate] in gate?.bytesArrived() }
        try pipeline.addHandler(watch)
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = HeaderCheck.mostBytes
        limits.maxHeaderListSize = HeaderCheck.mostBytes
        limits.maxHeaderFieldCount = HeaderCheck.mostFields
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: true,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
        try pipeline.addHandler(gate)
        let parts = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        return Value(connection: connection, parts: parts)
    }

    func handle(value: Value, logger: Logger) async {
        guard start.isOpen else {
            try? await value.parts.executeThenClose { _, _ in }
            return
        }
        await value.connection.findName(in: directory)
        await Connection.$current.withValue(value.connection) {
            await handleHTTP(asyncChannel: value.parts, logger: logger)
        }
    }
}
