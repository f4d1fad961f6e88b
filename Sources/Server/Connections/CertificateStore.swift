internal import NIOSSL
internal import Synchronization

/// The certificate that a TLS listener shows, and a newer one once it has been read.
final class CertificateStore: Sendable {
    private let files: ServerConfiguration.TLSFiles
    private let current: Mutex<NIOSSLContext>

    init(_ files: ServerConfiguration.TLSFiles) throws(ServerSettingError) {
        self.files = files
        current = Mutex(try Self.load(files))
    }

    /// For the next connection.
    var context: NIOSSLContext { current.withLock { $0 } }

    /// Reads the files again, for the connections from now on.
    ///
    /// - Throws: ``ServerSettingError``; then the certificate from before stays in use.
    func reload() throws(ServerSettingError) {
        let context = try Self.load(files)
        current.withLock { $0 = context }
    }

    private static func load(_ files: ServerConfiguration.TLSFiles) throws(ServerSettingError) -> NIOSSLContext {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(files.certificate)
        } catch {
            throw ServerSettingError("tls-certificate", "\(files.certificate) cannot be read as certificates in PEM")
        }
        guard !certificates.isEmpty else {
            throw ServerSettingError("tls-certificate", "\(files.certificate) holds no certificate in PEM")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw ServerSettingError(
                "tls-key", "\(files.key) cannot be read as a private key in PEM without passphrase")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServerSettingError(
                "tls-key", "\(files.key) is not the key of the certificate in \(files.certificate)")
        }
    }
}
