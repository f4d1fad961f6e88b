internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import SecretMemory
internal import VaultAPI

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
    private let settings: KeyturnSettings
    private let client: HTTPClient

    /// Prepares connections; none is made before the first call.
    ///
    /// - Throws: ``KeyturnClientError`` with the code `invalid_setting` where the certificate file cannot be used.
    public init(_ settings: KeyturnSettings) throws(KeyturnClientError) {
        address = settings.address
        self.settings = settings
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try .keyturn(settings))
    }

    /// Closes the connections. Nothing may be asked afterwards.
    public func close() async {
        try? await client.shutdown()
    }

    /// The text of one field of the key at `path`, as it is now.
    ///
    /// - Parameters:
    ///   - path: such as `payments/stripe`.
    ///   - field: `value` is the main one.
    /// - Throws: ``KeyturnClientError``.
    public func value(of path: String, field: String = "value") async throws(KeyturnClientError) -> String {
        let found = try await value(ValueReference(path: path, field: field))
        guard let text = found.fields[field]?.bytes.disclosedText(), found.encoding != .base64 else {
            throw KeyturnClientError(.unexpectedReply, "the field is not there, or is not text")
        }
        return text
    }

    /// Sends a call and gives the body of its reply.
    package func send(_ call: Call) async throws(KeyturnClientError) -> [UInt8] {
        let (status, body, _) = try await exchange(call)
        guard (200..<300).contains(status) else { throw Self.failure(status, body, address) }
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
        if let key = settings.accessKey?.disclosedText() {
            request.headers.add(name: "authorization", value: "Bearer \(key)")
        }
        for (name, value) in call.headers { request.headers.add(name: name, value: value) }
        if let body = call.body { request.body = .bytes(body) }
        do {
            let response = try await client.execute(request, timeout: .seconds(call.limit))
            let body = try await response.body.collect(upTo: Self.longestReply)
            var headers: [String: String] = [:]
            for name in names { headers[name] = response.headers.first(name: name) }
            return (Int(response.status.code), [UInt8](body.readableBytesView), headers)
        } catch is NIOTooManyBytesError {
            throw KeyturnClientError(.unexpectedReply, "\(address) sent a reply that is too long")
        } catch {
            throw KeyturnClientError(transport: error, to: address)
        }
    }

    /// 256 values of 256 KiB each, as base64 and with what stands around them.
    private static let longestReply = 96 << 20

    static func failure(_ status: Int, _ body: [UInt8], _ address: KeyturnAddress) -> KeyturnClientError {
        if let problem = try? WireJSON.reply(ProblemDocument.self, from: body) { return KeyturnClientError(problem) }
        return KeyturnClientError(.unexpectedReply, "\(address) answered \(status), and not as a vault does")
    }
}
