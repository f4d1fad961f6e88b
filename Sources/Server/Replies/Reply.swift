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
    /// The entity tag, unquoted.
    package var etag: String?
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
        self.etag = etag
    }

    /// A secret, written by ``SecretJSONWriter``.
    package init(status: Int = 200, secret writer: SecretJSONWriter, etag: String? = nil) {
        self.init(status: status, body: writer.buffer)
        self.etag = etag
    }
}

extension Reply {
    /// What stands in a field, written out where it goes.
    private enum FieldValue: CustomStringConvertible {
        case word(StaticString)
        case text(String)
        case number(Int)
        case id(RequestID)
        case tag(String)

        var description: String {
            switch self {
            case .word(let word): word.description
            case .text(let text): text
            case .number(let number): String(number)
            case .id(let id): id.description
            case .tag(let tag): EntityTags.quoted(tag)
            }
        }
    }

    /// Hands on the header fields that are known here: those that every reply has first.
    private func eachField(_ id: RequestID, at now: Int64, _ put: (_ name: StaticString, _ value: FieldValue) -> Void) {
        put("Date", .text(HTTPDate.text(now)))
        put("Cache-Control", isPublic ? .word("no-cache") : .word("no-store"))
        put("X-Content-Type-Options", .word("nosniff"))
        put("Keyturn-Request", .id(id))
        if status != 304 {
            if body.readableBytes > 0 { put("Content-Type", .text(type)) }
            put("Content-Length", .number(body.readableBytes))
        }
        if let etag { put("ETag", .tag(etag)) }
    }

    /// Hands on all header fields as texts.
    private func eachText(_ id: RequestID, at now: Int64, _ put: (_ name: String, _ value: String) -> Void) {
        eachField(id, at: now) { put($0.description, $1.description) }
        for (name, value) in headers { put(name, value) }
    }

    func head(_ id: RequestID, at now: Int64) -> HTTPResponseHead {
        var headers = HTTPHeaders()
        eachText(id, at: now) { headers.add(name: $0, value: $1) }
        return HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
    }

    func response(_ id: RequestID, at now: Int64) -> Response {
        var headers = HTTPFields()
        eachText(id, at: now) { name, value in
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        var response = Response(
            status: HTTPResponse.Status(code: status), headers: headers, body: ResponseBody(byteBuffer: body))
        if status == 304 { response.headers[.contentLength] = nil }
        return response
    }

    /// The whole reply as it goes over the network (RFC 9112), as the encoder would write it. The head goes before the body
    /// where there is room for it.
    ///
    /// - Parameter isHead: whether the body is left out, and what is said of it is not.
    /// - Returns: it; this reply has no body any more.
    mutating func takeBytes(
        _ id: RequestID, at now: Int64, closing: Bool, isHead: Bool, allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
        let room = headers.reduce(Self.usualHead + reason.utf8.count + type.utf8.count + (etag?.utf8.count ?? 0)) {
            $0 + $1.name.utf8.count + $1.value.utf8.count + 4
        }
        func write(_ target: UnsafeMutableRawBufferPointer) -> Int {
            var head = unsafe HeadWriter(target)
            head.put("HTTP/1.1 ")
            head.put(status)
            head.put(" ")
            head.put(text: reason)
            head.put("\r\n")
            eachField(id, at: now) { name, value in
                head.put(name)
                head.put(": ")
                switch value {
                case .word(let word): head.put(word)
                case .text(let text): head.put(text: text)
                case .number(let number): head.put(number)
                case .id(let id): head.put(id)
                case .tag(let tag):
                    head.put("\"")
                    head.put(text: tag)
                    head.put("\"")
                }
                head.put("\r\n")
            }
            for (name, value) in headers {
                head.put(text: name)
                head.put(": ")
                head.put(text: value)
                head.put("\r\n")
            }
            if closing { head.put("Connection: close\r\n") }
            head.put("\r\n")
            return head.count
        }
        guard !isHead, body.readerIndex >= room else {
            var buffer = allocator.buffer(capacity: room + body.readableBytes)
            unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { unsafe write($0) }
            if !isHead { buffer.writeImmutableBuffer(body) }
            return buffer
        }
        return unsafe withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { head in
            let count = unsafe write(head)
            // There must be no second reference to the buffer, or it would be copied.
            var whole = body
            body = ByteBuffer()
            let start = whole.readerIndex - count
            whole.moveReaderIndex(to: start)
            unsafe whole.setBytes(UnsafeRawBufferPointer(rebasing: head[..<count]), at: start)
            return whole
        }
    }

    /// Bytes for the status line and the fields that every reply has, without the reason and the type: some 220.
    private static let usualHead = 256
    /// Room for most heads.
    static let headRoom = 512
}

/// Writes texts one after the other over memory that has room for all of them.
@safe private struct HeadWriter: ~Copyable {
    private let target: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ target: UnsafeMutableRawBufferPointer) { unsafe self.target = target }

    mutating func put(_ text: StaticString) {
        unsafe put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func put(text: String) {
        unsafe text.utf8Span.span.bytes.withUnsafeBytes { unsafe put($0) }
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, let to = unsafe target.baseAddress else { return }
        precondition(unsafe bytes.count <= target.count - count)
        unsafe (to + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    mutating func put(_ byte: UInt8) {
        precondition(unsafe count < target.count)
        unsafe target[count] = byte
        count += 1
    }

    /// The decimal digits of a number that is not negative.
    mutating func put(_ number: Int) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    mutating func put(_ id: RequestID) { id.eachDigit { put($0) } }
}
