import KeyturnClient
import KeyturnTesting
import Testing

@Suite("Reading from a vault", .timeLimit(.minutes(5)))
struct ReadingTests {
    static let policies = [
        "shop.yaml": "policy: shop\nrules:\n  - {allow: [retrieve, list], keys: [\"shop/**\"]}\n"
    ]

    /// Settings that do not try again.
    static func impatient(_ settings: KeyturnSettings) -> KeyturnSettings {
        var settings = settings
        settings.patience = .zero
        return settings
    }

    @Test("What is refused, missing, unknown and sealed are errors of their own")
    func errors() async throws {
        try await KeyturnTestVault.run(policies: Self.policies) { test in
            try await test.put("shop/stripe", "sk_test_1")
            let settings = Self.impatient(try await test.settings(policies: ["shop"]))
            // Each time with a client of its own: a seal closes connections, of which a client may hear only later.
            func code(_ path: String) async throws -> KeyturnClientError.Code? {
                let vault = try KeyturnVault(settings)
                var code: KeyturnClientError.Code?
                do throws(KeyturnClientError) { _ = try await vault.value(of: path) } catch { code = error.code }
                await vault.close()
                return code
            }
            #expect(try await code("payments/stripe") == .refused)
            #expect(try await code("shop/nothing") == .notFound)
            try await test.seal()
            #expect(try await code("shop/stripe") == .sealed)
            try await test.unseal()
            #expect(try await code("shop/stripe") == nil)
            try await test.revoke(settings)
            #expect(try await code("shop/stripe") == .unauthorized)
        }
    }

    @Test("Nothing that answers is unreachable")
    func unreachable() async throws {
        var settings = try KeyturnSettings(address: KeyturnAddress("unix:/nonexistent/keyturn.sock"))
        settings.patience = .zero
        let vault = try KeyturnVault(settings)
        await #expect(throws: KeyturnClientError.self) { try await vault.values(of: ["a"]) }
        await vault.close()
    }

    @Test("Whoever waits for a sealed vault is served once it opens")
    func patience() async throws {
        try await KeyturnTestVault.run(policies: Self.policies) { test in
            try await test.put("shop/stripe", "sk_test_1")
            let vault = try KeyturnVault(try await test.settings(policies: ["shop"]))
            try await test.seal()
            async let value = vault.value(of: "shop/stripe")
            try await test.unseal()
            #expect(try await value == "sk_test_1")
            await vault.close()
        }
    }

    @Test("Several keys come from one moment or not at all, over the socket too")
    func together() async throws {
        try await KeyturnTestVault.run(policies: Self.policies) { test in
            try await test.put("shop/a", fields: ["id": "one", "secret": "two"])
            try await test.put("shop/b", bytes: [0, 0xFF, 7])
            let vault = try KeyturnVault(try await test.settings(policies: ["shop"], overSocket: true))
            let values = try await vault.values(of: ["shop/b", "shop/a"])
            #expect(values.map(\.path) == ["shop/b", "shop/a"])
            #expect(values[0].bytes() == [0, 0xFF, 7] && values[0].text() == nil)
            #expect(values[1].fieldNames == ["id", "secret"] && values[1].text(of: "secret") == "two")
            await #expect(throws: KeyturnClientError.self) { try await vault.values(of: ["shop/a", "shop/none"]) }
            #expect(try await vault.paths(beneath: "shop") == ["shop/a", "shop/b"])
            await vault.close()
        }
    }

    @Test("A value shows nothing of itself when it is printed")
    func redacted() async throws {
        try await KeyturnTestVault.run(policies: Self.policies) { test in
            try await test.put("shop/stripe", "sk_test_MARKER")
            let vault = try KeyturnVault(test.administrator)
            let value = try await vault.values(of: ["shop/stripe"])[0]
            var dumped = ""
            dump(value, to: &dumped)
            #expect(value.text() == "sk_test_MARKER")
            #expect(
                !dumped.contains("MARKER") && !"\(value)".contains("MARKER")
                    && !String(reflecting: value).contains("MARKER"))
            await vault.close()
        }
    }

    @Test("A vault that is let go without being closed ends nobody's process")
    func letGo() async throws {
        try await KeyturnTestVault.run(policies: Self.policies) { test in
            try await test.put("shop/stripe", "sk_test_1")
            for _ in 0..<3 {
                let vault = try KeyturnVault(test.administrator)
                #expect(try await vault.value(of: "shop/stripe") == "sk_test_1")
            }
        }
    }

    @Test("A thousand clients that ask at once when the vault opens are all served")
    func manyAtOnce() async throws {
        try await KeyturnTestVault.run(policies: Self.policies) { test in
            try await test.put("shop/stripe", "sk_test_1")
            var settings = try await test.settings(policies: ["shop"])
            // Whoever runs these tests may have other work on the machine.
            settings.patience = .seconds(600)
            let vault = try KeyturnVault(settings)
            try await test.seal()
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<1000 { group.addTask { try await vault.value(of: "shop/stripe") } }
                try await test.unseal()
                var served = 0
                for try await value in group where value == "sk_test_1" { served += 1 }
                #expect(served == 1000)
            }
            await vault.close()
        }
    }
}
