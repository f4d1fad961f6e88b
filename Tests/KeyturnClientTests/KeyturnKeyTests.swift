import KeyturnClient
import KeyturnTesting
import Testing

@Suite("A handle on a key", .timeLimit(.minutes(5)))
struct KeyturnKeyTests {
    @Test("There is no handle on a key that is not there")
    func missing() async throws {
        try await KeyturnTestVault.run { test in
            let vault = try KeyturnVault(test.administrator)
            await #expect(throws: KeyturnClientError.self) { try await vault.key("shop/none") }
            await vault.close()
        }
    }

    @Test("A new version is told, and is the current one from then on")
    func changes() async throws {
        try await KeyturnTestVault.run { test in
            try await test.put("shop/stripe", "one")
            let vault = try KeyturnVault(test.administrator)
            let stripe = try await vault.key("shop/stripe")
            #expect(stripe.current.text() == "one" && stripe.current.version == 1 && stripe.standing == .current)
            var changes = stripe.changes.makeAsyncIterator()
            try await test.put("shop/stripe", "two")
            #expect(await changes.next()?.text() == "two")
            #expect(stripe.current.text() == "two")
            try await test.put("shop/stripe", "three")
            #expect(await changes.next()?.version == 3)
            stripe.stop()
            #expect(await changes.next() == nil)
            #expect(stripe.current.text() == "three")
            var late = stripe.changes.makeAsyncIterator()
            #expect(await late.next() == nil)
            await vault.close()
        }
    }

    @Test("One field is followed alone")
    func field() async throws {
        try await KeyturnTestVault.run { test in
            try await test.put("cloud/aws", fields: ["id": "a", "secret": "b"])
            let vault = try KeyturnVault(test.administrator)
            let secret = try await vault.key("cloud/aws", field: "secret")
            #expect(secret.current.fieldNames == ["secret"])
            var changes = secret.changes.makeAsyncIterator()
            try await test.put("cloud/aws", fields: ["id": "c", "secret": "d"])
            #expect(await changes.next()?.text(of: "secret") == "d")
            await vault.close()
        }
    }

    @Test("A sealed vault leaves the value as it is, and what changed meanwhile is told afterwards")
    func throughSeal() async throws {
        try await KeyturnTestVault.run { test in
            try await test.put("shop/stripe", "one")
            let vault = try KeyturnVault(test.administrator)
            let stripe = try await vault.key("shop/stripe")
            var changes = stripe.changes.makeAsyncIterator()
            try await test.seal()
            #expect(stripe.current.text() == "one")
            try await test.unseal()
            try await test.put("shop/stripe", "two")
            #expect(await changes.next()?.text() == "two")
            #expect(stripe.standing == .current)
            await vault.close()
        }
    }

    @Test("A handle that is let go ends its sequence")
    func letGo() async throws {
        try await KeyturnTestVault.run { test in
            try await test.put("shop/stripe", "one")
            let vault = try KeyturnVault(test.administrator)
            var stripe: KeyturnKey? = try await vault.key("shop/stripe")
            let changes = try #require(stripe).changes
            stripe = nil
            var seen = 0
            for await _ in changes { seen += 1 }
            #expect(seen == 0)
            await vault.close()
        }
    }
}
