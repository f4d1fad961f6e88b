internal import HTTPTypes
internal import HummingbirdCore
package import NIOCore
internal import NIOHTTP1
internal import VaultAPI

/// An answer, before it is put into the types of whoever writes it.
package struct Reply: Sendable {
    package var status: Int
    /// Beside those that every reply has.
    package var headers: [(name: String, value: String)]
    package var body: ByteBuffer
    package var type: String
    /// Whether caches may keep it if they ask first; otherwise nobody keeps it.
    package var isPublic: Bool
    /// The code of the problem that a page tells of; a document's is told by its error.
    var code: String?

    package init(
        status: Int = 200, headers: [(name: String, value: String)] = [], body: ByteBuffer = ByteBuffer(),
        type: String = "application/json", isPublic: Bool = false
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.type = type
        self.isPublic = isPublic
    }

    /// A problem document (RFC 9457).
    package init(_ refusal: Refusal) {
        let body = try? WireJSON.encode(refusal.problem)
        self.init(
            status: refusal.status, body: ByteBuffer(bytes: body ?? Array(#"{"code":"internal"}"#.utf8)),
            type: "application/problem+json")
        if let seconds = refusal.retryAfter { headers.append(("Retry-After", String(seconds))) }
        if !refusal.allow.isEmpty { headers.append(("Allow", refusal.allow.joined(separator: ", "))) }
        if refusal.status == 401 { headers.append(("WWW-Authenticate", "Bearer")) }
    }

    /// A reply of the wire's types that holds no secret.
    package init(status: Int = 200, json value: some Encodable, etag: String? = nil) throws {
        self.init(status: status, body: ByteBuffer(bytes: try WireJSON.encode(value)))
        if let etag { headers.append(("ETag", EntityTags.quoted(etag))) }
    }

    /// A secret, written by ``SecretJSONWriter``.
    package init(status: Int = 200, secret writer: SecretJSONWriter, etag: String? = nil) {
        self.init(status: status, body: writer.buffer)
        if let etag { headers.append(("ETag", EntityTags.quoted(etag))) }
    }
}

extension Reply {
    /// Hands on all header fields, those that every reply has first.
    private func eachField(_ id: RequestID, at now: Int64, _ put: (_ name: String, _ value: String) -> Void) {
        put("Date", HTTPDate.text(now))
        put("Cache-Control", isPublic ? "no-cache" : "no-store")
        put("X-Content-Type-Options", "nosniff")
        put("Keyturn-Request", id.description)
        if status != 304 {
            if body.readableBytes > 0 { put("Content-Type", type) }
            put("Content-Length", String(body.readableBytes))
        }
        for (name, value) in headers { put(name, value) }
    }

    func head(_ id: RequestID, at now: Int64) -> HTTPResponseHead {
        var headers = HTTPHeaders()
        eachField(id, at: now) { headers.add(name: $0, value: $1) }
        return HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
    }

    func response(_ id: RequestID, at now: Int64) -> Response {
        var headers = HTTPFields()
        eachField(id, at: now) { name, value in
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        var response = Response(
            status: HTTPResponse.Status(code: status), headers: headers, body: ResponseBody(byteBuffer: body))
        if status == 304 { response.headers[.contentLength] = nil }
        return response
    }

    /// The whole reply as it goes over the network (RFC 9112), as the encoder would write it.
    ///
    /// - Parameter isHead: whether the body is left out, and what is said of it is not.
    func bytes(
        _ id: RequestID, at now: Int64, closing: Bool, isHead: Bool, allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
        let room = headers.reduce(Self.usualHead + reason.utf8.count + type.utf8.count) {
            $0 + $1.name.utf8.count + $1.value.utf8.count + 4
        }
        var buffer = allocator.buffer(capacity: room + body.readableBytes)
        unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            var head = unsafe HeadWriter(target)
            head.put("HTTP/1.1 ")
            head.put(String(status))
            head.put(" ")
            head.put(reason)
            head.put("\r\n")
            func put(_ name: String, _ value: String) {
                head.put(name)
                head.put(": ")
                head.put(value)
                head.put("\r\n")
            }
            eachField(id, at: now) { put($0, $1) }
            if closing { put("Connection", "close") }
            head.put("\r\n")
            return head.count
        }
        if !isHead { buffer.writeImmutableBuffer(body) }
        return buffer
    }

    /// Bytes for the status line and the fields that every reply has, without the reason and the type: some 220.
    private static let usualHead = 256
}

/// Writes texts one after the other over memory that has room for all of them.
@safe private struct HeadWriter: ~Copyable {
    private let target: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ target: UnsafeMutableRawBufferPointer) { unsafe self.target = target }

    mutating func put(_ text: String) {
        unsafe text.utf8Span.span.bytes.withUnsafeBytes { bytes in
            precondition(unsafe bytes.count <= target.count - count)
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: bytes)
            count += bytes.count
        }
    }
}
