internal import NIOCore
internal import Synchronization
internal import Vault

/// One place where connections come in.
final class Listener: Sendable {
    enum Place: Sendable {
        case local(SocketFile)
        case network(ListenAddress)
        case inherited(ServerConfiguration.InheritedSocket)

        /// Where it listens on a network.
        var address: ListenAddress? {
            switch self {
            case .local: nil
            case .network(let address): address
            case .inherited(let socket): socket.address
            }
        }
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

    var isLocal: Bool { place.address == nil }

    /// The door as connections know it, once the port is.
    func doorway(port: Int?) -> Doorway {
        known.withLock { known in
            if let known, known.port == port { return known.doorway }
            let own = place.address?.host
            let names = HostNames(
                own: own, port: isLocal ? nil : port, isTLS: certificates != nil, allowed: allowedHosts)
            let doorway = Doorway(door: door, names: names)
            known = (port, doorway)
            return doorway
        }
    }
}
