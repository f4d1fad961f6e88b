import Audit
import Foundation
import Synchronization
import Testing

@testable import Server

/// Every route of the table, asked three times: by a stranger, by somebody who may not, and by somebody who may.
@Suite("Each call leaves its one line in the audit log, with all that it should say", .timeLimit(.minutes(20)))
struct RouteLineTests {
    typealias Operation = Server.Operation

    @Test(
        "A stranger, somebody who may not and somebody who may leave one line each, at every route that asks who it is")
    func everyRoute() async throws {
        let clock = SteppedClock()
        try await RunningServer.run(
            policies: RouteWalk.policies, { $0.trustedProxies = ["127.0.0.1"] }, now: clock.now, steady: clock.now
        ) { running in
            let walk = try RouteWalk(running, clock)
            let documented = try DocumentedLine.all()
            var walked: Set<Operation> = []
            // Those that end the vault's or the caller's own present state come last.
            let last: [Operation] = [.rekey, .rollOwnKey]
            for operation in Operation.allCases.filter({ !last.contains($0) }) + last {
                guard let call = try await walk.call(operation) else { continue }
                let route = try #require(RouteTable.routes.first { $0.operation == operation })
                let line = try #require(documented[route.name])
                try walk.checkStranger(call, route)
                if call.isRefusable { try walk.checkRefused(call, route, line) }
                try walk.checkAllowed(call, route, line)
                walked.insert(operation)
            }
            // What is left are those of the seal, which the next test asks, and those that ask nothing of the vault.
            // Pages of the console are no calls: what they do leaves the lines of the operations that they ask for.
            #expect(Set(Operation.allCases).subtracting(walked) == Self.ofTheSeal.union(Self.ofNobody).union([.page]))
        }
    }

    /// Those whom nobody has to be known for: the passphrase speaks.
    private static let ofTheSeal: Set<Operation> = [.initialize, .confirm, .unseal, .seal, .recoverAccess]
    /// Those that say the same to everybody, and leave nothing.
    private static let ofNobody: Set<Operation> = [.status, .health, .openAPI]

    @Test("What says the same to everybody leaves nothing")
    func openToAll() async throws {
        try await RunningServer.run { running in
            let scene = AuditScene(running, at: running.port)
            let documented = try DocumentedLine.all()
            let key = try running.initialize()
            _ = try scene.news()
            for operation in Self.ofNobody.sorted(by: { $0.rawValue < $1.rawValue }) {
                let route = try #require(RouteTable.routes.first { $0.operation == operation })
                #expect(documented[route.name]?.kind == nil)
                for headers in [[:], ["Authorization": "Bearer \(key)"]] {
                    #expect(try scene.ask(operation, [:], headers).status == 200)
                }
            }
            #expect(try scene.news().isEmpty)
        }
    }

    @Test("Each call of the seal leaves a line where it is refused over the network, and where it is allowed")
    func seal() async throws {
        let clock = SteppedClock()
        try await RunningServer.run(now: clock.now, steady: clock.now) { running in
            let scene = AuditScene(running)
            func leaves(
                _ operation: Operation, query: String = "", _ headers: [String: String] = [:], _ body: String? = nil,
                _ expected: [String], _ location: SourceLocation = #_sourceLocation
            ) throws -> RawReply {
                let reply = try scene.ask(operation, query: query, headers, body: body)
                let found = try scene.news()
                #expect(found.map(\.brief) == expected, "\(reply.text)", sourceLocation: location)
                let route = RouteTable.routes.first { $0.operation == operation }?.name
                for line in found where line.callerKind != "system" {
                    let isWhole =
                        line.route == route && line.callerKind == "unix_user" && line.caller == "\(geteuid())"
                        && line.address == "unix" && line.duration != nil
                    #expect(isWhole, "\(line.line)", sourceLocation: location)
                }
                return reply
            }
            func refused(
                _ operation: Operation, _ code: String, query: String = "", _ body: String,
                _ location: SourceLocation = #_sourceLocation
            ) throws {
                clock.step()
                _ = try AuditScene(running, at: running.port).ask(operation, query: query, [:], body: body)
                let found = try scene.news()
                #expect(found.map(\.brief) == ["request refused request (\(code))"], sourceLocation: location)
                let route = RouteTable.routes.first { $0.operation == operation }?.name
                let isWhole = found.allSatisfy {
                    $0.route == route && $0.callerKind == "stranger" && $0.caller == nil && $0.address == "127.0.0.1"
                        && $0.duration != nil
                }
                #expect(isWhole, sourceLocation: location)
            }
            _ = try scene.news()
            let passphrase = RunningServer.passphrase
            try refused(.initialize, "refused", passphrase)
            let made = try leaves(.initialize, [:], passphrase, ["request initialize"])
            try refused(.confirm, "no_ceremony", query: "?ceremony=none", "code")
            let ceremony = try #require(made.json["ceremony"] as? String)
            let code = try #require(made.json["recovery_code"] as? String)
            let confirmed = try leaves(
                .confirm, query: "?ceremony=\(ceremony)", [:], code, ["intent confirm_initialization"])
            #expect(confirmed.json["access_key"] is String)
            try refused(.recoverAccess, "refused", passphrase)
            _ = try leaves(.recoverAccess, [:], passphrase, ["intent recover_access"])
            try refused(.seal, "unauthorized", "")
            _ = try leaves(.seal, [:], nil, ["intent record_usage", "request seal"])
            try refused(.unseal, "invalid_field", query: "?slot=7", "x")
            _ = try leaves(.unseal, [:], passphrase, ["request unseal"])
        }
    }
}

/// The wall clock, and a second and more ahead of it for each step.
final class SteppedClock: Sendable {
    private let ahead = Atomic<Int64>(0)
    /// What comes now is of another second than what came before.
    func step() { ahead.wrappingAdd(1_001, ordering: .relaxed) }
    var now: @Sendable () -> Int64 { { RunningServer.now() + self.ahead.load(ordering: .relaxed) } }
}
