internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Sends one request over a connection of its own, and only to an address that was looked at.
///
/// The name is resolved once; where any of its addresses may not be reached, none is. The connection goes to what was
/// checked, and the certificate must be the name's. Redirects are not followed, proxies of the environment not used,
/// nothing is sent that the request does not hold (`Host`, `Content-Length` and `User-Agent` apart), nothing is
/// decompressed, and no connection is used twice.
package struct HTTPSender: Sendable {
    private let resolver: any Resolver
    /// Waits so many milliseconds, or throws where the task is cancelled.
    private let pause: @Sendable (Int64) async throws -> Void
    /// The most addresses that are tried.
    private static let mostAddresses = 3

    package init(
        resolver: any Resolver = SystemResolver(),
        pause: @escaping @Sendable (Int64) async throws -> Void = { try await Task.sleep(for: .milliseconds($0)) }
    ) {
        self.resolver = resolver
        self.pause = pause
    }

    /// The reply, once all of it is there. The limit of time is for the whole exchange, whatever it does meanwhile: for a
    /// name server that is silent as for a body that trickles in.
    package func send(
        _ request: OutboundRequest, _ limits: OutboundLimits
    ) async throws(OutboundFailure) -> OutboundReply {
        let result = await withTaskGroup(of: Result<OutboundReply, OutboundFailure>.self) { group in
            group.addTask { await attempt(request, limits) }
            group.addTask {
                let ended = (try? await pause(limits.time)) != nil
                return .failure(OutboundFailure(reason: ended ? .timedOut : .cancelled, mayHaveArrived: true))
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(OutboundFailure(reason: .cancelled, mayHaveArrived: true))
        }
        return try result.get()
    }

    private func attempt(
        _ request: OutboundRequest, _ limits: OutboundLimits
    ) async -> Result<OutboundReply, OutboundFailure> {
        guard let addresses = await addresses(of: request.origin.host) else {
            return .failure(OutboundFailure(reason: .cancelled, mayHaveArrived: false))
        }
        let allowed = addresses.allSatisfy { address in
            switch AddressKind(address) {
            case .global: true
            case .inside: limits.allowsPrivate
            case .never: false
            }
        }
        guard allowed else { return .failure(OutboundFailure(reason: .hostRefused, mayHaveArrived: false)) }
        var last = OutboundFailure(reason: .unreachable, mayHaveArrived: false)
        for address in addresses.prefix(Self.mostAddresses) where !Task.isCancelled {
            switch await attempt(request, limits, at: address) {
            case .success(let reply): return .success(reply)
            case .failure(let failure):
                last = failure
                guard failure == OutboundFailure(reason: .unreachable, mayHaveArrived: false) else {
                    return .failure(failure)
                }
            }
        }
        return .failure(last)
    }

    /// What the resolver finds; nil as soon as the task is cancelled, since a resolver may not notice.
    private func addresses(of host: String) async -> [[UInt8]]? {
        let (found, answer) = AsyncStream.makeStream(of: [[UInt8]].self)
        let resolver = resolver
        Task {
            answer.yield(await resolver.addresses(of: host))
            answer.finish()
        }
        for await addresses in found { return addresses }
        return nil
    }

    private func attempt(
        _ request: OutboundRequest, _ limits: OutboundLimits, at address: [UInt8]
    ) async -> Result<OutboundReply, OutboundFailure> {
        let configuration: HTTPClient.Configuration
        do throws(OutboundFailure) {
            configuration = try Self.configuration(request.origin, limits, address)
        } catch {
            return .failure(error)
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<OutboundReply, OutboundFailure>
        do {
            let response = try await client.execute(
                Self.prepare(request), deadline: .now() + .milliseconds(limits.time))
            let body = try await response.body.collect(upTo: limits.reply)
            result = .success(
                OutboundReply(
                    status: Int(response.status.code), retryAfter: Self.retryAfter(response.headers),
                    body: Array(body.readableBytesView)))
        } catch {
            result = .failure(OutboundFailure(transport: error))
        }
        try? await client.shutdown()
        return result
    }

    private static func prepare(_ request: OutboundRequest) -> HTTPClientRequest {
        var prepared = HTTPClientRequest(url: request.origin.description + request.target)
        prepared.method = HTTPMethod(rawValue: request.method.rawValue)
        prepared.headers.add(name: "user-agent", value: "keyturn")
        for (name, value) in request.headers { prepared.headers.add(name: name, value: value) }
        if let body = request.body { prepared.body = .bytes(ByteBuffer(bytes: body)) }
        return prepared
    }

    private static func configuration(
        _ origin: Origin, _ limits: OutboundLimits, _ address: [UInt8]
    ) throws(OutboundFailure) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let file = limits.authorities {
            guard let certificates = try? NIOSSLCertificate.fromPEMFile(file), !certificates.isEmpty else {
                throw OutboundFailure(reason: .authoritiesUnreadable, mayHaveArrived: false)
            }
            tls.trustRoots = .certificates(certificates)
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(
                connect: .milliseconds(min(limits.time, 10_000)), read: .milliseconds(limits.time)),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = [origin.host: SystemResolver.text(address)]
        return configuration
    }

    /// Seconds alone (RFC 9110 section 10.2.3); a date depends on clocks that may differ.
    static func retryAfter(_ headers: HTTPHeaders) -> Int64? {
        guard let text = headers.first(name: "retry-after"), (1...9).contains(text.utf8.count),
            text.utf8.allSatisfy({ (48...57).contains($0) }), let seconds = Int64(text)
        else { return nil }
        return min(seconds, 86_400) * 1_000
    }
}

extension OutboundFailure {
    /// Takes the kind of an error and none of its text, which may quote the request.
    ///
    /// What is not known to have happened before anything was sent counts as possibly arrived.
    init(transport error: any Error) {
        switch error {
        case is NIOTooManyBytesError: self.init(reason: .replyTooLarge, mayHaveArrived: true)
        case is CancellationError: self.init(reason: .cancelled, mayHaveArrived: true)
        case is NIOConnectionError: self.init(reason: .unreachable, mayHaveArrived: false)
        case let error as IOError where error.errnoCode == 111 /* ECONNREFUSED */:
            self.init(reason: .unreachable, mayHaveArrived: false)
        case ChannelError.connectTimeout: self.init(reason: .unreachable, mayHaveArrived: false)
        case is NIOSSLExtraError: self.init(reason: .tlsFailed, mayHaveArrived: false)
        case let error as NIOSSLError:
            if case .handshakeFailed = error {
                self.init(reason: .tlsFailed, mayHaveArrived: false)
            } else {
                self.init(reason: .broken, mayHaveArrived: true)
            }
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .getConnectionFromPoolTimeout:
                self.init(reason: .unreachable, mayHaveArrived: false)
            case .tlsHandshakeTimeout: self.init(reason: .tlsFailed, mayHaveArrived: false)
            case .deadlineExceeded, .readTimeout, .writeTimeout: self.init(reason: .timedOut, mayHaveArrived: true)
            case .cancelled: self.init(reason: .cancelled, mayHaveArrived: true)
            default: self.init(reason: .broken, mayHaveArrived: true)
            }
        default: self.init(reason: .broken, mayHaveArrived: true)
        }
    }
}
