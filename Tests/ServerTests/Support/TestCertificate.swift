import Foundation

@testable import Server

/// A certificate for localhost that signs itself, made by the `openssl` program.
struct TestCertificate {
    let files: ServerConfiguration.TLSFiles

    init(in folder: String, name: String = "server") throws {
        files = .init(certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        try make(name)
    }

    func make(_ name: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj",
            "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", files.key, "-out",
            files.certificate,
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw CocoaError(.executableLoad) }
    }
}
