import Audit
import Foundation
import SecretMemory
import Testing
import Vault

@testable import Server

/// Every route of the table against what docs/audit.md says that it leaves in the log.
@Suite("What each call leaves in the audit log", .timeLimit(.minutes(20)))
struct RouteAuditTests {
    typealias Operation = Server.Operation

    @Test("docs/audit.md has every route, and no other")
    func complete() throws {
        #expect(Set(try DocumentedLine.all().keys) == Set(RouteTable.routes.map(\.name)))
    }

    @Test("Attempts on the seal, right and wrong, leave a line each at the operator's door")
    func attempts() async throws {
        try await RunningServer.run { running in
            let scene = AuditScene(running)
            let auth = ["Authorization": "Bearer \(try running.initialize())"]
            _ = try scene.news()
            func leaves(
                _ operation: Operation, query: String = "", _ headers: [String: String] = [:], _ body: String? = nil,
                _ expected: [String], _ location: SourceLocation = #_sourceLocation
            ) throws {
                _ = try scene.ask(operation, query: query, headers, body: body)
                let found = try scene.news().map(\.brief)
                #expect(found == expected, sourceLocation: location)
            }
            try leaves(.unseal, [:], RunningServer.passphrase, ["request failed unseal (already_unsealed)"])
            try leaves(.authorize, auth, "wrong", ["request refused authorize_sealing (wrong_passphrase)"])
            try leaves(.recoverAccess, [:], "wrong", ["request refused recover_access (wrong_passphrase)"])
            try leaves(.initialize, [:], "again", ["request failed initialize (already_initialized)"])
            try leaves(
                .confirm, query: "?ceremony=none", [:], "code",
                ["request failed confirm_initialization (already_initialized)"])
            try leaves(.seal, auth, nil, ["intent record_usage", "request seal"])
            try leaves(.unseal, [:], "wrong", ["request refused unseal (wrong_passphrase)"])
            try leaves(.unseal, query: "?slot=7", [:], "x", ["request failed unseal (invalid_field)"])
            try leaves(.unseal, [:], RunningServer.passphrase, ["request unseal"])
        }
    }
}
