import Foundation
import Glibc

/// A program at a local socket that reads when a test tells it to.
final class LocalListener: @unchecked Sendable {
    enum Kind { case stream, datagram }

    let path: String
    private let kind: Kind
    private var listener: Int32
    private var connection: Int32 = -1
    private var rest: [UInt8] = []

    /// - Parameter room: the bytes that may wait to be read, about; nil: as the system has it.
    init(_ path: String, _ kind: Kind, room: Int32? = nil) throws {
        self.path = path
        self.kind = kind
        unlink(path)
        let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
        listener = socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        var patience = timeval(tv_sec: 600, tv_usec: 0)
        setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        if var room {
            setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        }
        guard listener >= 0, bound == 0, kind == .datagram || listen(listener, 8) == 0 else {
            throw POSIXError(.EIO)
        }
    }

    deinit { close() }

    /// Ends as a program does: the socket stays at its path, and nobody is behind it.
    func close() {
        hangUp()
        if listener >= 0 { Glibc.close(listener) }
        listener = -1
    }

    /// Takes the next connection.
    func accept() {
        hangUp()
        connection = Glibc.accept(listener, nil, nil)
        var patience = timeval(tv_sec: 600, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    func hangUp() {
        if connection >= 0 { Glibc.close(connection) }
        connection = -1
        rest = []
    }

    /// The next message, or the next line without its break; nil where none comes for a minute.
    func next() -> String? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        if kind == .datagram {
            let count = recv(listener, &buffer, buffer.count, 0)
            return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
        }
        if connection < 0 { accept() }
        while true {
            if let end = rest.firstIndex(of: 0x0A) {
                defer { rest.removeFirst(end + 1) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            rest += buffer.prefix(count)
        }
    }

    func next(_ count: Int) -> [String] { (0..<count).compactMap { _ in next() } }
}
