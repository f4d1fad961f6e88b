internal import AsyncHTTPClient
internal import NIOCore
internal import NIOSSL

extension HTTPClient.Configuration {
    /// How every call is made: no redirect is followed, no proxy used, nothing retried.
    static func keyturn(_ settings: KeyturnSettings) throws(KeyturnClientError) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let file = settings.caFile {
            guard let authorities = try? NIOSSLCertificate.fromPEMFile(file), !authorities.isEmpty else {
                throw KeyturnClientError(
                    .invalidSetting, "KEYTURN_CA_FILE: no certificates (PEM) can be read from the file")
            }
            tls.trustRoots = .certificates(authorities)
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // A call that waits for a change holds a connection, and others are not to wait for it.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        return configuration
    }
}
