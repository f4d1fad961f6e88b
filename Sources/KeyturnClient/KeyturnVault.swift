internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
package import SecretMemory
internal import Synchronization
package import VaultAPI

/// A vault as a client sees it.
///
/// ```swift
/// let vault = try KeyturnVault(KeyturnSettings(environment: environment))
/// let key = try await vault.value(of: "payments/stripe")
/// await vault.close()
/// ```
public final class KeyturnVault: Sendable {
    /// Where the vault is.
    public let address: KeyturnAddress
    let settings: KeyturnSettings
    private let client: HTTPClient
    private let standing: Mutex<(accessKey: WipedBytes?, expires: Timestamp?)>

    /// Prepares connections; none is made before the first call.
    ///
    /// - Throws: ``KeyturnClientError`` with the code `invalid_setting` where the certificate file cannot be used.
    public init(_ settings: KeyturnSettings) throws(KeyturnClientError) {
        address = settings.address
        self.settings = settings
        standing = Mutex((accessKey: settings.accessKey, expires: nil))
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try .keyturn(settings))
    }

    /// A vault that was not closed, because of an error say, closes its connections a little later.
    deinit {
        let client = client
        Task { try? await client.shutdown() }
    }

    /// Closes the connections. Nothing may be asked afterwards.
    public func close() async {
        try? await client.shutdown()
    }

    /// Presents another access key from the next request on: the successor of one that was rolled.
    ///
    /// - Throws: ``KeyturnClientError`` with the code `invalid_setting` where the text is no access key. It is not repeated.
    public func use(accessKey: String) throws(KeyturnClientError) {
        let key = try KeyturnSettings.checked(accessKey)
        standing.withLock { $0 = (key, nil) }
    }

    /// The access key that requests present.
    package var accessKey: WipedBytes? { standing.withLock { $0.accessKey } }

    /// When the access key stops being accepted, where the vault has warned that it is soon.
    package var accessKeyExpires: Timestamp? { standing.withLock { $0.expires } }

    /// Sends a call and gives the body of its reply.
    package func send(_ call: Call) async throws(KeyturnClientError) -> [UInt8] {
        let (status, body, headers) = try await exchange(call, heeding: ["retry-after"])
        guard (200..<300).contains(status) else { throw Self.failure(status, body, headers, address) }
        return body
    }

    /// Sends a call and reads the JSON of its reply.
    package func send<Reply: Decodable>(
        _ call: Call, for reply: Reply.Type = Reply.self
    ) async throws(KeyturnClientError) -> Reply {
        try read(try await send(call))
    }

    /// Reads the JSON of a reply.
    func read<Reply: Decodable>(_ body: [UInt8]) throws(KeyturnClientError) -> Reply {
        do {
            return try WireJSON.reply(Reply.self, from: body)
        } catch {
            throw KeyturnClientError(.unexpectedReply, "\(address) sent a reply that this version does not understand")
        }
    }

    /// Sends a call and gives whatever comes back.
    ///
    /// - Parameter heeding: the response headers that are wanted.
    func exchange(
        _ call: Call, heeding names: [String] = []
    ) async throws(KeyturnClientError) -> (status: Int, body: [UInt8], headers: [String: String]) {
        var request = HTTPClientRequest(url: address.url(of: call))
        request.method = HTTPMethod(rawValue: call.method.rawValue)
        request.headers.add(name: "user-agent", value: "keyturn/\(Release.version)")
        request.headers.add(name: "accept", value: "application/json, application/problem+json")
        if address.isSocket { request.headers.add(name: "host", value: "localhost") }
        let accessKey = accessKey
        if let key = accessKey?.disclosedText() {
            request.headers.add(name: "authorization", value: "Bearer \(key)")
        }
        for (name, value) in call.headers { request.headers.add(name: name, value: value) }
        if let body = call.body { request.body = .bytes(body) }
        do {
            let end = call.end
            let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
            let response = try await client.execute(request, timeout: .milliseconds(Int64(max(left, 0))))
            let body = try await Self.collect(response.body, by: end)
            var headers: [String: String] = [:]
            for name in names { headers[name] = response.headers.first(name: name) }
            note(response.headers.first(name: "keyturn-access-key-expires"), of: accessKey)
            return (Int(response.status.code), [UInt8](body.readableBytesView), headers)
        } catch is NIOTooManyBytesError {
            throw KeyturnClientError(.unexpectedReply, "\(address) sent a reply that is too long")
        } catch {
            var failure = KeyturnClientError(transport: error, to: address)
            failure.changedNothing = call.changesNothing
            throw failure
        }
    }

    /// The whole of a body. The time-out of the library is over once the head is there.
    private static func collect(
        _ body: HTTPClientResponse.Body, by end: ContinuousClock.Instant
    ) async throws -> ByteBuffer {
        try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask { try await body.collect(upTo: longestReply) }
            group.addTask {
                try await Task.sleep(until: end, clock: .continuous)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let whole = first else { throw HTTPClientError.deadlineExceeded }
            return whole
        }
    }

    /// 256 values of 256 KiB each, as base64 and with what stands around them.
    private static let longestReply = 96 << 20

    /// A warning counts for the key that it was given to.
    private func note(_ expires: String?, of key: WipedBytes?) {
        guard let expires, let moment = Timestamp(parsing: expires) else { return }
        standing.withLock { if $0.accessKey === key { $0.expires = moment } }
    }

    /// - Parameter headers: those of the reply, of which `retry-after` is heeded.
    static func failure(
        _ status: Int, _ body: [UInt8], _ headers: [String: String], _ address: KeyturnAddress
    ) -> KeyturnClientError {
        var failure: KeyturnClientError
        if let problem = try? WireJSON.reply(ProblemDocument.self, from: body) {
            failure = KeyturnClientError(problem)
        } else {
            failure = KeyturnClientError(.unexpectedReply, "\(address) answered \(status), and not as a vault does")
        }
        failure.status = status
        failure.retryAfter = headers["retry-after"].flatMap { Int($0) }
        return failure
    }
}
