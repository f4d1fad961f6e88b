internal import IssuedKeys
internal import Vault

/// What the server listens on and whom it believes.
package struct ServerConfiguration: Sendable {
    /// The files of a certificate and its key, in PEM.
    package struct TLSFiles: Sendable, Equatable {
        /// The certificate, followed by those that lead to its root.
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// The applications' socket.
    package struct ApplicationSocket: Sendable, Equatable {
        package var path: String
        /// Permission bits of the file: who may open it.
        package var mode: UInt32

        package init(path: String, mode: UInt32 = 0o666) {
            self.path = path
            self.mode = mode
        }
    }

    /// A socket that listens already, made by whoever started this process.
    package struct InheritedSocket: Sendable, Equatable {
        package var descriptor: Int32
        /// Where it listens, on a network; nil for a local socket.
        package var address: ListenAddress?

        package init(descriptor: Int32, address: ListenAddress? = nil) {
            self.descriptor = descriptor
            self.address = address
        }
    }

    /// The data folder, in which the operator's socket is.
    package var dataFolder: String
    /// nil: no TCP listener.
    package var listen: ListenAddress?
    package var tls: TLSFiles?
    package var socket: ApplicationSocket?
    /// At most one local socket and one on a network, in place of ``socket`` and ``listen``.
    package var inherited: [InheritedSocket] = []
    /// Names beside its own under which the TCP listener may be asked for, with or without port.
    package var allowedHosts: [String]
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    package var trustedProxies: [String]
    package var limits: ServerLimits
    /// Whether the console is served under `/console`.
    package var hasConsole = true
    /// Whether some requests are answered on the event loop; there is no setting for it. Tests compare both ways.
    package var hasLane = true

    package init(
        dataFolder: String, listen: ListenAddress? = nil, tls: TLSFiles? = nil, socket: ApplicationSocket? = nil,
        allowedHosts: [String] = [], trustedProxies: [String] = [], limits: ServerLimits = ServerLimits()
    ) {
        self.dataFolder = dataFolder
        self.listen = listen
        self.tls = tls
        self.socket = socket
        self.allowedHosts = allowedHosts
        self.trustedProxies = trustedProxies
        self.limits = limits
    }

    /// The name of the operator's socket inside the data folder.
    package static let operatorSocketName = "keyturn.sock"

    /// The operator's socket.
    package var operatorSocket: String {
        (dataFolder.hasSuffix("/") ? dataFolder : dataFolder + "/") + Self.operatorSocketName
    }
}

extension ServerConfiguration {
    /// The listeners that these settings ask for, the operator's first.
    ///
    /// - Throws: ``ServerSettingError``, before anything is bound.
    func listeners() throws(ServerSettingError) -> [Listener] {
        try checkHosts()
        try checkInherited()
        var listeners = [
            Listener(
                setting: "data", door: .operatorSocket,
                place: .local(try SocketFile(path: operatorSocket, mode: 0o600, setting: "data")),
                allowedHosts: allowedHosts, connections: limits.operatorConnections)
        ]
        if let socket {
            guard socket.mode & ~0o777 == 0 else {
                throw ServerSettingError("socket", "the mode is three octal digits, such as 0666 or 0660")
            }
            let file = try SocketFile(path: socket.path, mode: socket.mode, setting: "socket")
            guard !SocketFile.isInside(folder: dataFolder, socket.path) else {
                throw ServerSettingError(
                    "socket", "the applications' socket lies outside the data folder, which applications cannot enter")
            }
            listeners.append(
                Listener(
                    setting: "socket", door: .socket, place: .local(file), allowedHosts: allowedHosts,
                    connections: limits.connections))
        }
        for local in inherited where local.address == nil {
            listeners.append(
                Listener(
                    setting: "socket", door: .socket, place: .inherited(local), allowedHosts: allowedHosts,
                    connections: limits.connections))
        }
        let certificates = try tls.map { (files) throws(ServerSettingError) in try CertificateStore(files) }
        let bound = inherited.first { $0.address != nil }
        guard let listen = bound?.address ?? listen else {
            guard certificates == nil else {
                throw ServerSettingError(
                    "tls-certificate", "TLS is for a TCP listener, and there is none: set `listen`")
            }
            return listeners
        }
        guard certificates != nil || listen.isLoopback else {
            throw ServerSettingError(
                "listen",
                "\(listen) can be reached from other hosts, and so needs TLS: set tls-certificate and tls-key, or listen on 127.0.0.1"
            )
        }
        listeners.append(
            Listener(
                setting: "listen", door: .network, place: bound.map { .inherited($0) } ?? .network(listen),
                certificates: certificates,
                allowedHosts: allowedHosts, connections: limits.connections))
        return listeners
    }

    private func checkInherited() throws(ServerSettingError) {
        let local = inherited.count(where: { $0.address == nil })
        guard local <= 1, inherited.count - local <= 1 else {
            throw ServerSettingError("socket", "at most one local socket and one on a network can be handed over")
        }
        guard local == 0 || socket == nil else {
            throw ServerSettingError("socket", "a local socket was handed over already; leave this setting out")
        }
    }

    private func checkHosts() throws(ServerSettingError) {
        for (offset, host) in allowedHosts.enumerated() {
            let isPlain = host.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "/") }
            guard !host.isEmpty, isPlain, !host.contains("*") else {
                throw ServerSettingError(
                    "allowed-hosts",
                    "entry \(offset + 1) is no host: one reads like vault.example.com or vault.example.com:8200")
            }
        }
    }

    /// The proxies, read.
    func proxies() throws(ServerSettingError) -> NetworkList? {
        guard !trustedProxies.isEmpty else { return nil }
        do {
            return try NetworkList(parsing: trustedProxies)
        } catch {
            throw ServerSettingError("trusted-proxies", "\(error)")
        }
    }
}
