internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import SecretMemory
internal import Vault
internal import VaultAPI

/// Stands between the HTTP decoder and everybody else on a connection. It lets one request in at a time, and only one
/// whose head is in order; counts its body while it comes; keeps the time; and ends the connection as HTTP asks.
///
/// What it refuses it answers itself, at once and without the vault. Requests that are sent ahead wait here, and while
/// one is answered nothing more is read.
final class Gate: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Ends the connection: at once, or after the reply to a request that is in whole.
    struct Retire: Sendable {}

    /// What whoever reads a body finds, when the rest will not come.
    struct Ended: Error {}

    enum Phase: Equatable {
        /// Between requests, or before the end of a head.
        case idle
        /// The head is in, the body is coming: how much was allowed, how much came.
        case receiving(limit: Int, received: Int)
        /// The whole request is in.
        case answering
        /// The last reply is written; what still comes is thrown away.
        case lingering
    }

    let connection: Connection
    let desk: FrontDesk
    /// Answers some requests on the event loop, where there is one.
    let lane: Lane?
    /// By which replies of the lane go out, past the encoder.
    let watch: ByteWatch?
    private(set) var phase = Phase.idle
    /// When the request began to come, once a byte of it is there.
    private var began: NIODeadline?
    private var replyStarted = false
    /// Whether the reply may have no body, whatever it says.
    private(set) var isHead = false
    private(set) var endsAfterReply = false
    private(set) var clock: GateClock?
    /// The request that the lane answers: nobody else hears of it.
    var inLane: Lane.Turn?
    /// Whether that request waits until the client has taken replies.
    var awaitsRoom = false
    private(set) var context: ChannelHandlerContext?
    /// Who sends the request that is coming in, and for what.
    private var current: (requester: Requester, route: Route)?
    /// What was read of the head of the last request that the lane took.
    private var remembered: RememberedHead?
    private var heldCloses: [EventLoopPromise<Void>?] = []
    private var waiting = CircularBuffer<Waiting>(initialCapacity: 0)
    private var readIsHeld = false
    private var inputEnded = false
    /// The connection is no more; whoever closes it now is not to wait for anything.
    private var isGone = false

    /// What came in while a request was being answered.
    private enum Waiting {
        case part(HTTPServerRequestPart)
        case error(HTTPParserError)
    }

    init(connection: Connection, desk: FrontDesk, lane: Lane? = nil, watch: ByteWatch? = nil) {
        self.connection = connection
        self.desk = desk
        self.lane = lane
        self.watch = watch
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        clock = GateClock(context.eventLoop) { [weak self] in self?.timeIsUp(context) }
        clock?.set(context.eventLoop.now + desk.limits.firstByte)
        let (gate, loop) = (NIOLoopBound(self, eventLoop: context.eventLoop), context.eventLoop)
        connection.onWait { loop.execute { gate.value.readAhead() } }
    }

    /// A request waits for a change: whether the client goes away meanwhile is found out by reading.
    private func readAhead() {
        guard readIsHeld, phase == .answering, waiting.isEmpty else { return }
        readIsHeld = false
        context?.read()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        clock?.stop()
        connection.onWait(nil)
        releaseCloses()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        isGone = true
        connection.endWaits()
        clock?.stop()
        releaseCloses()
        // Otherwise what has come so far would pass for a whole body.
        if case .receiving = phase, inLane == nil { context.fireErrorCaught(Ended()) }
        context.fireChannelInactive()
    }

    /// Bytes have come in, whole requests or not.
    func bytesArrived() {
        guard phase == .idle, began == nil, let now = context?.eventLoop.now else { return }
        began = now
        clock?.set(now + desk.limits.request)
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { take(unwrapInboundIn(data), context) }

    func read(context: ChannelHandlerContext) {
        // What is sent ahead of the lane's reply may come in, once: to stop and start reading takes longer than to answer.
        guard phase != .answering || inLane != nil && !awaitsRoom && waiting.isEmpty else {
            readIsHeld = true
            return
        }
        context.read()
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (part, phase) {
        case (_, .answering): waiting.append(.part(part))
        case (.head(let head), .idle): receive(head, context)
        case (.body(let bytes), .receiving(let limit, let received)):
            let received = received + bytes.readableBytes
            guard received <= limit else {
                refuse(BodyFraming.tooLarge(limit), context)
                return
            }
            phase = .receiving(limit: limit, received: received)
            if inLane?.add(bytes) == nil { context.fireChannelRead(wrapInboundOut(.body(bytes))) }
        case (.end, .receiving):
            phase = .answering
            clock?.set(nil)
            if let inLane {
                passToLane(inLane, context)
            } else {
                context.fireChannelRead(wrapInboundOut(.end(nil)))
            }
        default: break
        }
    }

    private func receive(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        isHead = head.method == .HEAD
        do throws(TurnedAway) {
            let digest = remembered.map { _ in KeyedDigest(of: head, desk.headKey) }
            let again = digest.flatMap { remembered?.again($0, desk.vault) }
            let admission: Admission
            if let again {
                admission = again
            } else {
                admission = try desk.intake.admit(head, peer: connection.peer, doorway: connection.doorway)
            }
            if admission.route.body == .secret {
                clock?.set((began ?? context.eventLoop.now) + desk.limits.sealingRequest)
            }
            current = (admission.requester, admission.route)
            endsAfterReply = !admission.keepsAlive
            phase = .receiving(limit: admission.route.body.limit, received: 0)
            inLane = lane?.takes(admission, from: connection)
            if let inLane {
                inLane.isAgain = again != nil
                if again == nil {
                    remembered = RememberedHead(inLane.admission, desk.vault) {
                        digest ?? KeyedDigest(of: head, desk.headKey)
                    }
                }
                inLane.remembered = remembered
                return
            }
            let awaitsContinue = admission.framing.awaitsContinue
            if awaitsContinue {
                context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))))
                    .whenFailure { _ in }
            }
            passHead(admission, context)
        } catch {
            refuse(desk.charged(error), context)
        }
    }

    // MARK: Refusals

    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        let requester = current?.requester ?? desk.stranger(connection)
        refuse(
            TurnedAway(
                refusal: refusal, requester: requester, route: current?.route,
                isPage: current?.route.operation == .page), context)
    }

    private func refuse(_ away: TurnedAway, _ context: ChannelHandlerContext) {
        let wasReceiving = if case .receiving = phase { inLane == nil } else { false }
        inLane = nil
        guard !replyStarted else {
            context.close(promise: nil)
            return
        }
        let reply = desk.refusal(away)
        phase = .lingering
        var head = reply.reply.head(reply.id, at: desk.now())
        head.headers.add(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !isHead { context.write(wrapOutboundOut(.body(.byteBuffer(reply.reply.body))), promise: nil) }
        let written = context.eventLoop.makePromise(of: Void.self)
        endOutput(after: written.futureResult, context)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        if wasReceiving { context.fireErrorCaught(Ended()) }
    }

    /// Closes the sending side once all is sent, and the rest when the client is done or time is up. Closing at once with
    /// bytes unread would make the kernel take the reply back.
    private func endOutput(after written: EventLoopFuture<Void>, _ context: ChannelHandlerContext) {
        clock?.set(context.eventLoop.now + desk.limits.linger)
        written.assumeIsolated().whenComplete { _ in context.close(mode: .output, promise: nil) }
    }

    // MARK: Replies

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard phase != .lingering else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let response):
            beginReply(context)
            var head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: response.status.code),
                headers: HTTPHeaders(response.headerFields.map { ($0.name.rawName, $0.value) }))
            if endsAfterReply { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body where isHead: promise?.succeed()
        case .body(let bytes): context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
        case .end: end(context, promise) { context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: $0) }
        }
    }

    /// Before the first byte of a reply.
    func beginReply(_ context: ChannelHandlerContext) {
        replyStarted = true
        clock?.set(context.eventLoop.now + desk.limits.reply)
        if phase != .answering || inputEnded && waiting.isEmpty { endsAfterReply = true }
    }

    /// Ends a reply.
    ///
    /// - Parameter send: writes and flushes the last of it.
    func end(
        _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?,
        _ send: (EventLoopPromise<Void>?) -> Void
    ) {
        replyStarted = false
        began = nil
        current = nil
        // What comes next may not even have a head.
        isHead = false
        guard endsAfterReply else {
            phase = .idle
            clock?.set(context.eventLoop.now + desk.limits.idle)
            send(promise)
            takeWaiting(context)
            return
        }
        let isWhole = phase == .answering
        phase = .lingering
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        if isWhole {
            clock?.set(context.eventLoop.now + desk.limits.idle)
            written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        } else {
            endOutput(after: written.futureResult, context)
        }
        send(written)
    }

    /// Goes on with what was sent ahead, up to the next request that has to be answered.
    private func takeWaiting(_ context: ChannelHandlerContext) {
        let hadWaiting = !waiting.isEmpty
        if hadWaiting { bytesArrived() }
        while phase != .answering, phase != .lingering, let next = waiting.popFirst() {
            switch next {
            case .part(let part): take(part, context)
            case .error(let error): fail(error, context)
            }
        }
        if hadWaiting { context.fireChannelReadComplete() }
        if readIsHeld, phase != .answering {
            readIsHeld = false
            context.read()
        }
    }

    // MARK: Ends

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is Retire:
            endsAfterReply = true
            // A reply on its way may be waiting for a client that does not read it, with a key in it.
            if phase != .answering || replyStarted { context.close(promise: nil) }
        case is ChannelShouldQuiesceEvent:
            endsAfterReply = true
            connection.endWaits()
            if phase == .idle { context.close(promise: nil) }
        case ChannelEvent.inputClosed as ChannelEvent:
            inputEnded = true
            connection.endWaits()
            if phase != .answering { context.close(promise: nil) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch (error as? HTTPParserError, phase) {
        case (_, .lingering): break
        case (let error?, .answering): waiting.append(.error(error))
        case (let error?, _): fail(error, context)
        default:
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }

    private func fail(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
        guard error != .invalidEOFState else {
            context.close(promise: nil)
            return
        }
        refuse(
            Refusal(
                .malformed, "this is no HTTP/1.1 request, or its head is larger than \(HeaderCheck.mostBytes) bytes"),
            context)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard phase == .lingering, mode != .input, !isGone else {
            context.close(mode: mode, promise: promise)
            return
        }
        // Whoever answers the requests has nothing more to say; the client may still be reading.
        heldCloses.append(promise)
    }

    private func releaseCloses() {
        for promise in heldCloses { promise?.succeed() }
        heldCloses = []
    }

    // MARK: Time

    private func timeIsUp(_ context: ChannelHandlerContext) {
        switch phase {
        case .idle where began == nil, .lingering: context.close(promise: nil)
        case .idle, .receiving: refuse(Refusal(.timeout, "the request did not come in whole in time"), context)
        case .answering: if replyStarted || !context.channel.isWritable { context.close(promise: nil) }
        }
    }

    /// Replies that the client does not read stand in this process's memory: not for ever.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if awaitsRoom, context.channel.isWritable, let inLane { passToLane(inLane, context) }
        if phase == .answering, !replyStarted {
            clock?.set(context.channel.isWritable ? nil : context.eventLoop.now + desk.limits.reply)
        }
        context.fireChannelWritabilityChanged()
    }
}
