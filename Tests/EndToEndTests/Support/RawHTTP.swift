import Foundation
import Glibc

/// A request and its reply as bytes, past every library that would tidy them.
struct RawReply {
    var status: Int
    var head: String
    var body: Data
    var text: String { String(decoding: body, as: UTF8.self) }
    func json() throws -> [String: Any] { try JSONSerialization.jsonObject(with: body) as? [String: Any] ?? [:] }
}

/// A connection to a port of the loopback address that is read with some patience.
private func connection(to port: Int) throws -> Int32 {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard connected == 0 else {
        close(descriptor)
        throw TestFailure("cannot connect")
    }
    var patience = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    return descriptor
}

/// Sends `request` over TCP as it is to a port of the loopback address, and reads until the server closes.
func sendRaw(_ request: Data, to port: Int) throws -> RawReply {
    let descriptor = try connection(to: port)
    defer { close(descriptor) }
    _ = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    var reply = Data()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count <= 0 { break }
        reply += buffer.prefix(count)
    }
    guard let end = reply.range(of: Data("\r\n\r\n".utf8)) else { throw TestFailure("no reply") }
    let head = String(decoding: reply[..<end.lowerBound], as: UTF8.self)
    let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return RawReply(status: status, head: head, body: reply[end.upperBound...])
}

extension TestServer {
    /// Sends `request` over TCP as it is, and reads until the server closes.
    func raw(_ request: Data) throws -> RawReply { try sendRaw(request, to: port) }

    /// One request with the administrator's access key unless another is given.
    func request(
        _ method: String, _ path: String, key: String? = nil, headers: [String] = [], body: String? = nil
    ) throws -> RawReply {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
        let key = key ?? accessKey
        if !key.isEmpty { lines.append("Authorization: Bearer \(key)") }
        if let body { lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] }
        let text = (lines + headers).joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
        return try raw(Data(text.utf8))
    }
}

/// A connection that stays open from one request to the next.
final class KeptConnection {
    private let descriptor: Int32

    init(port: Int) throws { descriptor = try connection(to: port) }
    deinit { close(descriptor) }

    /// The reply to a request without a body, read until all of it is there that it announces.
    func get(_ path: String, key: String) throws -> String {
        let request = Data("GET \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(key)\r\n\r\n".utf8)
        _ = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        var reply = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw TestFailure("no reply") }
            reply += String(decoding: buffer.prefix(count), as: UTF8.self)
            let parts = reply.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            let length = parts[0].split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }?.dropFirst(16)
            if parts.count == 2, let length = length.flatMap({ Int($0) }), parts[1].utf8.count >= length {
                return reply
            }
        }
    }
}
