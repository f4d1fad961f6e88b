import Foundation
import HTTPTypes
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import Testing
import Vault

@testable import Server

/// The gate with a lane beside it, in a pipeline without a network. The vault is one that nobody has made yet: what it
/// answers is always the same, and what is asked here is when.
@Suite("The lane, the gate and the clock")
final class LaneGateTests {
    private let folder: TemporaryFolder
    private let channel = EmbeddedChannel()
    private let connection: Connection

    private static let value = "GET /v1/values/a HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let other = "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let answered = "HTTP/1.1 503 "

    init() async throws {
        folder = try TemporaryFolder()
        let names = HostNames(own: nil, port: nil, isTLS: false, allowed: [])
        connection = Connection(peer: Peer(), doorway: Doorway(door: .socket, names: names))
        await connection.findName(in: UserDirectory { _ in nil })
        try setUp()
    }

    private func setUp() throws {
        let log = AccessLog(
            logger: .init(label: "test") { _ in RecordedLog.Handler(log: RecordedLog(), logLevel: .critical) })
        let desk = FrontDesk(
            intake: Intake(rules: PeerRules(serverUser: 0)), limits: ServerLimits(),
            vault: try RunningServer.vault(folder), log: log, connections: ConnectionRegistry(), now: { 0 })
        let watch = ByteWatch()
        let gate = Gate(
            connection: connection, desk: desk, lane: Lane(loop: channel.embeddedEventLoop, desk: desk), watch: watch)
        watch.arrived = { [weak gate] in gate?.bytesArrived() }
        try channel.pipeline.syncOperations.addHandler(watch)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false)
        try channel.pipeline.syncOperations.addHandler(gate)
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/x"), promise: nil)
    }

    private func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }
    private func run() { channel.embeddedEventLoop.run() }

    private func sent() throws -> String {
        var text = ""
        while let part = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: part) }
        return text
    }

    /// How many parts of requests have come through the gate.
    private func passed() throws -> Int {
        var count = 0
        while try channel.readInbound(as: HTTPRequestPart.self) != nil { count += 1 }
        return count
    }

    private func answer() throws {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok, headerFields: [.contentLength: "0"])))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    private func set(writable: Bool) {
        channel.isWritable = writable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    @Test(
        "What the lane answers nobody else hears of, and it is answered after all that can be read is read",
        arguments: ["GET /v1/values/a", "GET /v1/verify", "GET /v1/verify?issuer=shop&limited=403"])
    func alone(_ line: String) throws {
        try send(line + " HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try sent().isEmpty)
        run()
        let reply = try sent()
        #expect(reply.hasPrefix(Self.answered) && reply.hasSuffix("}"))
        #expect(try passed() == 0)
    }

    @Test("The reply to HEAD is that to GET without its body")
    func head() throws {
        try send("HEAD /v1/verify HTTP/1.1\r\nHost: x\r\n\r\n" + Self.value)
        run()
        run()
        let replies = try sent().components(separatedBy: "HTTP/1.1 ")
        #expect(replies.count == 3)
        #expect(replies[1].hasPrefix("503 ") && replies[1].hasSuffix("\r\n\r\n"))
        #expect(replies[1].contains("\r\nContent-Length: "))
        #expect(try passed() == 0)
    }

    @Test(
        "What is unusual goes to the router",
        arguments: [
            "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n", "POST /v1/values HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/values/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
            "GET /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
            "POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n{\"key\":\"a\"}",
            "POST /v1/verify:batch HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
            "GET /v1/values/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET /v1/values/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        ])
    func unusual(raw: String) throws {
        try send(raw)
        run()
        #expect(try passed() >= 2)
        #expect(try !sent().contains(Self.answered))
    }

    @Test("Who is at the other end is known before the lane is open")
    func introduced() async throws {
        let names = HostNames(own: nil, port: nil, isTLS: false, allowed: [])
        let unknown = Connection(peer: Peer(user: 1), doorway: Doorway(door: .socket, names: names))
        #expect(!unknown.isIntroduced)
        await unknown.findName(in: UserDirectory { _ in "somebody" })
        #expect(unknown.isIntroduced)
    }

    @Test("No reply overtakes another, whoever answers")
    func order() throws {
        try send(Self.value + Self.other + Self.value + Self.value + Self.other)
        run()
        #expect(try sent().components(separatedBy: Self.answered).count == 2)
        #expect(try passed() == 2)
        run()
        #expect(try sent().isEmpty)
        try answer()
        run()
        run()
        #expect(try sent().components(separatedBy: "HTTP/1.1 ").map { $0.prefix(3) } == ["", "200", "503", "503"])
        #expect(try passed() == 2)
        try answer()
        #expect(try sent().hasPrefix("HTTP/1.1 200 "))
    }

    @Test("Thousands of requests that are sent ahead take no deeper stack than one, refused ones included")
    func deep() throws {
        let bad = "GET /v1/values/a?version=x HTTP/1.1\r\nHost: x\r\n\r\n"
        try send(String(repeating: Self.value + bad, count: 2_000))
        for _ in 0..<4_001 { run() }
        #expect(try sent().components(separatedBy: "HTTP/1.1 ").count == 4_001)
    }

    @Test("While the client takes no replies, none is made; after half a minute it is let go")
    func room() throws {
        set(writable: false)
        try send(Self.value + Self.value)
        run()
        #expect(try sent().isEmpty)
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        set(writable: true)
        run()
        run()
        #expect(try sent().components(separatedBy: Self.answered).count == 3)
        set(writable: false)
        try send(Self.value)
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
        #expect(try sent().isEmpty)
    }

    @Test("A connection that is to be closed is, after the reply, and what follows is not answered")
    func closing() throws {
        try send("GET /v1/values/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + Self.value)
        run()
        let reply = try sent()
        #expect(reply.contains("\r\nConnection: close\r\n"))
        #expect(reply.components(separatedBy: "HTTP/1.1 ").count == 2)
        run()
        #expect(!channel.isActive)
    }

    @Test("When the vault seals, a request in the lane is answered and its connection closed")
    func retiring() throws {
        try send(Self.value)
        channel.pipeline.fireUserInboundEventTriggered(Gate.Retire())
        #expect(channel.isActive)
        run()
        #expect(try sent().contains("\r\nConnection: close\r\n"))
        #expect(!channel.isActive)
    }

    @Test("A client that goes away before it is answered is forgotten")
    func gone() throws {
        try send(Self.value)
        channel.close(promise: nil)
        run()
        #expect(try sent().isEmpty)
    }

    @Test("A client that has said all it will say is still answered")
    func halfClosed() throws {
        try send(Self.value)
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        run()
        #expect(try sent().contains("\r\nConnection: close\r\n"))
        #expect(!channel.isActive)
    }

    @Test("Time runs between requests, and not while one is answered")
    func idle() throws {
        for _ in 0..<3 {
            try send(Self.value)
            run()
            #expect(try sent().hasPrefix(Self.answered))
            channel.embeddedEventLoop.advanceTime(by: .seconds(59))
            #expect(channel.isActive)
        }
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }
}
