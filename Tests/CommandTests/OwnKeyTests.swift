import Foundation
import KeyturnClient
import KeyturnTesting
import SecretMemory
import Testing
import VaultAPI

@testable import keyturn

@Suite("The access key of a program", .timeLimit(.minutes(20)))
struct OwnKeyTests {
    static let policies = [
        "stays.yaml": """
        policy: stays
        rules:
          - allow: [retrieve]
            keys: ["shop/**"]
          - allow: [renew]
        """,
        "ends.yaml": """
        policy: ends
        rules:
          - allow: [retrieve]
            keys: ["shop/**"]
        """,
    ]

    /// Fetches with a key of a policy that ends in five of its hundred days; gives the key before and after.
    private static func fetch(_ policy: String, isWritable: Bool = true) async throws -> (before: String, after: String)
    {
        let folder = "/tmp/keyturn-own-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await KeyturnTestVault.run(policies: policies) { test in
            try await test.put("shop/token", "one")
            let settings = try await test.settings(policies: [policy], lifetime: "100d")
            let before = settings.accessKey?.disclosedText() ?? ""
            let file = AccessKeyFile(path: folder + "/key")
            try Data((before + "\n").utf8).write(to: URL(fileURLWithPath: file.path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            let vault = try KeyturnVault(settings)
            let plan = RunPlan(variables: [try EnvBinding("A=shop/token")])
            let provision = Provision(vault: vault, plan: plan, keyFile: isWritable ? file : nil)
            _ = try await provision.fetch()
            #expect(try file.read() == before)
            test.advance(by: .seconds(95 * 86_400))
            // Somebody who has the key and no file.
            let old = try KeyturnVault(settings)
            let without = Provision(vault: old, plan: plan)
            _ = try await without.fetch()
            let end = try #require(old.accessKeyExpires)
            _ = try await provision.fetch()
            // Whatever became of it, the program is served.
            _ = try await provision.fetch()
            let after = try file.read()
            // Rolled or not, the key before is honoured to its own end.
            _ = try await without.fetch()
            #expect(old.accessKeyExpires == end)
            await old.close()
            if after != before {
                #expect(vault.accessKey?.disclosedText() == after)
                // Another process that still has the key before finds the successor in the file.
                let second = try KeyturnVault(settings)
                let other = Provision(vault: second, plan: plan, keyFile: file)
                _ = try await other.fetch()
                #expect(second.accessKey?.disclosedText() == after)
                #expect(try file.read() == after)
                await second.close()
            }
            await vault.close()
            return (before, after)
        }
    }

    @Test("It stays what it is where the policies do not let its holder renew it")
    func refused() async throws {
        let keys = try await Self.fetch("ends")
        #expect(keys.before == keys.after)
    }

    @Test("It stays what it is where it came from no file")
    func noFile() async throws {
        let keys = try await Self.fetch("stays", isWritable: false)
        #expect(keys.before == keys.after)
    }

    @Test("Before it ends it is rolled once, and its successor stands in the file that it came from")
    func rolled() async throws {
        let keys = try await Self.fetch("stays")
        #expect(keys.before != keys.after && keys.after.hasPrefix("keyturn_"))
    }

    @Test(
        "A file that others may read is refused, and so is one without a key", arguments: [0o644, 0o640, 0o604, 0o600])
    func files(mode: Int) throws {
        let path = "/tmp/keyturn-own-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let failure = #expect(throws: Failure.self) { try AccessKeyFile(path: path).read() }
        #expect(failure?.exit == .usage)
        #expect(failure?.sentence.contains("closed to others") == (mode == 0o644 || mode == 0o604))
    }
}
