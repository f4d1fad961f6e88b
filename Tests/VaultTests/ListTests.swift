import Policy
import SecretMemory
import Testing

@testable import Vault

@Suite("List and search")
struct ListTests {
    @Test("A limit below one is refused, and one beyond a thousand is a thousand", arguments: [0, -1, .min])
    func lowLimits(_ limit: Int) async throws {
        let vault = try await TestVault.open()
        let error = await failure { try vault.list(KeyQuery(limit: limit)) }
        #expect(error?.code == .invalidField)
        #expect(error?.field == "limit")
    }

    @Test("A page never has more than a thousand keys")
    func cap() async throws {
        let vault = try await TestVault.open()
        for start in stride(from: 0, to: 1_200, by: 600) {
            let writes = try (start..<start + 600).map {
                KeyWrite(path: try path("k\($0)"), fields: [SecretField("value", "v")])
            }
            _ = try await vault.vault.importKeys(vault.administrator, writes, replace: false)
        }
        let page = try vault.vault.list(vault.administrator, KeyQuery(limit: 1_000_000))
        #expect(page.items.count == 1_000)
        let rest = try vault.vault.list(vault.administrator, KeyQuery(limit: .max, cursor: page.cursor))
        #expect(rest.items.count == 200)
        #expect(rest.cursor == nil)
    }

    @Test("Pages of every size neither skip nor repeat, and the last has no cursor", arguments: 1...8)
    func paging(_ limit: Int) async throws {
        let vault = try await TestVault.open()
        let paths = ["a", "a/b", "a-b", "a.b", "a/b/c", "b", "z"]
        for path in paths { try await vault.put(path) }
        #expect(try pages(vault, KeyQuery(limit: limit)) == paths.sorted())
        #expect(try pages(vault, KeyQuery(prefix: "a", limit: limit)) == ["a", "a/b", "a/b/c"])
    }

    @Test("A page goes on where it ended though keys come and go between")
    func changesBetween() async throws {
        let vault = try await TestVault.open()
        for path in ["b", "d", "f", "h"] { try await vault.put(path) }
        let first = try vault.vault.list(vault.administrator, KeyQuery(limit: 2))
        #expect(first.items.map(\.path.text) == ["b", "d"])
        try await vault.vault.destroy(vault.administrator, try path("d"), if: .none)
        try await vault.put("a")
        try await vault.put("e")
        #expect(try vault.list(KeyQuery(cursor: first.cursor)) == ["e", "f", "h"])
    }

    @Test("A cursor that nobody gave lists nothing that could not be listed, and never fails")
    func strangeCursors() async throws {
        let vault = try await TestVault.open()
        for path in ["a", "b/c", "b/d", "c"] { try await vault.put(path) }
        for cursor in ["", "b", "b/", "\u{0}", "b/c"] {
            let found = try vault.list(KeyQuery(prefix: "b", cursor: cursor))
            #expect(found == (cursor == "b/c" ? ["b/d"] : ["b/c", "b/d"]))
        }
        for cursor in ["zzz", "~", "é", "c"] { #expect(try vault.list(KeyQuery(prefix: "b", cursor: cursor)) == []) }
    }

    @Test("A prefix is whole segments, with or without a slash after it")
    func prefixes() async throws {
        let vault = try await TestVault.open()
        for path in ["pay", "payments", "payments/eu/x", "payments-old/y", "payments.z"] { try await vault.put(path) }
        for prefix in ["payments", "payments/"] {
            #expect(try vault.list(KeyQuery(prefix: prefix)) == ["payments", "payments/eu/x"])
        }
        #expect(try vault.list(KeyQuery(prefix: "pay")) == ["pay"])
        #expect(try vault.list(KeyQuery(prefix: "none")) == [])
    }

    @Test("A prefix that is no path is refused", arguments: ["/", "a//", "a//b", "../a", "a/.", "a/*", "é", "%2e"])
    func badPrefixes(_ prefix: String) async throws {
        let vault = try await TestVault.open()
        let error = await failure { try vault.list(KeyQuery(prefix: prefix)) }
        #expect(error?.code == .invalidField)
        #expect(error?.field == "prefix")
    }

    @Test("Words are found in path, name, description, provider, tags and shown prefix, all of them, in any case")
    func words() async throws {
        let vault = try await TestVault.open()
        try await vault.put(
            "billing/one", "sk_live_0123456789abcdefghijklmnopqrstuvwxyz",
            metadata: .init(name: "Checkout", description: "For the shop", provider: "Stripe", tags: ["team-blue"]))
        try await vault.put("billing/two", metadata: .init(provider: "Adyen"))
        for words in [["ONE"], ["checkout"], ["SHOP"], ["stripe"], ["blue"], ["sk_live"], ["stripe", "shop", "bill"]] {
            #expect(try vault.list(KeyQuery(words: words)) == ["billing/one"])
        }
        #expect(try vault.list(KeyQuery(words: ["billing"])).count == 2)
        #expect(try vault.list(KeyQuery(words: ["billing", "nothing"])) == [])
        // What is searched is not the value.
        #expect(try vault.list(KeyQuery(words: ["0123456789"])) == [])
        // Words do not run from one place into the next.
        #expect(try vault.list(KeyQuery(words: ["onecheckout"])) == [])
    }

    @Test("Tags, providers and states narrow a list; the trash is listed where it is asked for")
    func narrowing() async throws {
        let vault = try await TestVault.open()
        try await vault.put("active", metadata: .init(provider: "Stripe", tags: ["a"]))
        try await vault.put("expired", metadata: .init(tags: ["a", "b"], expires: .some(TestClock.start + 1)))
        try await vault.put("trashed", metadata: .init(tags: ["a"]))
        _ = try await vault.vault.trash(vault.administrator, try path("trashed"), if: .none)
        vault.clock.advance(1)
        #expect(try vault.list() == ["active", "expired"])
        #expect(try vault.list(KeyQuery(tag: "a")) == ["active", "expired"])
        #expect(try vault.list(KeyQuery(tag: "b")) == ["expired"])
        #expect(try vault.list(KeyQuery(tag: "A")) == [])
        #expect(try vault.list(KeyQuery(provider: "sTRIPE")) == ["active"])
        #expect(try vault.list(KeyQuery(state: .active)) == ["active"])
        #expect(try vault.list(KeyQuery(state: .expired)) == ["expired"])
        #expect(try vault.list(KeyQuery(state: .trashed)) == ["trashed"])
        #expect(try vault.list(KeyQuery(everything: true)) == ["active", "expired", "trashed"])
    }

    private func pages(_ vault: TestVault, _ query: KeyQuery) throws -> [String] {
        var (query, found) = (query, [String]())
        while true {
            let page = try vault.vault.list(vault.administrator, query)
            #expect(page.items.count <= query.limit)
            found += page.items.map(\.path.text)
            guard let cursor = page.cursor else { return found }
            // A page that is not the last is full.
            #expect(page.items.count == query.limit)
            query.cursor = cursor
        }
    }
}

@Suite("What a caller may list")
struct ListAuthorityTests {
    private func stocked() async throws -> TestVault {
        let vault = try await TestVault.open()
        for path in ["billing/x", "payments/hidden", "payments/hidden/a", "payments/hidden/b/c", "payments/open"] {
            try await vault.put(path)
        }
        return vault
    }

