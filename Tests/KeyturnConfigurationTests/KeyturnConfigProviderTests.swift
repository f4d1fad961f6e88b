import Configuration
import ConfigurationTesting
import KeyturnClient
import KeyturnConfiguration
import KeyturnTesting
import Testing

@Suite("Keys as configuration", .timeLimit(.minutes(5)))
struct KeyturnConfigProviderTests {
    /// What swift-configuration's own tests of a provider expect to find.
    static let magic: [UInt8] = Array("magic".utf8)
    static let texts = [
        "string": "Hello", "other/string": "Other Hello", "int": "42", "other/int": "24", "double": "3.14",
        "other/double": "2.72", "bool": "true", "other/bool": "false", "bytes": "magic", "other/bytes": "magic2",
        "stringy/array": "Hello,World", "other/stringy/array": "Hello,Swift", "inty/array": "42,24",
        "other/inty/array": "16,32", "doubly/array": "3.14,2.72", "other/doubly/array": "0.9,1.8",
        "booly/array": "true,false", "other/booly/array": "false,true,true", "byteChunky/array": "bWFnaWM=,bWFnaWMy",
        "other/byteChunky/array": "bWFnaWM=,bWFnaWMy,bWFnaWM=",
    ]

    @Test("A key that may be listed and not retrieved refuses all of them; so does one that is not there")
    func refused() async throws {
        let policies = ["a.yaml": "policy: a\nrules:\n  - {allow: [list], keys: [\"**\"]}\n"]
        try await KeyturnTestVault.run(policies: policies) { test in
            try await test.put("shop/a", "x")
            let vault = try KeyturnVault(try await test.settings(policies: ["a"]))
            await #expect(throws: KeyturnClientError.self) { try await KeyturnConfigProvider(vault) }
            await #expect(throws: KeyturnClientError.self) { try await KeyturnConfigProvider(vault, paths: ["shop/b"]) }
            await vault.close()
        }
    }

    @Test("A value that is not of the type that is asked for is refused, and not repeated")
    func types() async throws {
        try await KeyturnTestVault.run { test in
            try await test.put("a", "MARKER")
            let vault = try KeyturnVault(test.administrator)
            let provider = try await KeyturnConfigProvider(vault)
            for type in [ConfigType.int, .double, .bool, .intArray, .doubleArray, .boolArray, .byteChunkArray] {
                let error = #expect(throws: KeyturnConfigError.self) {
                    try provider.value(forKey: AbsoluteConfigKey(["a"]), type: type)
                }
                #expect(error.map { !"\($0)".contains("MARKER") } == true)
            }
            await vault.close()
        }
    }

    @Test("swift-configuration's own tests of a provider pass, beneath a prefix")
    func conformance() async throws {
        try await KeyturnTestVault.run { test in
            for (path, text) in Self.texts { try await test.put("app/" + path, text) }
            try await test.put("string", "not beneath the prefix")
            let vault = try KeyturnVault(test.administrator)
            let provider = try await KeyturnConfigProvider(vault, prefix: "app")
            try await ProviderCompatTest(provider: provider).runTest()
            await vault.close()
        }
    }

    @Test("All of its values are secrets, and print as such")
    func secrets() async throws {
        try await KeyturnTestVault.run { test in
            try await test.put("shop/token", "MARKER")
            try await test.put("cloud/aws", fields: ["id": "AKIA", "secret": "MARKER2"])
            let vault = try KeyturnVault(test.administrator)
            let provider = try await KeyturnConfigProvider(vault, paths: ["shop/token", "cloud/aws"])
            let token = try provider.value(forKey: AbsoluteConfigKey(["shop", "token"]), type: .string)
            #expect(token.value?.isSecret == true && !"\(token)".contains("MARKER"))
            let field = try provider.value(forKey: AbsoluteConfigKey(["cloud", "aws", "secret"]), type: .string)
            #expect(field.value?.content == .string("MARKER2") && field.value?.isSecret == true)
            let bytes = try provider.value(forKey: AbsoluteConfigKey(["shop", "token"]), type: .bytes)
            #expect(bytes.value == ConfigValue(.bytes(Array("MARKER".utf8)), isSecret: true))
            await vault.close()
        }
    }

    @Test("Whoever watches gets a new version; whoever fetches gets it at once")
    func watching() async throws {
        try await KeyturnTestVault.run { test in
            try await test.put("shop/token", "one")
            let vault = try KeyturnVault(test.administrator)
            let provider = try await KeyturnConfigProvider(vault, prefix: "shop")
            let key = AbsoluteConfigKey(["token"])
            try await provider.watchValue(forKey: key, type: .string) { updates in
                var updates = updates.makeAsyncIterator()
                #expect(try await updates.next()?.get().value?.content == .string("one"))
                try await test.put("shop/token", "two")
                #expect(try await updates.next()?.get().value?.content == .string("two"))
            }
            try await test.put("shop/token", "three")
            #expect(try await provider.fetchValue(forKey: key, type: .string).value?.content == .string("three"))
            #expect(try provider.value(forKey: key, type: .string).value?.content == .string("three"))
            await vault.close()
        }
    }
}
