package import NIOCore

/// How long and how much a stranger may take. The defaults are what the documents say.
package struct ServerLimits: Sendable, Equatable {
    /// From a connection's start to the first byte of its first request, the TLS handshake included.
    package var firstByte: TimeAmount = .seconds(15)
    /// Between requests.
    package var idle: TimeAmount = .seconds(60)
    /// From the first byte of a request to the last, head and body.
    package var request: TimeAmount = .seconds(30)
    /// The same for requests that open or close the vault.
    package var sealingRequest: TimeAmount = .seconds(60)
    /// From the start of a reply until the client has taken all of it.
    package var reply: TimeAmount = .seconds(30)
    /// How long a connection that was refused may go on sending before it is cut.
    package var linger: TimeAmount = .seconds(2)
    /// Connections of one TCP listener or of the applications' socket.
    package var connections = 1_000
    /// Connections of the operator's socket.
    package var operatorConnections = 64
    /// Bytes of request bodies that are held at one time, the operator's socket apart.
    package var bodyBytes = 64 * 1024 * 1024

    package init() {}
}
