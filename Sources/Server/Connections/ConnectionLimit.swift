internal import NIOCore

/// Accepts no more connections of a socket while so many are open. What comes then waits in the kernel.
final class ConnectionLimit: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never
    typealias OutboundOut = Never

    private let most: Int
    private var open = 0
    private var readIsHeld = false

    init(_ most: Int) { self.most = most }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += 1
        let handler = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            let (handler, context) = handler.value
            handler.closed(context)
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        guard open < most else {
            readIsHeld = true
            return
        }
        context.read()
    }

    private func closed(_ context: ChannelHandlerContext) {
        open -= 1
        guard readIsHeld, open < most else { return }
        readIsHeld = false
        context.read()
    }
}
