internal import Console
internal import HummingbirdCore
package import Logging
internal import NIOCore
package import NIOPosix
internal import ServiceLifecycle
package import Vault

/// The vault's door: all listeners, from the moment they are bound together until the last reply has gone out.
package final class KeyturnServer: Service {
    /// Where requests can be sent, once they can.
    package struct Addresses: Sendable, Equatable {
        package var operatorSocket: String
        package var socket: String?
        /// `http://127.0.0.1:8200` or `https://…`, with the port that was bound.
        package var url: String?
        package var port: Int?
    }

    /// How often those are looked for whose waiting is over.
    private static let tending = TimeAmount.milliseconds(250)

    /// Connections that may wait to be accepted: as many as there are clients when a machine room starts.
    static let backlog = 4096

    private let listeners: [Listener]
    private let desk: FrontDesk
    private let directory: UserDirectory
    private let registry = ConnectionRegistry()
    private let start: StartLine
    private let lanes: [ObjectIdentifier: Lane]
    private let group: MultiThreadedEventLoopGroup
    private let logger: Logger
    private let onReady: @Sendable (Addresses) async -> Void
    private let onStopped: @Sendable () async -> Void

    /// - Parameters:
    ///   - directory: gives the users of local sockets their names.
    ///   - now: wall-clock time in milliseconds since 1970.
    ///   - onReady: called once, when every listener is bound and requests are answered.
    ///   - onStopped: called once after the last reply, before ``run()`` returns or throws: seal the vault here.
    /// - Throws: ``ServerSettingError``. Nothing has been bound yet.
    package init(
        configuration: ServerConfiguration, vault: Vault, logger: Logger, directory: UserDirectory = .system,
        now: @escaping @Sendable () -> Int64, group: MultiThreadedEventLoopGroup = .singleton,
        onReady: @escaping @Sendable (Addresses) async -> Void = { _ in },
        onStopped: @escaping @Sendable () async -> Void = {}
    ) throws(ServerSettingError) {
        listeners = try configuration.listeners()
        let rules = PeerRules(
            trustedProxies: try configuration.proxies(), serverUser: ThisProcess.user,
            overflowUser: ThisProcess.overflowUser)
        let console = configuration.hasConsole ? Console(vault: vault, now: now, steady: SteadyClock.milliseconds) : nil
        desk = FrontDesk(
            intake: Intake(rules: rules, pages: console == nil ? nil : .console), limits: configuration.limits,
            vault: vault, log: AccessLog(logger: logger),
            connections: registry, console: console, now: now)
        start = StartLine(count: listeners.count)
        self.directory = directory
        self.group = group
        let desk = desk
        lanes =
            configuration.hasLane
            ? Dictionary(
                group.makeIterator().map { (ObjectIdentifier($0), Lane(loop: $0, desk: desk)) },
                uniquingKeysWith: { first, _ in first })
            : [:]
        self.logger = logger
        self.onReady = onReady
        self.onStopped = onStopped
        let registry = registry
        vault.onSealed { registry.retireAll() }
        // Those who wait leave room for those who do not.
        let most = configuration.limits.connections * 9 / 10
        vault.limitWaits(to: most, ofOne: max(1, most / 4))
    }

    /// Binds every listener, or none, and serves until a graceful shutdown.
    ///
    /// - Throws: ``ServerSettingError`` where an address or a socket's path is taken; then nothing has been served.
    package func run() async throws {
        defer { for case .local(let file) in listeners.map(\.place) { file.remove() } }
        let vault = desk.vault
        let tending = group.next().scheduleRepeatedTask(
            initialDelay: Self.tending, delay: Self.tending
        ) { _ in vault.tendWaits() }
        defer { tending.cancel() }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Lets go of listeners that wait for the others, which this group would wait for.
                defer { start.close() }
                for (index, listener) in listeners.enumerated() {
                    let service = try service(index, listener)
                    group.addTask { try await self.serve(service, listener) }
                }
                group.addTask { try await self.open() }
                for try await _ in group {}
            }
        } catch {
            await onStopped()
            throw error
        }
        await onStopped()
    }

    /// Reads the certificate and its key again, for the connections from now on.
    ///
    /// - Throws: ``ServerSettingError``; the certificate from before stays in use.
    package func reloadCertificates() throws(ServerSettingError) {
        for listener in listeners { try listener.certificates?.reload() }
    }

    /// Whether every event loop does what it is asked to; waits until it does.
    package func beat() async throws {
        for loop in group.makeIterator() { try await loop.submit {}.get() }
    }

    /// How many connections are open.
    package var connectionCount: Int { registry.count }

    /// How many requests were answered on the event loops so far.
    package var answeredInLane: Int { lanes.values.reduce(0) { $0 + $1.taken } }

    /// How many of those had a head that had come before on their connections.
    package var recognisedInLane: Int { lanes.values.reduce(0) { $0 + $1.recognised } }

    // MARK: Listeners

    private func service(_ index: Int, _ listener: Listener) throws -> any Service {
        // What the libraries say of their own connections may hold parts of requests.
        var quiet = logger
        quiet.logLevel = .critical
        let start = start
        let responder = DoorResponder(desk: desk, budget: BodyBudget(bytes: desk.limits.bodyBytes))
        let channel = GuardedChannel(
            responder: { request, writer, _ in try await responder.answer(request, writer) }, listener: listener,
            desk: desk, directory: directory, registry: registry, start: start, lanes: lanes)
        let address: BindAddress
        switch listener.place {
        case .local(let file): address = .unixDomainSocket(path: try file.prepare())
        case .network(let place): address = .hostname(place.host, port: place.port)
        case .inherited(let socket):
            return InheritedServer(
                descriptor: socket.descriptor, channel: channel, most: listener.connections, group: group,
                logger: quiet,
                onServerRunning: { await start.arrive(index, $0) })
        }
        return channel.server(
            configuration: HummingbirdCore.ServerConfiguration(
                address: address, serverName: nil, backlog: Self.backlog,
                availableConnectionsDelegate: MaximumAvailableConnections(listener.connections, logger: quiet)),
            onServerRunning: { await start.arrive(index, $0) }, eventLoopGroup: group, logger: quiet)
    }

    private func serve(_ service: any Service, _ listener: Listener) async throws {
        do {
            try await service.run()
        } catch let error as IOError {
            let place =
                switch listener.place {
                case .local(let file): file.path
                case .network(let address): "\(address)"
                case .inherited: "the socket that was handed over"
                }
            throw ServerSettingError(listener.setting, ThisProcess.bindFailure(place, error.errnoCode))
        }
        // Stopped before all had started.
        if !start.isOpen { throw CancellationError() }
    }

    private func open() async throws {
        let bound = try await start.allBound()
        for case .local(let file) in listeners.map(\.place) { try file.publish() }
        var addresses = Addresses(operatorSocket: "", socket: nil, url: nil, port: nil)
        for (index, listener) in listeners.enumerated() {
            switch listener.place {
            case .local(let file) where listener.door == .operatorSocket: addresses.operatorSocket = file.path
            case .local(let file): addresses.socket = file.path
            case .inherited(let socket) where socket.address == nil:
                addresses.socket = bound[index]?.localAddress?.pathname ?? "handed over"
            case .network, .inherited:
                guard let address = listener.place.address else { continue }
                let port = bound[index]?.localAddress?.port ?? address.port
                let host = address.host.contains(":") ? "[\(address.host)]" : address.host
                addresses.url = "\(listener.certificates == nil ? "http" : "https")://\(host):\(port)"
                addresses.port = port
            }
        }
        start.open()
        await onReady(addresses)
    }
}
