internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// SwiftNIO and nothing else: its HTTP decoder, and a reply that is always the same bytes, written past the encoder. It
/// authenticates nobody, decides nothing, opens nothing and logs nothing. What a benchmark finds of it is the most that a
/// server which is built on SwiftNIO can reach on that machine.
///
///     BareServer PORT FILE
@main
enum BareServer {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let port = Int(arguments[1]), let body = read(arguments[2]) else {
            print("usage: BareServer PORT FILE")
            exit(2)
        }
        var reply = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ")
        reply.writeString("\(body.count)\r\n\r\n")
        reply.writeBytes(body)
        let bytes = reply
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(HTTPRequestDecoder()), Constant(bytes),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        try await listener.closeFuture.get()
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }
}

/// Answers every request with the same bytes.
private final class Constant: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let reply: ByteBuffer

    init(_ reply: ByteBuffer) { self.reply = reply }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
    }
}
