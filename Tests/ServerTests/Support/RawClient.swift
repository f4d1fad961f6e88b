import Foundation
import NIOCore

/// A connection that says exactly what it is told to, byte for byte: POSIX sockets and nothing else.
final class RawClient {
    private let descriptor: Int32
    /// How a server at this place is called.
    let host: String
    private var received: [UInt8] = []
    /// The other side has neither said anything for too long nor closed the connection.
    private var isSilent = false

    /// A local socket's path, or a port of 127.0.0.1.
    enum Place {
        case local(String)
        case port(Int)
    }

    init(_ place: Place) throws {
        let address: SocketAddress
        switch place {
        case .local(let path):
            address = try SocketAddress(unixDomainSocketPath: path)
            host = "localhost"
        case .port(let port):
            address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
            host = "localhost:\(port)"
        }
        let family = if case .local = place { AF_UNIX } else { AF_INET }
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        // No test waits longer than this for bytes that do not come; on a busy machine a reply may take minutes.
        var limit = timeval(tv_sec: 900, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let outcome = address.withSockAddr { connect(descriptor, $0, socklen_t($1)) }
        // The descriptor is closed as that of any other object that goes.
        guard outcome == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit { close(descriptor) }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Sends as much as the other side takes.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Says that nothing more comes.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads more; false at the end, or when nothing came for too long.
    private func readMore() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count < 0, errno == EAGAIN { isSilent = true }
        guard count > 0 else { return false }
        received += chunk[0..<count]
        return true
    }

    /// Whether the other side has closed the connection, once everything that came is read.
    func isClosed() -> Bool {
        while readMore() {}
        return received.isEmpty && !isSilent
    }

    /// Everything that still comes until the other side closes the connection.
    func rest() -> String {
        while readMore() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// The next reply.
    ///
    /// - Parameter hasBody: false for replies to `HEAD`, which only say how long their body would be.
    func reply(hasBody: Bool = true) throws -> RawReply {
        while true {
            if let (reply, length) = RawReply.parse(received, hasBody: hasBody) {
                received.removeFirst(length)
                return reply
            }
            guard readMore() else { throw NoReply(received: String(decoding: received, as: UTF8.self)) }
        }
    }

    /// Sends a request and reads its reply.
    func ask(
        _ method: String, _ target: String, _ headers: [String: String] = [:], body: String? = nil
    ) throws -> RawReply {
        var text = "\(method) \(target) HTTP/1.1\r\n"
        if headers["Host"] == nil { text += "Host: \(host)\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        send(text + "\r\n" + (body ?? ""))
        return try answer(hasBody: method != "HEAD")
    }

    /// The next reply, leave to go on aside.
    func answer(hasBody: Bool = true) throws -> RawReply {
        let first = try reply(hasBody: hasBody)
        return first.status == 100 ? try reply(hasBody: hasBody) : first
    }

    struct NoReply: Error { var received: String }
}

/// A reply as it came.
struct RawReply {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    subscript(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    var text: String { String(decoding: body, as: UTF8.self) }
    /// Everything that came, as text.
    var everything: String { headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n") + "\n" + text }

    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:] }
    var code: String? { json["code"] as? String }
    var closes: Bool { self["Connection"] == "close" }

    static func parse(_ bytes: [UInt8], hasBody: Bool = true) -> (RawReply, Int)? {
        guard let range = Data(bytes).range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<range.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        var headers: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers.append((String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""))
        }
        let length =
            !hasBody ? 0 : headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        guard bytes.count >= range.upperBound + length else { return nil }
        let body = Array(bytes[range.upperBound..<(range.upperBound + length)])
        return (RawReply(status: status, headers: headers, body: body), range.upperBound + length)
    }
}
