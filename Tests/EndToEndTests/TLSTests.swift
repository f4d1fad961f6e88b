import Foundation
import TestThreads
import Testing

/// TLS, with certificates that are made for the test by OpenSSL's own program.
@Suite(.blocks, .timeLimit(.minutes(20))) struct TLSTests {
    @Test("A listener with TLS serves, and on SIGHUP takes a new certificate; a broken one changes nothing")
    func reload() throws {
        let server = try SecureServer()
        try server.certify("first")
        try server.start()
        try server.initialize()
        #expect(try server.subject().contains("first"))
        #expect(try server.overTLS(["whoami"]).code == 0)

        try server.folder.write("not a certificate", to: "tls.pem")
        kill(server.pid, SIGHUP)
        try waitUntil("the failure is loud") { server.said.contains("certificate was NOT reloaded") }
        #expect(try server.subject().contains("first"))

        try server.certify("second")
        kill(server.pid, SIGHUP)
        try waitUntil("the new certificate is in use") { try server.subject().contains("second") }
        #expect(try server.overTLS(["whoami"]).code == 0)
    }
}

/// A server with a certificate of its own.
private final class SecureServer: TestServer, @unchecked Sendable {
    private var certificate: String { folder.path + "/tls.pem" }

    override var arguments: [String] {
        super.arguments + ["--tls-certificate", certificate, "--tls-key", folder.path + "/tls.key"]
    }

    func certify(_ name: String) throws {
        let made = try openssl(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/O=\(name)/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                folder.path + "/tls.key", "-out", certificate,
            ])
        try #require(made.code == 0, "\(made.errors)")
    }

    /// Whose certificate the server shows.
    func subject() throws -> String {
        try openssl(["s_client", "-connect", "127.0.0.1:\(port)"]).output
    }

    func overTLS(_ arguments: [String]) throws -> Ended {
        try run(
            Programs.keyturn, arguments,
            environment: [
                "KEYTURN_ADDRESS": "https://127.0.0.1:\(port)", "KEYTURN_CA_FILE": certificate,
                "KEYTURN_ACCESS_KEY": accessKey,
            ])
    }

    private func openssl(_ arguments: [String]) throws -> Ended { try run("/usr/bin/openssl", arguments) }
}
