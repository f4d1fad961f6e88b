import HTTPTypes
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import Testing
import Vault

@testable import Server

/// The gate alone, in a pipeline without a network, where time goes as the test says.
@Suite("The gate and the clock")
final class GateTests {
    private let folder: TemporaryFolder
    private let channel = EmbeddedChannel()
    private var limits = ServerLimits()

    init() throws {
        folder = try TemporaryFolder()
        try setUp()
    }

    private func setUp() throws {
        let rules = PeerRules(serverUser: 0)
        let log = AccessLog(
            logger: .init(label: "test") { _ in RecordedLog.Handler(log: RecordedLog(), logLevel: .critical) })
        let desk = FrontDesk(
            intake: Intake(rules: rules), limits: limits, vault: try RunningServer.vault(folder), log: log,
            connections: ConnectionRegistry(), now: { 0 })
        let names = HostNames(own: nil, port: nil, isTLS: false, allowed: [])
        let connection = Connection(peer: Peer(user: 0), doorway: Doorway(door: .socket, names: names))
        let gate = Gate(connection: connection, desk: desk)
        let watch = ByteWatch()
        watch.arrived = { gate.bytesArrived() }
        try channel.pipeline.syncOperations.addHandler(watch)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false)
        try channel.pipeline.syncOperations.addHandler(gate)
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/x"), promise: nil)
    }

    private func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    private func sent() throws -> String {
        var text = ""
        while let part = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: part) }
        return text
    }

    private func parts() throws -> [HTTPRequestPart] {
        var parts: [HTTPRequestPart] = []
        while let part = try channel.readInbound(as: HTTPRequestPart.self) { parts.append(part) }
        return parts
    }

    private func answer() throws {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok, headerFields: [.contentLength: "0"])))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    private func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    @Test("Who connects and says nothing is let go without a word")
    func silence() throws {
        pass(.seconds(14))
        #expect(channel.isActive)
        pass(.seconds(1))
        #expect(try sent().isEmpty)
        #expect(!channel.isActive)
    }

    @Test("A head that trickles in is not saved by each byte")
    func trickle() throws {
        try send("GET /v1/status HTTP/1.1\r\n")
        for _ in 0..<29 {
            pass(.seconds(1))
            try send("X: 1\r\n")
        }
        #expect(try sent().isEmpty)
        pass(.seconds(1))
        let reply = try sent()
        #expect(reply.hasPrefix("HTTP/1.1 408 "))
        #expect(reply.contains("Connection: close"))
        pass(.seconds(2))
        #expect(!channel.isActive)
    }

    @Test("A body that trickles in is not saved by each byte, and a passphrase has longer")
    func body() throws {
        try send("PUT /v1/keys/a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        for _ in 0..<29 {
            pass(.seconds(1))
            try send("x")
        }
        #expect(try sent().isEmpty)
        #expect(throws: Gate.Ended.self) {
            pass(.seconds(1))
            try channel.throwIfErrorCaught()
        }
        #expect(try sent().hasPrefix("HTTP/1.1 408 "))
    }

    @Test("A request that opens the vault has a minute")
    func sealing() throws {
        try send("POST /v1/seal:unseal HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        pass(.seconds(59))
        #expect(try sent().isEmpty)
        pass(.seconds(1))
        #expect(try sent().hasPrefix("HTTP/1.1 408 "))
    }

    @Test("While a request is answered no time runs; between requests it does")
    func idle() throws {
        try send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try parts().count == 2)
        pass(.minutes(10))
        #expect(channel.isActive)
        try answer()
        #expect(try sent().hasPrefix("HTTP/1.1 200 "))
        pass(.seconds(59))
        #expect(channel.isActive)
        pass(.seconds(1))
        #expect(!channel.isActive)
    }

    @Test("A reply that the client does not take is not kept for it for ever")
    func unreadReply() throws {
        try send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok, headerFields: [.contentLength: "9"])))
        pass(.seconds(29))
        #expect(channel.isActive)
        pass(.seconds(1))
        #expect(!channel.isActive)
    }

    @Test("A client that takes nothing while its next request is answered is let go")
    func unreadBefore() throws {
        try send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        pass(.seconds(29))
        #expect(channel.isActive)
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        pass(.minutes(5))
        #expect(channel.isActive)
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        pass(.seconds(30))
        #expect(!channel.isActive)
    }

    @Test("When the vault seals, a reply that is on its way is cut off")
    func retiringMidReply() throws {
        try send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok, headerFields: [.contentLength: "9"])))
        channel.pipeline.fireUserInboundEventTriggered(Gate.Retire())
        #expect(!channel.isActive)
    }

    @Test("The time of a later request runs from its own first byte")
    func later() throws {
        for _ in 0..<3 {
            try send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
            try answer()
            pass(.seconds(50))
            #expect(channel.isActive)
        }
        try send("G")
        pass(.seconds(29))
        #expect(channel.isActive)
        _ = try sent()
        pass(.seconds(1))
        #expect(try sent().hasPrefix("HTTP/1.1 408 "))
    }

    @Test("Nothing of a head goes further than the gate")
    func bare() throws {
        try send("GET /v1/whoami HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer SECRET\r\n\r\n")
        let parts = try parts()
        #expect(!"\(parts)".contains("SECRET"))
        #expect(!"\(parts)".contains("whoami"))
    }

    @Test("A reply that comes before the body is whole ends the connection")
    func early() throws {
        try send("PUT /v1/keys/a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n12345")
        try answer()
        #expect(try sent().lowercased().contains("connection: close"))
        try send(String(repeating: "x", count: 95) + "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
        pass(.seconds(2))
        #expect(try sent().isEmpty)
        #expect(!channel.isActive)
    }

    @Test("Whoever reads a body learns that the connection ended before it was whole")
    func cutOff() throws {
        try send("PUT /v1/keys/a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n12345")
        channel.pipeline.fireUserInboundEventTriggered(Gate.Retire())
        #expect(!channel.isActive)
        #expect(throws: Gate.Ended.self) { try channel.throwIfErrorCaught() }
    }

    @Test("Whoever closes a connection that is gone after a refusal is not kept waiting")
    func closing() throws {
        try send("GET /v1/none HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try sent().hasPrefix("HTTP/1.1 404 "))
        pass(.seconds(2))
        #expect(!channel.isActive)
        var closed = 0
        channel.close(mode: .output).assumeIsolated().whenComplete { _ in closed += 1 }
        channel.close().assumeIsolated().whenComplete { _ in closed += 1 }
        #expect(closed == 2)
    }

    @Test("A connection that is to end ends at once while it waits, and after its reply while it is answered")
    func retiring() throws {
        try send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
        channel.pipeline.fireUserInboundEventTriggered(Gate.Retire())
        #expect(channel.isActive)
        try answer()
        #expect(try sent().lowercased().contains("connection: close"))
        #expect(!channel.isActive)
    }
}
