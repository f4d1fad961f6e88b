internal import CProcess
internal import Glibc
internal import Server

/// The sockets that a service manager has made and handed over: sd_listen_fds(3). One may be a local socket, for the
/// applications, and one on a network.
enum InheritedSockets {
    /// The descriptor of the first.
    private static let first: Int32 = 3
    private static let most = 2

    /// - Parameter environment: `LISTEN_FDS` and `LISTEN_PID` of it; what is meant for another process is passed over.
    /// - Throws: a usage failure where something was handed over that cannot be served.
    static func find(
        environment: [String: String], process: Int32 = getpid()
    ) throws(Failure) -> [ServerConfiguration.InheritedSocket] {
        guard let text = environment["LISTEN_FDS"], environment["LISTEN_PID"] == String(process) else { return [] }
        guard let count = Int(text), (0...most).contains(count) else {
            throw .usage("LISTEN_FDS: at most a local socket and one on a network can be handed over")
        }
        var found: [ServerConfiguration.InheritedSocket] = []
        for offset in 0..<Int32(count) { found.append(try socket(first + offset)) }
        guard found.count(where: { $0.address == nil }) <= 1, found.count(where: { $0.address != nil }) <= 1 else {
            throw .usage("LISTEN_FDS: two sockets of one kind were handed over")
        }
        return found
    }

    private static func socket(_ descriptor: Int32) throws(Failure) -> ServerConfiguration.InheritedSocket {
        switch keyturn_listening_family(descriptor) {
        case Int32(AF_UNIX): return ServerConfiguration.InheritedSocket(descriptor: descriptor)
        case Int32(AF_INET), Int32(AF_INET6):
            guard let text = address(descriptor), let address = try? Server.ListenAddress(parsing: text) else {
                throw .usage("LISTEN_FDS: descriptor \(descriptor) has no address that could be read")
            }
            return ServerConfiguration.InheritedSocket(descriptor: descriptor, address: address)
        default: throw .usage("LISTEN_FDS: descriptor \(descriptor) is no stream socket that listens")
        }
    }

    /// `HOST:PORT`, as numbers.
    private static func address(_ descriptor: Int32) -> String? {
        var text = [CChar](repeating: 0, count: 64)
        guard unsafe keyturn_listening_address(descriptor, &text, text.count) == 0 else { return nil }
        return String(validating: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
