import FakeServer
import Foundation
import NIOSSL
import Outbound
import Rotation
import TestThreads
import Testing

@testable import Rotators

/// A provider is who its certificate says, and nobody else.
@Suite(.blocks) struct ProviderTLSTests {
    private static let text = """
        provider: test
        host: HOST
        allow-private: true
        time: 120s
        fields: [id, value]
        handle: id
        create:
          request: POST /keys
          take: {id: /id, value: /value}
        test:
          request: GET /self
        retire:
          request: DELETE /keys/{{retired.handle}}
        """

    @Test("A certificate that nobody vouches for, or of another name, ends the connection before anything is sent")
    func certificates() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder + "/key.pem", "-out",
            folder + "/certificate.pem",
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMFile(folder + "/certificate.pem").map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: folder + "/key.pem", format: .pem))))
        let server = try await FakeServer(tls: context) { _ in .status(201, #"{"id":"2","value":"new"}"#) }
        let trusting = "allow-private: true\nauthorities: \(folder)/certificate.pem"
        let cases: [(host: String, replaced: String, fault: String?)] = [
            ("localhost", "allow-private: true", "not done tls_failed"), ("127.0.0.1", trusting, "not done tls_failed"),
            ("localhost", trusting, nil),
            ("localhost", "allow-private: true\nauthorities: \(folder)/none.pem", "rejected invalid_settings"),
        ]
        for (host, replaced, fault) in cases {
            let text = Self.text.replacing("HOST", with: "https://\(host):\(server.port)")
                .replacing("allow-private: true", with: replaced)
            let set = try ProviderSet(files: [("test.yaml", text)])
            let rotator = try HTTPRotatorKind(set, sender: HTTPSender(resolver: FixedResolver(all: [[127, 0, 0, 1]])))
                .rotator(["provider": "test"])
            #expect(await rotator.create(Sample.context).fault == fault)
        }
        await server.close()
    }
}
