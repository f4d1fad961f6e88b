internal import NIOCore

/// Tells the gate when bytes come in, before the decoder has made anything of them: the time of a request runs from its
/// first byte, not from its last header.
final class ByteWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let arrived: () -> Void

    init(_ arrived: @escaping () -> Void) { self.arrived = arrived }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        arrived()
        context.fireChannelRead(data)
    }
}
