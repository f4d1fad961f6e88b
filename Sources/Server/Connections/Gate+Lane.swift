internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import Vault
internal import VaultAPI

/// Requests that are answered on the event loop. The rules are those of all requests: one at a time, none before the reply
/// to the one before, none while the client does not take its replies.
extension Gate {
    /// Has the request that is in whole answered, or waits until the client has taken more of the replies before.
    func passToLane(_ turn: Lane.Turn, _ context: ChannelHandlerContext) {
        guard context.channel.isWritable else {
            awaitsRoom = true
            clock?.set(context.eventLoop.now + desk.limits.reply)
            return
        }
        awaitsRoom = false
        clock?.set(nil)
        if lane?.answer(turn, for: self) == true {
            inLane?.body = ByteBuffer()
        } else {
            passToRouter(turn, context)
        }
    }

    /// Leaves a request that is in whole to the router after all.
    private func passToRouter(_ turn: Lane.Turn, _ context: ChannelHandlerContext) {
        inLane = nil
        passHead(turn.admission, context)
        if turn.body.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(.body(turn.body))) }
        context.fireChannelRead(wrapInboundOut(.end(nil)))
        context.fireChannelReadComplete()
    }

    /// Says that there is a request. Everything that stood in its head goes by way of the connection.
    func passHead(_ admission: Admission, _ context: ChannelHandlerContext) {
        connection.leave(admission)
        let request = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
        context.fireChannelRead(wrapInboundOut(.head(request)))
    }

    /// Writes the reply to the request in the lane, if its connection is still there.
    func answer(_ result: Result<Lane.Answer, any Error>) {
        guard let turn = inLane else { return }
        let admission = connection.answered(turn.admission)
        inLane = nil
        var reply: Reply
        var code: String?
        switch result {
        case .success(.retrieval(let retrieval)): reply = Operations.reply(retrieval)
        case .success(.verification(let found, let form)): reply = Operations.reply(found, as: form)
        case .failure(let error): (reply, code) = desk.reply(to: error, of: admission)
        }
        desk.finished(admission, status: reply.status, code: code)
        guard phase == .answering, let context else { return }
        beginReply(context)
        desk.warn(&reply, admission)
        let bytes = reply.takeBytes(
            admission.requestID, at: desk.now(), closing: endsAfterReply, isHead: isHead,
            allocator: context.channel.allocator)
        end(context, nil) { promise in self.watch?.send(bytes, promise: promise) }
    }
}
