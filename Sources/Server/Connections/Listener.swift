internal import NIOCore
internal import Synchronization
internal import Vault

/// One place where connections come in.
final class Listener: Sendable {
    enum Place: Sendable {
        case local(SocketFile)
        case network(ListenAddress)
    }

    /// The setting it comes from, for messages.
    let setting: String
    let door: Door
    let place: Place
    let certificates: CertificateStore?
    /// The most connections at one time.
    let connections: Int
    private let allowedHosts: [String]
    private let known = Mutex<(port: Int?, doorway: Doorway)?>(nil)

    init(
        setting: String, door: Door, place: Place, certificates: CertificateStore? = nil, allowedHosts: [String],
        connections: Int
    ) {
        self.setting = setting
        self.door = door
        self.place = place
        self.certificates = certificates
        self.allowedHosts = allowedHosts
        self.connections = connections
    }

    var isLocal: Bool { if case .local = place { true } else { false } }

    /// The door as connections know it, once the port is.
    func doorway(port: Int?) -> Doorway {
        known.withLock { known in
            if let known, known.port == port { return known.doorway }
            let own: String? = if case .network(let address) = place { address.host } else { nil }
            let names = HostNames(
                own: own, port: isLocal ? nil : port, isTLS: certificates != nil, allowed: allowedHosts)
            let doorway = Doorway(door: door, names: names)
            known = (port, doorway)
            return doorway
        }
    }
}
