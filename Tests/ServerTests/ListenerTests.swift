import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Testing
import Vault

@testable import Server

@Suite("Listeners", .timeLimit(.minutes(20)))
struct ListenerTests {
    /// Starts a server that is expected not to come up.
    private func refusal(_ configuration: ServerConfiguration, _ folder: TemporaryFolder) async throws
        -> ServerSettingError?
    {
        let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let server = try KeyturnServer(
            configuration: configuration, vault: try RunningServer.vault(folder), logger: quiet, now: { 0 },
            onReady: { _ in Issue.record("the server came up") })
        return await #expect(throws: ServerSettingError.self) { try await server.run() }
    }

    @Test("A port in use is named, and nothing is half started")
    func portInUse() async throws {
        try await RunningServer.run { running in
            let folder = try TemporaryFolder()
            let data = try folder.folder("data")
            let port = running.addresses.port ?? 0
            let configuration = ServerConfiguration(
                dataFolder: data, listen: try ListenAddress(parsing: "127.0.0.1:\(port)"),
                socket: .init(path: folder.path + "/app.sock"))
            let error = try await refusal(configuration, folder)
            #expect(error?.setting == "listen")
            #expect(error?.detail.contains("127.0.0.1:\(port) is in use") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: data).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/app.sock"))
        }
    }

    @Test("A live server's socket is not stolen")
    func socketInUse() async throws {
        try await RunningServer.run { running in
            let folder = try TemporaryFolder()
            let taken = running.addresses.socket ?? ""
            let configuration = ServerConfiguration(
                dataFolder: try folder.folder("data"), socket: .init(path: taken))
            let error = try await refusal(configuration, folder)
            #expect(error?.setting == "socket")
            #expect(error?.detail.contains("another server") == true)
            #expect(try running.client(running.socket).ask("GET", "/v1/status").status == 200)
            let entries = try FileManager.default.contentsOfDirectory(
                atPath: (taken as NSString).deletingLastPathComponent)
            #expect(entries == ["app.sock"])
        }
    }

    @Test("What is no socket is left alone")
    func notASocket() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/precious"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        let configuration = ServerConfiguration(dataFolder: try folder.folder("data"), socket: .init(path: path))
        let error = try await refusal(configuration, folder)
        #expect(error?.setting == "socket")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    @Test("A socket that a dead server left behind is replaced, and both are gone after a stop")
    func stale() async throws {
        let place = try TemporaryFolder()
        let path = place.path + "/app.sock"
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let address = try SocketAddress(unixDomainSocketPath: path)
        #expect(address.withSockAddr { bind(descriptor, $0, socklen_t($1)) } == 0)
        close(descriptor)
        try await RunningServer.run {
            $0.socket = .init(path: path, mode: 0o660)
        } _: { running in
            let reply = try running.client(.local(path)).ask("GET", "/v1/status")
            #expect(reply.status == 200)
            #expect(try TemporaryFolder.mode(of: path) == 0o660)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
    }

    // as to sockets.
    @Test("Whatever the umask, sockets have the modes that were meant, and are never wider on the way")
    func modes() async throws {
        try await RunningServer.run { running in
            let modes = try [running.addresses.operatorSocket, running.addresses.socket ?? ""].map(TemporaryFolder.mode)
            #expect(modes == [0o600, 0o666])
        }
        // On the way they are in a folder that nobody else can enter.
        let folder = try TemporaryFolder()
        let file = try SocketFile(path: folder.path + "/x.sock", mode: 0o600, setting: "socket")
        let inside = try file.prepare()
        #expect(try TemporaryFolder.mode(of: (inside as NSString).deletingLastPathComponent) == 0o700)
        file.remove()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("A socket that was put in the place of ours is not removed")
    func replaced() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/x.sock"
        let file = try SocketFile(path: path, mode: 0o600, setting: "socket")
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let address = try SocketAddress(unixDomainSocketPath: try file.prepare())
        #expect(address.withSockAddr { bind(descriptor, $0, socklen_t($1)) } == 0)
        try file.publish()
        try FileManager.default.removeItem(atPath: path)
        try Data().write(to: URL(fileURLWithPath: path))
        file.remove()
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("A request in progress is answered before the server stops, and then the vault is told")
    func graceful() async throws {
        let late = Box()
        try await RunningServer.run { running in
            let client = try running.client(running.socket)
            client.send("POST /v1/seal:unseal HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            #expect(try client.reply().status == 100)
            client.send("12")
            late.client = client
            // The rest of the request comes when nobody is let in any more.
            let socket = running.socket
            Thread {
                while (try? RawClient(socket)) != nil { usleep(1_000) }
                late.client?.send("3")
            }.start()
        }
        #expect(try late.client?.reply().status == 503)
    }

    private final class Box: @unchecked Sendable { var client: RawClient? }
}

@Suite("TLS", .timeLimit(.minutes(20)))
struct TLSTests {
    /// Connects with TLS and gives the name in the server's certificate and the status of `GET /v1/status`.
    private func ask(_ port: Int, _ certificate: String) async throws -> (name: String, status: Int) {
        let seen = Seen()
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(certificate)
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                    try channel.pipeline.syncOperations.addHandler(Collector(seen))
                }
            }.connect(host: "127.0.0.1", port: port).get()
        let request = "GET /v1/status HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n\r\n"
        try await channel.writeAndFlush(ByteBuffer(string: request))
        try await channel.closeFuture.get()
        let reply = RawReply.parse(seen.bytes)?.0
        return (reply?.json["state"] as? String ?? "", reply?.status ?? 0)
    }

    private final class Seen: @unchecked Sendable { var bytes: [UInt8] = [] }

    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let seen: Seen
        init(_ seen: Seen) { self.seen = seen }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            seen.bytes += unwrapInboundIn(data).readableBytesView
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    @Test("A certificate is replaced without a stop; one that cannot be read leaves the old one in place")
    func reloading() async throws {
        let folder = try TemporaryFolder()
        let certificate = try TestCertificate(in: folder.path)
        let old = folder.path + "/old.pem"
        try FileManager.default.copyItem(atPath: certificate.files.certificate, toPath: old)
        try await RunningServer.run(tls: certificate.files) { running in
            let port = running.addresses.port ?? 0
            #expect(running.addresses.url == "https://127.0.0.1:\(port)")
            #expect(try await ask(port, old).status == 200)
            try Data("nonsense".utf8).write(to: URL(fileURLWithPath: certificate.files.certificate))
            #expect(throws: ServerSettingError.self) { try running.server.reloadCertificates() }
            #expect(try await ask(port, old).status == 200)
            try certificate.make("newer")
            try running.server.reloadCertificates()
            #expect(try await ask(port, certificate.files.certificate).status == 200)
            await #expect(throws: (any Error).self) { try await ask(port, old) }
        }
    }

    @Test("Plain HTTP to a TLS listener is no request")
    func plain() async throws {
        let folder = try TemporaryFolder()
        let certificate = try TestCertificate(in: folder.path)
        try await RunningServer.run(tls: certificate.files) { running in
            let client = try running.client()
            client.send("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(throws: RawClient.NoReply.self) { try client.reply() }
        }
    }
}
