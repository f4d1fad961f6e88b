import Foundation
import KeyturnClient
import TestThreads
import Testing

/// The orders of whoever presented `key`, or the status that says why not.
func orders(key: String, from address: String, _ vault: KeyturnVault) async throws -> (status: Int, body: String) {
    let answer = try await vault.verify(key, issuer: "shop", scope: "orders:read", from: address)
    guard answer.isValid else { return (answer.status, "") }
    return (200, "the orders of \(answer.owner ?? "")")
}

/// What docs/issued-keys.md shows in Swift, built and run.
@Suite(.blocks, .timeLimit(.minutes(20))) struct SwiftExampleTests {
    @Test("The function on the page is the one above")
    func same() throws {
        let own = try String(contentsOfFile: #filePath, encoding: .utf8)
        let blocks = try DocumentPage("docs/issued-keys.md").pieces.compactMap { piece -> String? in
            if case .block("swift", let lines, _) = piece { lines.joined(separator: "\n") } else { nil }
        }
        #expect(blocks.count == 2)
        #expect(own.contains(try #require(blocks.first)))
    }

    @Test("A service in Swift serves whom it should, and says why to the others")
    func serves() async throws {
        let server = try TestServer.ready(policies: IssuedKeyTests.policies)
        let issuer = ["issuer", "create", "shop", "--scope", "orders:read", "--scope", "orders:write"]
        #expect(try server.keyturn(issuer).code == 0)
        func make(_ arguments: [String]) throws -> String {
            let made = try server.keyturn(arguments + ["--json"])
            return try #require(made.json()["key"] as? String, "\(made.errors)")
        }
        let vault = try KeyturnVault(
            KeyturnSettings(environment: [
                "KEYTURN_ADDRESS": "http://127.0.0.1:\(server.port)",
                "KEYTURN_ACCESS_KEY": try make(["access", "create", "api", "--policy", "gateway"]),
            ]))
        let issue = ["issue", "shop", "a customer", "--owner", "acme", "--scope"]
        let good = try make(issue + ["orders:read", "--limit", "2/h"])
        let other = try make(issue + ["orders:write"])
        #expect(try await orders(key: good, from: "192.0.2.7", vault) == (200, "the orders of acme"))
        #expect(try await orders(key: other, from: "192.0.2.7", vault) == (403, ""))
        #expect(try await orders(key: good + "x", from: "192.0.2.7", vault) == (401, ""))
        #expect(try await orders(key: good, from: "192.0.2.7", vault).status == 200)
        let spent = try await vault.verify(good)
        #expect(spent.status == 429 && spent.code == "RATE_LIMITED" && spent.remaining == 0)
        #expect((spent.retryAfter ?? 0) > 0)
        await vault.close()
    }
}
