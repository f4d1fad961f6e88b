import Foundation
import Glibc
import Synchronization
import Testing

/// A program at a local socket that reads all that it gets, as a log collector does.
final class Collector: @unchecked Sendable {
    let path: String
    private let isStream: Bool
    private let listener: Int32
    private let state = Mutex<(text: String, connections: [Int32], ends: Int)>(("", [], 0))

    init(_ path: String, isStream: Bool) throws {
        self.path = path
        self.isStream = isStream
        unlink(path)
        listener = socket(AF_UNIX, Int32((isStream ? SOCK_STREAM : SOCK_DGRAM).rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, !isStream || listen(listener, 8) == 0 else { throw TestFailure("no collector at \(path)") }
        Thread { [listener] in
            guard isStream else { return self.read(listener) }
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                self.state.withLock { $0.connections.append(connection) }
                Thread { self.read(connection) }.start()
            }
        }.start()
    }

    /// What came, one message or line each.
    var lines: [String] { state.withLock { $0.text }.split(separator: "\n").map(String.init) }

    /// How many connections were read to their end.
    var ends: Int { state.withLock { $0.ends } }

    /// Ends as a program does that is killed: its socket's name stays.
    func end() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for connection in state.withLock({ $0.connections }) { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    private func read(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            let text = String(decoding: buffer.prefix(count), as: UTF8.self)
            state.withLock { $0.text += isStream ? text : text + "\n" }
        }
        state.withLock { $0.ends += 1 }
        if descriptor != listener { close(descriptor) }
    }
}