    @Test("Beneath a denied prefix nothing is listed, with and without a slash at the end")
    func denied() async throws {
        let vault = try await stocked()
        let lister = try await vault.caller("lister")
        for prefix in ["payments/hidden/b", "payments/hidden/b/", "payments/hidden/b/c"] {
            #expect(await code { try vault.list(KeyQuery(prefix: prefix), as: lister) } == .refused)
        }
        for prefix in ["", "payments", "payments/", "payments/hidden", "payments/hidden/"] {
            let found = try? vault.list(KeyQuery(prefix: prefix), as: lister)
            #expect(found?.contains { $0.hasPrefix("payments/hidden/") } != true)
        }
        #expect(try vault.list(as: lister).first == "billing/x")
    }

    @Test("A denied key is in no page, whatever the size of the page", arguments: 1...4)
    func deniedPages(_ limit: Int) async throws {
        let vault = try await stocked()
        let lister = try await vault.caller("lister")
        var (cursor, found): (String?, [String]) = (nil, [])
        repeat {
            let page = try vault.vault.list(lister, KeyQuery(limit: limit, cursor: cursor))
            found += page.items.map(\.path.text)
            cursor = page.cursor
        } while cursor != nil
        #expect(found == ["billing/x", "payments/open"])
    }

    @Test("Leave to retrieve everything is no leave to list, to inspect or to destroy")
    func wildcardOnValues() async throws {
        let vault = try await stocked()
        let reader = try await vault.caller("reader")
        let key = try path("payments/open")
        #expect(try vault.get("payments/open", as: reader) == "value")
        #expect(await code { try vault.list(as: reader) } == .refused)
        #expect(await code { try vault.inspect("payments/open", as: reader) } == .refused)
        #expect(await code { try await vault.put("payments/open", as: reader) } == .refused)
        #expect(await code { try await vault.vault.trash(reader, key, if: .none) } == .refused)
        #expect(await code { try await vault.vault.restore(reader, key) } == .refused)
        #expect(await code { try await vault.vault.destroy(reader, key, if: .none) } == .refused)
        #expect(await code { try await vault.vault.change(reader, key, .init(name: "x"), if: .none) } == .refused)
    }

    @Test("A search finds nothing in keys that may not be listed")
    func search() async throws {
        let vault = try await stocked()
        let lister = try await vault.caller("lister")
        #expect(try vault.list(KeyQuery(words: ["hidden"]), as: lister) == [])
        #expect(try vault.list(KeyQuery(cursor: "payments/hidden/a"), as: lister) == ["payments/open"])
    }
}
