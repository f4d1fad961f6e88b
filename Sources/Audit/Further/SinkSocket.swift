internal import CProcess
internal import Glibc

/// A connection to a local socket that never makes its thread wait.
///
/// Not for several threads at once.
final class SinkSocket {
    enum Sent: Equatable {
        /// So many lines were taken, all of them or as many as there was room for.
        case taken(Int)
        /// The first line is larger than what the socket takes at all.
        case tooLarge
        case lost(AuditError.Reason)
    }

    private enum Kind {
        case datagram
        case stream
    }

    private let target: FurtherSink.Target
    private let path: String
    private let message = SyslogMessage()
    private var connection: (descriptor: Int32, kind: Kind)?
    /// Bytes of the next line that a stream has taken already.
    private var partial = 0

    init(_ sink: FurtherSink) {
        target = sink.target
        path = sink.path
    }

    deinit { disconnect() }

    func disconnect() {
        if let connection { close(connection.descriptor) }
        connection = nil
        partial = 0
    }

    /// Connects anew.
    ///
    /// - Returns: why that failed; nil: it did not.
    func connect() -> AuditError.Reason? {
        disconnect()
        if case .syslog = target {
            let descriptor = unsafe keyturn_connect_local(path, 1)
            if descriptor >= 0 {
                connection = (descriptor, .datagram)
                return nil
            }
            guard errno == EPROTOTYPE else { return Self.reason(errno) }
        }
        let descriptor = unsafe keyturn_connect_local(path, 0)
        guard descriptor >= 0 else { return Self.reason(errno) }
        connection = (descriptor, .stream)
        return nil
    }

    /// Sends as many of the lines as there is room for now.
    func send(_ lines: [ForwardQueue.Line]) -> Sent {
        guard let connection else { return .lost(.unreachable) }
        return switch connection.kind {
        case .datagram: sendDatagrams(lines, connection.descriptor)
        case .stream: sendStream(lines, connection.descriptor)
        }
    }

    /// Waits until there is room, or `milliseconds` are over.
    func waitForRoom(_ milliseconds: Int32) {
        guard let connection else { return }
        var asked = pollfd(fd: connection.descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&asked, 1, milliseconds)
    }

    /// Whether the other side of a stream has closed it. What it says is thrown away: nothing is expected of it.
    func isHungUp() -> Bool {
        guard let connection, connection.kind == .stream else { return false }
        var dust = [UInt8](repeating: 0, count: 512)
        while true {
            let count = unsafe recv(connection.descriptor, &dust, dust.count, Int32(MSG_DONTWAIT))
            if count == 0 { return true }
            if count < 0 { return ![EAGAIN, EINTR].contains(errno) }
        }
    }

    private func sendDatagrams(_ lines: [ForwardQueue.Line], _ descriptor: Int32) -> Sent {
        for (index, line) in lines.enumerated() {
            switch write(message.bytes(of: line)[...], descriptor) {
            case .success: continue
            case .failure(.full): return .taken(index)
            case .failure(.tooLarge): return index > 0 ? .taken(index) : .tooLarge
            // What was taken before has to be told first; the failure shows again.
            case .failure(.broken(let reason)): return index > 0 ? .taken(index) : .lost(reason)
            }
        }
        return .taken(lines.count)
    }

    private func sendStream(_ lines: [ForwardQueue.Line], _ descriptor: Int32) -> Sent {
        var buffer: [UInt8] = []
        var ends: [Int] = []
        for line in lines {
            if case .syslog = target { buffer += message.bytes(of: line) } else { buffer += line.bytes }
            buffer.append(0x0A)
            ends.append(buffer.count)
        }
        switch write(buffer[partial...], descriptor) {
        case .success(let count):
            let end = partial + count
            let whole = ends.prefix { $0 <= end }
            partial = end - (whole.last ?? 0)
            return .taken(whole.count)
        case .failure(.full): return .taken(0)
        case .failure(.tooLarge): return .tooLarge
        case .failure(.broken(let reason)): return .lost(reason)
        }
    }

    private enum Refused: Error {
        case full
        case tooLarge
        case broken(AuditError.Reason)
    }

    private func write(_ bytes: ArraySlice<UInt8>, _ descriptor: Int32) -> Result<Int, Refused> {
        while true {
            let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, flags)
            }
            if count >= 0 { return .success(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN, ENOBUFS, ENOMEM: return .failure(.full)
            case EMSGSIZE: return .failure(.tooLarge)
            default: return .failure(.broken(Self.reason(errno)))
            }
        }
    }

    static func reason(_ code: Int32) -> AuditError.Reason {
        switch code {
        case EACCES, EPERM: .forbidden
        // A queue of connections that is full: the program does not take any.
        case EAGAIN: .blocked
        case ENOENT, ENOTDIR, ECONNREFUSED, ECONNRESET, EPIPE, ENOTCONN, ENOTSOCK, EPROTOTYPE, ELOOP: .unreachable
        default: .inputOutput
        }
    }
}
