import Foundation
import Synchronization
import Testing

@testable import Server

@Suite("Settings with which the server does not start")
struct ConfigurationTests {
    private final class Caller: Sendable {
        let isOver = Atomic(false)
        let attempts = Atomic(0)
        let connections = Atomic(0)
    }

    @Test("The check of an address listens nowhere: whoever connects meanwhile finds nobody, and is not left to wait")
    func checkOfAddress() throws {
        let folder = try TemporaryFolder()
        // Below those that the system gives to clients.
        var found: (port: Int, configuration: ServerConfiguration)?
        for port in (12_000..<20_000).shuffled() where found == nil {
            let configuration = ServerConfiguration(
                dataFolder: try folder.folder("data-\(port)"), listen: try ListenAddress(parsing: "127.0.0.1:\(port)"))
            if (try? configuration.check()) != nil { found = (port, configuration) }
        }
        let (port, configuration) = try #require(found)
        let caller = Caller()
        let client = Thread {
            while !caller.isOver.load(ordering: .relaxed) {
                caller.attempts.add(1, ordering: .relaxed)
                if (try? RawClient(.port(port))) != nil { caller.connections.add(1, ordering: .relaxed) }
            }
        }
        client.start()
        defer { caller.isOver.store(true, ordering: .relaxed) }
        while caller.attempts.load(ordering: .relaxed) == 0 { usleep(1_000) }
        for _ in 0..<500 { try configuration.check() }
        caller.isOver.store(true, ordering: .relaxed)
        while !client.isFinished { usleep(1_000) }
        #expect(caller.connections.load(ordering: .relaxed) == 0)
    }

    @Test(
        "An address that is none is refused",
        arguments: [
            "", "8200", ":8200", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
            "::1:8200", "[::1]",
            "[127.0.0.1]:1", "example.com:8200", "127.0.0.1:8200/", "127.1:80", "[::1:8200", "fe80::1%eth0:1",
        ])
    func addresses(text: String) {
        let error = #expect(throws: ServerSettingError.self) { try ListenAddress(parsing: text) }
        #expect(error?.setting == "listen")
    }

    @Test("Addresses are read, and it is known which stay on this host")
    func read() throws {
        #expect(try ListenAddress(parsing: "127.0.0.1:8200").isLoopback)
        #expect(try ListenAddress(parsing: "127.9.9.9:0").isLoopback)
        #expect(try ListenAddress(parsing: "[::1]:8200").isLoopback)
        #expect(try ListenAddress(parsing: "localhost:8200").isLoopback)
        #expect(try !ListenAddress(parsing: "0.0.0.0:8200").isLoopback)
        #expect(try !ListenAddress(parsing: "[::]:8200").isLoopback)
        #expect(try !ListenAddress(parsing: "192.0.2.1:8200").isLoopback)
        #expect(try ListenAddress(parsing: "[::1]:8200").description == "[::1]:8200")
    }

    private func refusal(_ change: (inout ServerConfiguration, TemporaryFolder) throws -> Void) throws
        -> ServerSettingError?
    {
        let folder = try TemporaryFolder()
        var configuration = ServerConfiguration(dataFolder: try folder.folder("data"))
        try change(&configuration, folder)
        return #expect(throws: ServerSettingError.self) {
            _ = try configuration.listeners()
            _ = try configuration.proxies()
        }
    }

    @Test("A listener that others can reach needs TLS")
    func openWithoutTLS() throws {
        let error = try refusal { configuration, _ in configuration.listen = try ListenAddress(parsing: "0.0.0.0:8200")
        }
        #expect(error?.setting == "listen")
    }

    @Test("TLS without a listener, and files that are no certificate and no key, are named")
    func certificates() throws {
        let alone = try refusal { configuration, folder in
            let files = try TestCertificate(in: folder.path)
            configuration.tls = files.files
        }
        #expect(alone?.setting == "tls-certificate")
        let missing = try refusal { configuration, folder in
            configuration.listen = try ListenAddress(parsing: "127.0.0.1:0")
            configuration.tls = .init(certificate: folder.path + "/none", key: folder.path + "/none")
        }
        #expect(missing?.setting == "tls-certificate")
        let swapped = try refusal { configuration, folder in
            configuration.listen = try ListenAddress(parsing: "127.0.0.1:0")
            let first = try TestCertificate(in: folder.path, name: "first")
            let second = try TestCertificate(in: folder.path, name: "second")
            configuration.tls = .init(certificate: first.files.certificate, key: second.files.key)
        }
        #expect(swapped?.setting == "tls-key")
    }

    @Test("The applications' socket lies outside the data folder")
    func insideData() throws {
        let error = try refusal { configuration, folder in
            configuration.socket = .init(path: folder.path + "/data/../data/app.sock")
        }
        #expect(error?.setting == "socket")
    }

    @Test("A socket's path that does not fit into an address is refused")
    func tooLong() throws {
        let error = try refusal { configuration, folder in
            configuration.socket = .init(path: folder.path + "/" + String(repeating: "x", count: 100))
        }
        #expect(error?.setting == "socket")
    }

    @Test("Networks, hosts and modes that are none are named")
    func lists() throws {
        #expect(
            try refusal { configuration, _ in configuration.trustedProxies = ["10.0.0.1/8"] }?.setting
                == "trusted-proxies")
        for host in ["", "*", "http://a", "a b"] {
            #expect(try refusal { configuration, _ in configuration.allowedHosts = [host] }?.setting == "allowed-hosts")
        }
        let mode = try refusal { $0.socket = .init(path: $1.path + "/s", mode: 0o1777) }
        #expect(mode?.setting == "socket")
    }
}
