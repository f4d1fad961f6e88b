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
    /// All header fields, those that every reply has among them.
    private func fields(_ id: RequestID, at now: Int64) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = [
            ("Date", HTTPDate.text(now)), ("Cache-Control", isPublic ? "no-cache" : "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Keyturn-Request", id.description),
        ]
        if status != 304 {
            if body.readableBytes > 0 { fields.append(("Content-Type", type)) }
            fields.append(("Content-Length", String(body.readableBytes)))
        }
        return fields + headers
    }

    func head(_ id: RequestID, at now: Int64) -> HTTPResponseHead {
        HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: HTTPHeaders(fields(id, at: now))
        )
    }

    func response(_ id: RequestID, at now: Int64) -> Response {
        var headers = HTTPFields()
        for field in fields(id, at: now) {
            if let name = HTTPField.Name(field.name) { headers.append(HTTPField(name: name, value: field.value)) }
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
        let fields = fields(id, at: now) + (closing ? [("Connection", "close")] : [])
        let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
        let room = fields.reduce(32 + reason.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        var buffer = allocator.buffer(capacity: room + body.readableBytes)
        unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            var head = unsafe HeadWriter(target)
            head.put("HTTP/1.1 ")
            head.put(String(status))
            head.put(" ")
            head.put(reason)
            head.put("\r\n")
            for (name, value) in fields {
                head.put(name)
                head.put(": ")
                head.put(value)
                head.put("\r\n")
            }
            head.put("\r\n")
            return head.count
        }
        if !isHead { buffer.writeImmutableBuffer(body) }
        return buffer
    }
}

/// Writes texts one after the other over memory that has room for all of them.
@safe private struct HeadWriter: ~Copyable {
    private let target: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ target: UnsafeMutableRawBufferPointer) { unsafe self.target = target }

    mutating func put(_ text: String) {
        unsafe text.utf8Span.span.bytes.withUnsafeBytes { bytes in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: bytes)
            count += bytes.count
        }
    }
}
