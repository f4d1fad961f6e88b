internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
package import NIOSSL
internal import Synchronization

/// A request as a fake provider sees it.
package struct FakeRequest: Sendable {
    package let method: String
    package let path: String
    package let query: [String: String]
    package let headers: [(name: String, value: String)]
    package let body: String

    package var route: String { "\(method) \(path)" }
    package func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
}

/// What a fake provider answers.
package enum FakeReply: Sendable {
    case status(Int, String = "", headers: [(String, String)] = [])
    /// The connection is closed without an answer.
    case cut
    /// No answer ever comes.
    case hang
    /// An answer begins, and never ends.
    case stall
    /// An answer without end comes byte by byte. `sent` is called with the number of those that left, `ended` when
    /// the client has gone.
    case trickle(sent: @Sendable (Int) -> Void, ended: @Sendable () -> Void)
}

/// An HTTP server on a free port of this machine, which answers as it is told.
package final class FakeServer: Sendable {
    private let channel: any Channel
    package let port: Int

    package init(tls: NIOSSLContext? = nil, _ answer: @escaping @Sendable (FakeRequest) -> FakeReply) async throws {
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(FakeHandler(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    package func close() async { try? await channel.close() }
}

private final class FakeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (FakeRequest) -> FakeReply
    private var head: HTTPRequestHead?
    private var body = ""

    init(_ answer: @escaping @Sendable (FakeRequest) -> FakeReply) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ""
        case .body(let bytes): body += String(buffer: bytes)
        case .end:
            guard let head else { return }
            reply(answer(Self.request(head, body)), context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private static func request(_ head: HTTPRequestHead, _ body: String) -> FakeRequest {
        let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
        var query: [String: String] = [:]
        for pair in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            query[sides[0]] = sides.count > 1 ? sides[1] : ""
        }
        return FakeRequest(
            method: head.method.rawValue, path: parts[0], query: query,
            headers: head.headers.map { ($0.name, $0.value) }, body: body)
    }

    private func reply(_ reply: FakeReply, _ context: ChannelHandlerContext) {
        switch reply {
        case .hang: break
        case .stall:
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["content-length": "1000"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "{")))), promise: nil)
        case .trickle(let sent, let ended):
            let head = HTTPResponseHead(version: .http1_1, status: .ok)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            let channel = context.channel
            channel.closeFuture.whenComplete { _ in ended() }
            let count = Mutex(0)
            context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(2)) { task in
                guard channel.isActive else { return task.cancel() }
                channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "x"))), promise: nil)
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                sent(number)
            }
        case .cut: context.close(promise: nil)
        case .status(let status, let text, let headers):
            var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
            for (name, value) in headers { head.headers.add(name: name, value: value) }
            if status != 204 { head.headers.add(name: "content-length", value: "\(text.utf8.count)") }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            if status != 204 {
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
